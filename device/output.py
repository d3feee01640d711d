"""Lines for whoever started the program."""

import os
import sys

from hardware.errors import HardwareError


def say(line: str) -> None:
    """Print a line at once. Raises HardwareError when it can't be written, BrokenPipeError when the reader has gone."""
    try:
        print(line, flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is left to say would fail again at the end
        raise HardwareError(f"The output can't be written ({error.strerror}); send it elsewhere.") from error


def warn(sentence: str) -> None:
    """Say on standard error what went wrong."""
    print(f"lampyris: {sentence}", file=sys.stderr)
