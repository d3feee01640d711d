"""Pace: makes light frames wait for their moment."""

import time
from collections.abc import Callable

Wait = Callable[[float], None]
"""Called with the time of the next light frame, in seconds of sound; returns when it is due."""

LATE_S = 1.0


def at_once(t_s: float) -> None:
    """No waiting: as fast as the machine can."""


class RealTime:
    """Waits until a frame's time has come, counted from the first frame.

    A lamp that was held up for more than a second goes on from there at normal speed, rather than
    rushing through what it missed. clock and sleep can be replaced in tests.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self._origin: float | None = None

    def __call__(self, t_s: float) -> None:
        """Wait for the frame of time t_s."""
        now = self._clock()
        if self._origin is None or now - self._origin - t_s > LATE_S:
            self._origin = now - t_s
        left = self._origin + t_s - now
        if left > 0:
            self._sleep(left)
