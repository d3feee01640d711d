"""Clipping: what overdriven stages do to the loudest peaks."""

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]


class Clipping:
    """Holds a sound below a ceiling that lies drive_db under its own highest peak.

    soft: bend towards the ceiling (tanh, as amplifiers and loudspeakers do) instead of cutting (as converters do).
    """

    def __init__(self, drive_db: float, soft: bool) -> None:
        self.drive_db = drive_db
        self.soft = soft

    def process(self, samples: Samples) -> Samples:
        """Samples [n] to [n]; silence stays silence."""
        ceiling = np.float32(np.abs(samples).max(initial=0.0) * 10.0 ** (-self.drive_db / 20.0))
        if not ceiling > 0:
            return samples
        if self.soft:
            return ceiling * np.tanh(samples / ceiling)
        return np.clip(samples, -ceiling, ceiling)
