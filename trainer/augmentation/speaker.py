"""The loudspeaker that plays the music."""

import math
from typing import Self

import numpy as np

from trainer.augmentation.filters import Cascade, high_pass, low_pass, peak

KINDS = ((35.0, 60.0, 20_000.0), (60.0, 120.0, 14_000.0), (120.0, 350.0, 7_000.0))
"""Large, bookshelf, small: the range of the lowest frequency, and the lowest highest one, in Hz."""


class Speaker(Cascade):
    """A loudspeaker's band: from lowest_hz (12 dB an octave) to highest_hz (6 dB an octave), with one bump of bump_db.

    What is above 0.45 of the rate is not heard anyway and not filtered.
    """

    def __init__(self, lowest_hz: float, highest_hz: float, bump_hz: float, bump_db: float, rate: int) -> None:
        parts = [high_pass(lowest_hz, 2, rate), peak(bump_hz, bump_db, 1.0, rate)]
        if highest_hz < 0.45 * rate:
            parts.append(low_pass(highest_hz, 1, rate))
        super().__init__(*parts)

    @classmethod
    def drawn(cls, rng: np.random.Generator, rate: int) -> Self:
        """One of KINDS."""
        low, high, top = KINDS[rng.integers(len(KINDS))]
        bump_hz = math.exp(rng.uniform(math.log(300), math.log(5000)))
        return cls(rng.uniform(low, high), rng.uniform(top, 20_000.0), bump_hz, rng.uniform(-4, 4), rate)
