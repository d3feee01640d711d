"""NoMicrophone: stands in for a microphone that is not there, so that the lamp glows faintly meanwhile."""

import time
from collections.abc import Callable

import numpy as np

from hardware.microphone import Block

RATE, SLOTS = 48_000, 2
BLOCK_S = 0.02
ASK_S = 5.0


class NoMicrophone:
    """Blocks of silence that are marked `deaf`, int32 [960, 2], in the time of the clock.

    came: asked every 5 s whether the real one is there; from then on read() gives None. None: it never comes.
    clock, sleep: seconds; can be replaced in tests.
    """

    rate, slots, live = RATE, SLOTS, True
    name = "no microphone"

    def __init__(
        self,
        came: Callable[[], bool] | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._came, self._clock, self._sleep = came, clock, sleep
        self._told_s = clock()
        self._ask_s = self._told_s + ASK_S
        self._ended = False

    @property
    def behind_s(self) -> float:
        """Seconds of silence that wait to be read."""
        return max(0.0, self._clock() - self._told_s)

    def read(self) -> Block | None:
        """The next block, when its time has passed."""
        if self._came is not None and not self._ended and self._clock() >= self._ask_s:
            self._ended = self._came()
            self._ask_s = self._clock() + ASK_S
        if self._ended:
            return None
        self._told_s += BLOCK_S
        left_s = self._told_s - self._clock()
        if left_s > 0:
            self._sleep(left_s)
        elif left_s < -1.0:
            self._told_s = self._clock()  # held up: that time is over
        return Block(np.zeros((round(BLOCK_S * RATE), SLOTS), np.int32), deaf=True)

    def close(self) -> None:
        """Nothing is held."""
