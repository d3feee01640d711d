"""Keys: the lamp's controls on a terminal."""

import os
import select
import signal
import termios
import tty
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Self

HELP = (("s", "scene"), ("p", "palette"), ("space", "off/on"), ("q", "quit"))
_EVENTS = {ord("s"): "next_scene", ord("p"): "next_palette", ord(" "): "toggle", ord("q"): "quit"}
_ESCAPE = 0x1B


class Keys:
    """Takes single keys from a terminal, without echo and without waiting; a context manager.

    Ctrl-C works as ever. At Ctrl-Z it gives the terminal back, stops, and takes it again when the lamp goes on; a lamp
    in the background leaves the keys to whoever is in front. Both only happen within events(), never in between.

    terminal: its file descriptor. leave: called before a stop, to put away what is drawn.
    """

    def __init__(self, terminal: int, leave: Callable[[], None] | None = None) -> None:
        self._terminal, self._leave = terminal, leave
        self._before: list[Any] | None = None  # the terminal's settings, while we hold it
        self._stopping = self._gone = False

    def events(self) -> list[str]:
        """See device.controls.Controls. Keys without a meaning are passed over."""
        if self._stopping:
            self._stop()
        if self._gone or not self._in_front():
            return []
        self._take()
        events = []
        while not self._gone and select.select([self._terminal], [], [], 0)[0]:
            events += [_EVENTS[key] for key in self._read() if key in _EVENTS]
        return events

    def close(self) -> None:
        """Give the terminal back as it was; calling it again does nothing."""
        if self._before is not None and self._in_front():
            before, self._before = self._before, None
            try:
                termios.tcsetattr(self._terminal, termios.TCSADRAIN, before)
            except termios.error:  # a terminal that is gone needs nothing back
                self._gone = True

    def __enter__(self) -> Self:
        self._handler = signal.signal(signal.SIGTSTP, self._ask_to_stop)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.signal(signal.SIGTSTP, self._handler)
        self.close()

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        # Not here: the terminal may be in the middle of a drawing.
        self._stopping = True

    def _stop(self) -> None:
        self._stopping = False
        if self._leave is not None:
            self._leave()
        self.close()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)  # returns when the lamp is told to go on
        signal.signal(signal.SIGTSTP, self._ask_to_stop)

    def _in_front(self) -> bool:
        try:
            return os.tcgetpgrp(self._terminal) == os.getpgrp()
        except OSError:  # not the terminal that started us: nobody else takes its keys
            return True

    def _take(self) -> None:
        if self._before is None:
            try:
                self._before = termios.tcgetattr(self._terminal)
                tty.setcbreak(self._terminal, termios.TCSADRAIN)
            except termios.error:
                self._gone = True

    def _read(self) -> bytes:
        try:
            keys = os.read(self._terminal, 256)
        except OSError:  # the terminal was closed
            keys = b""
        self._gone = not keys
        # Arrows and their like are an escape and more: not s, p or q.
        return b"" if _ESCAPE in keys else keys.lower()
