"""Progress: a line that says what is being done, and goes away."""

import sys
from types import TracebackType
from typing import Self, TextIO

from device.output import terminal_width
from hardware.light.ink import fit

_CLEAR = "\r\x1b[K"


class Progress:
    """Shows sentences on one line of a terminal, each over the last; nothing where `out` is none, as in a pipe."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = sys.stderr if out is None else out
        self._shows = self._out.isatty()
        self._shown = ""

    def say(self, sentence: str) -> None:
        """Show it instead of the last one."""
        if self._shows and sentence != self._shown:
            self._shown = sentence
            print(
                _CLEAR + fit(f"  … {sentence}", terminal_width(self._out) - 1).rstrip(),
                end="",
                file=self._out,
                flush=True,
            )

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            self._shown = ""
            print(_CLEAR, end="", file=self._out, flush=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.clear()
