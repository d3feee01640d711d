"""`tests/appliance/run`: an image of Raspberry Pi OS becomes a lamp, for each system named."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from hardware.appliance.emulate import check_machine
from hardware.appliance.systems import SYSTEMS
from hardware.errors import HardwareError
from tests.appliance.report import Failed, Report
from tests.appliance.way import Way

PROJECT = Path(__file__).parents[2]


def main() -> int:
    """0 when all of it is as it must be."""
    parser = argparse.ArgumentParser(prog="tests/appliance/run", description=__doc__)
    parser.add_argument("systems", nargs="*", metavar="SYSTEM", help=f"{' '.join(SYSTEMS)} (both)")
    parser.add_argument("--work", type=Path, default=PROJECT / "build" / "appliance", help="for roots and downloads")
    options = parser.parse_args()
    if wrong := set(options.systems) - set(SYSTEMS):
        parser.error(f"there is no system {', '.join(sorted(wrong))}; choose of {', '.join(SYSTEMS)}.")
    failed = []
    for name in options.systems or SYSTEMS:
        try:
            check_machine(SYSTEMS[name])
            if not Path("/dev/loop-control").exists():
                raise HardwareError("This kernel has no loop devices, which stand in for cards; use another machine.")
            Way(SYSTEMS[name], PROJECT, options.work, Report(name, options.work / f"test-{name}.log")).go()
        except HardwareError as error:
            print(f"{name:9} {error}", file=sys.stderr)
            failed.append(name)
        except (Failed, OSError, subprocess.CalledProcessError):
            failed.append(name)  # told already; the next system is tried all the same
    print(f"FAILED: {', '.join(failed)}" if failed else "All of it is as it must be.")
    return 1 if failed else 0


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(main())
