"""Pace: makes light frames wait for their moment."""

import time
from collections.abc import Callable

Wait = Callable[[float], None]
"""Called with the time of the next light frame, in seconds of sound; returns when it is due."""

LATE_S = 1.0
BEHIND_S = 0.06
LONGEST_S = 0.05


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


class Live:
    """Spreads the light frames of each hop over its time; how fast hops come, the microphone says.

    Frames follow each other at 98 % of their distance, so that the light is never later than it must be, whatever the
    clocks of computer and microphone. Nothing waits while sound does: what came late is caught up with.
    behind: seconds of sound that wait to be read. clock and sleep can be replaced in tests.
    """

    def __init__(
        self,
        behind: Callable[[], float],
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._behind, self._clock, self._sleep = behind, clock, sleep
        self._due_s = self._last_s = 0.0

    def __call__(self, t_s: float) -> None:
        """Wait for the frame of time t_s."""
        now_s = self._clock()
        # After a gap the next frame is not as late as the gap was long.
        due_s = self._due_s + 0.98 * min(t_s - self._last_s, LONGEST_S)
        self._due_s, self._last_s = max(now_s, due_s), t_s
        if due_s > now_s:
            if self._behind() > BEHIND_S:
                self._due_s = now_s
            else:
                self._sleep(due_s - now_s)
