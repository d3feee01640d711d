"""Interpolator: steady motion from frames that come slowly or late."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

_LONGEST_S = 0.25
"""A longer pause is no slow client: the picture doesn't take longer than this to change."""
_SLOW, _FAST = 1.4, 1.2
"""Periods from frame to frame: a client that is slower than the first is slow until it is faster than the second."""
_SPARE = 0.5
"""Periods: so much later than expected the next frame may come, and the motion doesn't stop."""


class Interpolator:
    """Goes from each frame to the next in as much time as frames take to come.

    Frames that come as fast as they are shown, or nearly, are shown as they are, at once.
    period_s: between two calls of process.
    """

    def __init__(self, period_s: float) -> None:
        self._period_s = period_s
        self._from: Any
        self._to: Any
        self._shown: Any
        self._came_s: float | None
        self._slow: bool
        self.reset()

    def take(self, light: NDArray[np.float32], now_s: float) -> None:
        """A new frame [pixels, 3] came."""
        if self._came_s is None or self._shown is None or self._shown.shape != light.shape:
            self._from, self._interval_s = light, self._period_s
        else:
            self._from = self._shown
            self._interval_s += 0.25 * (min(now_s - self._came_s, _LONGEST_S) - self._interval_s)
        self._slow = self._interval_s > (_FAST if self._slow else _SLOW) * self._period_s
        self._to, self._came_s, self._since_s = light, now_s, self._shown_s

    def process(self, now_s: float) -> Any:
        """The frame [pixels, 3] to show now; None before the first."""
        self._shown, self._shown_s = self._between(now_s), now_s
        return self._shown

    def reset(self) -> None:
        """Forget all frames."""
        self._from = self._to = self._shown = self._came_s = None
        self._since_s = self._shown_s = 0.0
        self._interval_s = self._period_s
        self._slow = False

    def _between(self, now_s: float) -> Any:
        if not self._slow:
            return self._to
        # From when the last one was shown, not from when this one came: else the first step would be a longer one.
        share = (now_s - self._since_s) / (self._interval_s + _SPARE * self._period_s)
        if share >= 1:
            return self._to
        return self._from + np.float32(max(share, 0.0)) * (self._to - self._from)
