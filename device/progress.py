"""Progress: tells systemd that the lamp hears and shines, not merely that it is alive."""

import time
from collections.abc import Callable

from hardware.light.notify import notify, watchdog_s


class Progress:
    """process(samples, frames) is told after each hop how many were read and shown so far.

    At the first frame it says READY=1; then WATCHDOG=1 as often as systemd asks, but only if samples were read and
    frames shown since the last time. tell: takes a state of sd_notify(3). clock: seconds. every_s: None if systemd
    doesn't ask.
    """

    def __init__(
        self,
        tell: Callable[[str], None] = notify,
        clock: Callable[[], float] = time.monotonic,
        every_s: float | None = None,
    ) -> None:
        self._tell, self._clock = tell, clock
        self._every_s = watchdog_s() if every_s is None else every_s
        self._ready = False
        self._next_s = 0.0
        self._samples = self._frames = 0

    def process(self, samples: int, frames: int) -> None:
        """See above."""
        if not self._ready:
            if frames < 1:
                return
            self._ready = True
            self._tell("READY=1")
        if self._every_s is None or samples <= self._samples or frames <= self._frames:
            return
        now_s = self._clock()
        if now_s >= self._next_s:
            self._samples, self._frames = samples, frames
            self._next_s = now_s + self._every_s
            self._tell("WATCHDOG=1")
