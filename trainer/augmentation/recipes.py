"""What training hears: the music changed, the music in a room, or both."""

import numpy as np
from numpy.typing import NDArray

from device.hearing.level import level_db
from trainer.augmentation.clipping import Clipping
from trainer.augmentation.effects import Delay, Equalizer, PitchAndTime
from trainer.augmentation.levels import add, loudness_db, scaled, within
from trainer.augmentation.library import Library
from trainer.augmentation.microphone import Mems
from trainer.augmentation.places import draw_noise, draw_room, played
from trainer.augmentation.speaker import Speaker

Samples = NDArray[np.float32]

SEEDS = 2**32


def shift(samples: Samples, rate: int, known: Library, rng: np.random.Generator) -> Samples:
    """Up to 0.4 s later, up to 6 dB louder or quieter."""
    later = Delay(0.4, rate, int(rng.integers(SEEDS))).process(samples)
    return within(scaled(later, rng.uniform(-6, 6)))


def music(samples: Samples, rate: int, known: Library, rng: np.random.Generator) -> Samples:
    """Up to 2 semitones higher or lower, a tenth faster or slower, seven bands and the level by up to 6 dB."""
    stretch = PitchAndTime(rng.uniform(-2, 2), rng.uniform(0.9, 1.1), rate, int(rng.integers(SEEDS)))
    colored = Equalizer(6.0, rate, int(rng.integers(SEEDS))).process(stretch.process(samples))
    return within(scaled(colored, rng.uniform(-6, 6)))


def room(samples: Samples, rate: int, known: Library, rng: np.random.Generator) -> Samples:
    """Loudspeaker, room, noise 5 to 30 dB below, microphone at 45 to 80 dB SPL, level 0 to -30 dB, some clipping.

    The level is against that of the samples: whatever amplifies behind the microphone is unknown.
    """
    sound = samples
    if rng.random() < 0.1:
        sound = Clipping(rng.uniform(3, 12), soft=True).process(sound)
    # The filters run over the short response instead of the whole sound.
    response = Speaker.drawn(rng, rate).process(draw_room(known, rate, rng))
    response = Equalizer(4.0, rate, int(rng.integers(SEEDS))).process(response)
    sound = played(sound, response)
    if rng.random() < 0.85:
        sound = add(sound, draw_noise(known, len(sound), rate, rng), rng.uniform(5, 30))
    heard = Mems.drawn(rng, rate).process(sound, rng.uniform(45, 80), rng)
    wanted_db = loudness_db(samples) + rng.uniform(-30, 0)
    heard = scaled(heard, wanted_db - level_db(heard))
    if rng.random() < 0.1:
        heard = Clipping(rng.uniform(1, 10), soft=False).process(heard)
    return np.clip(heard, -1, 1)


def everything(samples: Samples, rate: int, known: Library, rng: np.random.Generator) -> Samples:
    """Both in 45 of 100 cases, the room alone in 40, the music alone in 15."""
    choice = rng.random()
    changed = samples if choice > 0.6 else music(samples, rate, known, rng)
    return changed if choice < 0.15 else room(changed, rate, known, rng)
