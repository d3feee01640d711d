"""Dither: 8 bits that show more than 8, over time."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

_GOLDEN = 0.6180339887498949
BLINK_S = 0.5
"""A channel that would be lit for one frame in a longer time than that stays dark: it blinks visibly."""


class Dither:
    """Error diffusion in time: what a channel of a pixel is short of in one frame, it gets in a later one.

    The mean over time is exact, a level that is a whole step is steady, and so are 0 and full. Neighbors are out of
    step by the golden ratio, so that a diffused strip doesn't flicker as a whole.
    period_s: between two frames.
    """

    def __init__(self, pixels: int, channels: int = 3, period_s: float = 1 / 60) -> None:
        self._shape = (pixels, channels)
        self._least = np.float32(period_s / BLINK_S)
        self.reset()

    def process(self, duty: NDArray[np.float32], most_steps: int | None = None) -> NDArray[np.uint8]:
        """Duty [pixels, channels] in [0, 1] to bytes.

        most_steps: what all of them together may come to; the duty must keep to it, then the bytes do in every frame,
        not only in the mean.
        """
        level = duty * np.float32(255)
        level[level < self._least] = 0
        want = level + self._owed
        steps = np.floor(want)
        # Not more than the step above, and full stays full, whatever is owed.
        np.minimum(steps, np.ceil(level), out=steps)
        over = 0 if most_steps is None else int(steps.sum()) - most_steps
        if over > 0:
            self._hold_back(steps, level, want, over)
        np.subtract(want, steps, out=self._owed)
        np.minimum(self._owed, np.float32(1), out=self._owed)
        return steps.astype(np.uint8)

    def reset(self) -> None:
        """Forget what is owed."""
        channel = np.arange(self._shape[0] * self._shape[1])
        self._owed = (channel * _GOLDEN % 1).astype(np.float32).reshape(self._shape)

    def _hold_back(self, steps: NDArray[Any], level: NDArray[Any], want: NDArray[Any], over: int) -> None:
        """Give `over` channels their step in a later frame: those that are owed least."""
        raised = np.flatnonzero(steps > level)
        chosen = raised[np.argsort((want - steps).ravel()[raised], kind="stable")[:over]]
        steps.ravel()[chosen] -= 1
