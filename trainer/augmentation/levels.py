"""Levels: how loud a sound is, and how loud another one is beside it. All are plain RMS, unweighted."""

import numpy as np
from numpy.typing import NDArray

from device.hearing.level import level_db

Samples = NDArray[np.float32]

SILENCE_DB = -60.0
"""A sound below this is treated as if it were this loud: nothing is scaled up without bound to match silence."""


def loudness_db(samples: Samples) -> float:
    """RMS of samples [n] in dBFS, at least SILENCE_DB."""
    return max(level_db(samples), SILENCE_DB)


def scaled(samples: Samples, gain_db: float) -> Samples:
    """Samples [n], louder by gain_db."""
    return samples * np.float32(10.0 ** (gain_db / 20.0))


def add(sound: Samples, noise: Samples, snr_db: float) -> Samples:
    """Sound [n] plus noise [n], the RMS of the noise snr_db below that of the sound, both over the whole clip.

    Noise without any power leaves the sound as it is.
    """
    power_db = level_db(noise)
    if power_db <= -119.0:
        return sound
    return sound + scaled(noise, loudness_db(sound) - snr_db - power_db)


def within(samples: Samples, ceiling: float = 1.0) -> Samples:
    """Samples [n] turned down, if need be, until no peak is over the ceiling."""
    peak = float(np.abs(samples).max(initial=0.0))
    return samples * np.float32(ceiling / peak) if peak > ceiling else samples
