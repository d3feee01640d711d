"""Lines for whoever started the program."""

import os
import sys
import textwrap
from typing import TextIO

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
    """Say on standard error what went wrong: in one line, or in a terminal between words in several."""
    text = f"lampyris: {sentence}"
    if sys.stderr.isatty():
        width = max(20, terminal_width(sys.stderr))
        text = textwrap.fill(text, width, break_long_words=False, break_on_hyphens=False)
    print(text, file=sys.stderr)


def terminal_width(stream: TextIO) -> int:
    """Columns of the terminal behind `stream`, else COLUMNS, else 100."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdigit() and int(columns) > 0:
        return int(columns)
    try:
        return os.get_terminal_size(stream.fileno()).columns or 100
    except (OSError, ValueError):  # no terminal, or a size that nobody set
        return 100
