"""What the judgement hears: the same few conditions for every clip, from rooms and noises that training never used."""

import numpy as np
from numpy.typing import NDArray

from trainer.augmentation.levels import add, scaled
from trainer.augmentation.library import Library
from trainer.augmentation.microphone import Mems, gain_of
from trainer.augmentation.places import draw_noise, draw_room, played

Samples = NDArray[np.float32]

QUIET_DB = -20.0
SNR_DB = 10.0
"""Plain RMS against plain RMS, both over the whole clip."""
SPL_DB = 65.0
"""Music at home, loud enough to listen to."""
CORNER_HZ, TREBLE_DB, MEMS_SNR_DB = 60.0, 3.0, 64.0


def room(samples: Samples, rate: int, known: Library, rng: np.random.Generator) -> Samples:
    """In a room, as loud as before."""
    return played(samples, draw_room(known, rate, rng))


def quiet(samples: Samples, rate: int, known: Library, rng: np.random.Generator) -> Samples:
    """20 dB quieter."""
    return scaled(samples, QUIET_DB)


def noise(samples: Samples, rate: int, known: Library, rng: np.random.Generator) -> Samples:
    """With a noise 10 dB below, recorded if there are recordings."""
    return add(samples, draw_noise(known, len(samples), rate, rng, made_up=0.0), SNR_DB)


def capture(samples: Samples, rate: int, known: Library, rng: np.random.Generator) -> Samples:
    """By the lamp's microphone from 65 dB SPL, then amplified to the level it came with."""
    return _captured(samples, SPL_DB, rate, rng)


def everything(samples: Samples, rate: int, known: Library, rng: np.random.Generator) -> Samples:
    """Room, noise, microphone, and a gain of -20 dB behind it."""
    heard = noise(room(samples, rate, known, rng), rate, known, rng)
    return scaled(_captured(heard, SPL_DB, rate, rng), QUIET_DB)


def _captured(samples: Samples, spl_db: float, rate: int, rng: np.random.Generator) -> Samples:
    heard = Mems(CORNER_HZ, TREBLE_DB, MEMS_SNR_DB, rate).process(samples, spl_db, rng)
    return scaled(heard, -gain_of(samples, spl_db))
