"""Interpolator: steady motion from frames that come slowly or late."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

_LONGEST_S = 0.25
"""A longer pause is no slow client: the picture doesn't take longer than this to change."""


class Interpolator:
    """Goes from each frame to the next in as much time as frames take to come.

    Frames that come as fast as they are shown, or nearly, are shown as they are, at once.
    period_s: between two calls of process.
    """

    def __init__(self, period_s: float) -> None:
        self._period_s = self._interval_s = period_s
        self._from: Any = None
        self._to: Any = None
        self._came_s: float | None = None

    @property
    def empty(self) -> bool:
        """Whether there is nothing to show."""
        return self._to is None

    def take(self, light: NDArray[np.float32], now_s: float) -> None:
        """A new frame [pixels, 3] came."""
        shown = self.process(now_s - self._period_s)  # as it was shown last
        if self._came_s is None or shown is None or shown.shape != light.shape:
            shown, self._interval_s = light, self._period_s
        else:
            interval_s = min(now_s - self._came_s, _LONGEST_S)
            self._interval_s += 0.25 * (interval_s - self._interval_s)
        self._from, self._to, self._came_s = shown, light, now_s

    def process(self, now_s: float) -> Any:
        """The frame [pixels, 3] to show now; None before the first."""
        if self._to is None or self._came_s is None or self._interval_s < 1.5 * self._period_s:
            return self._to
        share = (now_s - self._came_s + self._period_s) / self._interval_s
        if share >= 1:
            return self._to
        return self._from + np.float32(max(share, 0.0)) * (self._to - self._from)

    def reset(self) -> None:
        """Forget all frames."""
        self._from = self._to = self._came_s = None
        self._interval_s = self._period_s
