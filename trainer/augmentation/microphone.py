"""The lamp's microphone: a digital MEMS one such as ICS-43434, INMP441 or SPH0645."""

import math
from typing import Self

import numpy as np
from numpy.typing import NDArray

from trainer.augmentation.filters import Cascade, high_pass, high_shelf
from trainer.augmentation.levels import loudness_db, scaled

Samples = NDArray[np.float32]

SENSITIVITY_DBFS = -26.0
"""What all three give for a tone of 94 dB SPL."""
REFERENCE_SPL_DB = 94.0
UNWEIGHTED_DB = 2.0
"""White noise up to 20 kHz is this much louder than its A-weighted level (IEC 61672-1)."""
STEP = 2.0**-23
"""One step of 24 bits with full scale 1."""


class Mems:
    """Sound pressure to samples: band limits, self-noise, full scale, 24 bits.

    corner_hz: -3 dB below the band (first order). treble_db: how far the flank of the resonance, which lies at 15 to
    20 kHz, has risen at the top. snr_db: A-weighted, against 94 dB SPL, as data sheets say it (61 to 65).
    """

    def __init__(self, corner_hz: float, treble_db: float, snr_db: float, rate: int) -> None:
        self.rate = rate
        self.snr_db = snr_db
        self.band = Cascade(high_pass(corner_hz, 1, rate), high_shelf(10_000.0, treble_db, rate))

    @classmethod
    def drawn(cls, rng: np.random.Generator, rate: int) -> Self:
        """One of the market."""
        return cls(rng.uniform(40, 100), rng.uniform(0, 4), rng.uniform(60, 66), rate)

    @property
    def noise_dbfs(self) -> float:
        """RMS of the self-noise below half the rate, taken as white."""
        share = (self.rate / 2) / 20_000.0
        return SENSITIVITY_DBFS - self.snr_db + UNWEIGHTED_DB + 10 * math.log10(share)

    def process(self, samples: Samples, spl_db: float, rng: np.random.Generator) -> Samples:
        """Samples [n], heard with an RMS of spl_db dB SPL, as the microphone gives them: [n], at its own level.

        Sound below levels.SILENCE_DB is taken to be as loud as that.
        """
        gain_db = gain_of(samples, spl_db)
        heard = self.band.process(scaled(samples, gain_db))
        heard = heard + scaled(rng.standard_normal(len(samples), dtype=np.float32), self.noise_dbfs)
        return np.asarray(np.clip(np.rint(heard / STEP) * STEP, -1.0, 1.0 - STEP), np.float32)


def gain_of(samples: Samples, spl_db: float) -> float:
    """dB that bring samples [n] to what the microphone gives for spl_db dB SPL."""
    return spl_db - REFERENCE_SPL_DB + SENSITIVITY_DBFS - loudness_db(samples)
