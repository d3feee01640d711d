"""A slow breath along the strip."""

from math import pi

import numpy as np


class Breath:
    """Swells and ebbs as a sine does, the ends of the strip a little after its middle.

    period_s: of one breath. lag: of the ends, radians. pixels: of the strip.
    """

    def __init__(self, pixels: int, period_s: float, lag: float = 0.6) -> None:
        self._period_s = period_s
        self._lag = lag * (1.0 - middle_light(pixels))
        self.reset()

    def reset(self) -> None:
        """Breathed out."""
        self._now_s = 0.0

    def process(self, dt_s: float) -> None:
        """Go on by dt_s seconds."""
        self._now_s = (self._now_s + dt_s) % self._period_s

    def share(self) -> np.ndarray:
        """0, breathed out, to 1, breathed in, float32 [pixels]."""
        phase = np.float32(2 * pi * self._now_s / self._period_s)
        return np.asarray(0.5 - 0.5 * np.cos(phase - self._lag))


def places(pixels: int) -> np.ndarray:
    """Where each pixel lies, float64 [pixels]: -1 at one end, 0 in the middle, 1 at the other end."""
    return np.linspace(-1.0, 1.0, pixels) if pixels > 1 else np.zeros(1)


def middle_light(pixels: int) -> np.ndarray:
    """1 in the middle of the lamp, softly less toward its ends, float32 [pixels]."""
    return np.exp(-((places(pixels) / 0.7) ** 2)).astype(np.float32)
