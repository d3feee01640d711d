"""Where the music plays: which room, and what else is heard there."""

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from trainer.augmentation import library, noises, rooms
from trainer.augmentation.levels import loudness_db, scaled
from trainer.augmentation.library import Library

Samples = NDArray[np.float32]

ROOMS = {"training": range(64), "evaluation": range(1_000, 1_032)}
"""Numbers of the simulated rooms of either half."""
RECORDED = 0.5
"""Share of recorded rooms where there are any."""
MADE_UP = 0.2
"""Share of made-up noises where there are recorded ones."""
SPEECH = 0.15
"""Share of people talking; any other label is as likely as the next."""


def draw_room(known: Library, rate: int, rng: np.random.Generator, recorded: float = RECORDED) -> Samples:
    """The impulse response [n] of a room of the library's half."""
    if known.rooms and rng.random() < recorded:
        return library.response(known.rooms[rng.integers(len(known.rooms))], rate)
    return rooms.simulated(int(rng.choice(ROOMS[known.half])), rate)


def draw_noise(known: Library, count: int, rate: int, rng: np.random.Generator, made_up: float = MADE_UP) -> Samples:
    """A noise [count] of the library's half; without recordings pink, brown or hum."""
    if not known.noises or rng.random() < made_up:
        if rng.random() < 0.25:
            return noises.hum(count, int(rng.choice([50, 60])), rate, rng)
        return noises.coloured(count, rng.uniform(0.5, 2.0), rate, rng)
    labels = sorted(known.noises.keys() - {"speech"})
    talking = "speech" in known.noises and (not labels or rng.random() < SPEECH)
    files = known.noises["speech" if talking else labels[rng.integers(len(labels))]]
    return noises.laid_out(library.noise(files[rng.integers(len(files))], rate), count, rate, rng)


def played(samples: Samples, response: Samples) -> Samples:
    """Samples [n] as they sound in a room: [n], as loud as before."""
    wet = np.asarray(signal.oaconvolve(samples, response)[: len(samples)], np.float32)
    return scaled(wet, loudness_db(samples) - loudness_db(wet))
