"""Changes of the music itself: pitch, tempo, timbre, level, beginning. The only module that knows audiomentations."""

import numpy as np
from numpy.typing import NDArray

from trainer.augmentation.seeds import seeded

Samples = NDArray[np.float32]

SHORTEST_S = 0.1
"""Shorter sounds have no pitch, tempo or timbre to speak of, and are left alone."""


class PitchAndTime:
    """Transposes by `semitones` and plays `speed` times as fast, each by itself, in one pass.

    Both at once cost what one of them does in audiomentations, whose stretcher this is (Signalsmith Stretch).
    """

    def __init__(self, semitones: float, speed: float, rate: int, seed: int) -> None:
        self.semitones, self.speed, self.rate, self.seed = semitones, speed, rate, seed

    def process(self, samples: Samples) -> Samples:
        """Samples [n] to about [n / speed]."""
        from python_stretch import Signalsmith

        if len(samples) < SHORTEST_S * self.rate:
            return samples
        stretch = Signalsmith.Stretch(self.seed)
        stretch.preset(1, self.rate)
        stretch.setTransposeSemitones(self.semitones)
        stretch.timeFactor = self.speed
        return np.asarray(stretch.process(samples[None]), np.float32)[0]


class Equalizer:
    """Seven bands, each at a random frequency of its range, up or down by as much as gain_db; 24000 Hz or more."""

    def __init__(self, gain_db: float, rate: int, seed: int) -> None:
        self.limit_db, self.rate, self.seed = gain_db, rate, seed

    def process(self, samples: Samples) -> Samples:
        """Samples [n] to [n]."""
        from audiomentations import SevenBandParametricEQ

        if len(samples) < SHORTEST_S * self.rate:
            return samples
        with seeded(self.seed):
            return np.asarray(
                SevenBandParametricEQ(-self.limit_db, self.limit_db, p=1.0)(samples, sample_rate=self.rate), np.float32
            )


class Delay:
    """Begins up to longest_s later, after silence, so that frames and steps cut the music elsewhere."""

    def __init__(self, longest_s: float, rate: int, seed: int) -> None:
        self.longest_s, self.rate, self.seed = longest_s, rate, seed

    def process(self, samples: Samples) -> Samples:
        """Samples [n] to [n]; what no longer fits is lost."""
        from audiomentations import Shift

        longest = min(round(self.longest_s * self.rate), len(samples) // 2)
        if len(samples) < SHORTEST_S * self.rate:
            return samples
        with seeded(self.seed):
            shift = Shift(0, longest, "samples", rollover=False, fade_duration=0.005, p=1.0)
            return np.asarray(shift(samples, sample_rate=self.rate), np.float32)
