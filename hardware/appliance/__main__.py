"""`python3 -m hardware.appliance`: what setup.sh hands on."""

import argparse
import errno
import sys
from collections.abc import Sequence

from hardware.appliance import flash, install, wheelhouse
from hardware.errors import HardwareError

STOPPED = 130
_FULL = (errno.ENOSPC, errno.EDQUOT)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; its exit code. Trouble is one sentence on standard error."""
    parser = argparse.ArgumentParser(prog="./setup.sh")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in (install, wheelhouse, flash):
        command.add(commands)
    options = parser.parse_args(arguments)
    try:
        code: int = options.run(options)
    except HardwareError as error:
        return _fail(str(error))
    except OSError as error:
        where = f" {error.filename}" if error.filename else ""
        if error.errno in _FULL:
            return _fail(f"There is no room left for{where or ' it'}; make some (sudo apt clean) and run it again.")
        return _fail(f"It can't go on with{where or ' this disk'} ({error.strerror}); put that right, run it again.")
    except KeyboardInterrupt:
        print("\nsetup.sh: stopped; run it again, it carries on.", file=sys.stderr)
        return STOPPED
    return code


def _fail(sentence: str) -> int:
    print(f"setup.sh: {sentence}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
