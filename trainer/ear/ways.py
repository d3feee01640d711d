"""How a sound gets to the ear: the same way for every class, so that the way tells nothing of the class.

The files of a class share rate, codec and level. Here every sound is cut to the same band, goes through the same
coders and gets a level out of the same range.
"""

import io
from typing import Literal

import numpy as np
import soundfile
from numpy.typing import NDArray

from device.hearing.level import level_db
from trainer.augmentation import conditions, recipes
from trainer.augmentation.filters import Cascade, low_pass
from trainer.augmentation.levels import scaled, within
from trainer.augmentation.library import Library

Samples = NDArray[np.float32]

Way = Literal["training", "raw", "equal", "narrow", "room"]
"""training: any band, coder, room, noise and microphone. raw: as the files come. equal: one band, one coder, any level.
narrow: the same through a telephone or a small radio. room: equal, then in a room, with noise 10 dB below, by the
lamp's microphone, as `test_all` hears music."""

RATE = 24_000
BANDS_HZ = (3_400.0, 5_500.0, 7_000.0, 8_000.0, 11_000.0)
"""Telephone, small radio, what nearly all speech here has, what all of it has, nearly everything."""
EQUAL_HZ, NARROW_HZ = BANDS_HZ[2], BANDS_HZ[:2]
"""No class has more than the others in any of these."""
MIDDLE_DB, RANGE_DB = -30.0, 20.0
CODERS = (("MP3", "MPEG_LAYER_III"), ("OGG", "OPUS"))
TEST_CODER = CODERS[0]
"""All files come as Opus already: this second coder is the same for all."""


def band_limited(samples: Samples, hz: float) -> Samples:
    """Samples [n] at RATE, 48 dB an octave down above hz."""
    return Cascade(low_pass(hz, 8, RATE)).process(samples)


def coded(samples: Samples, coder: tuple[str, str], economy: float) -> Samples:
    """Samples [n] at RATE through a lossy coder and back: [n]. economy: 0 (most bits) to below 1 (fewest)."""
    stream = io.BytesIO()
    kind, subtype = coder
    soundfile.write(stream, samples, RATE, format=kind, subtype=subtype, compression_level=economy)
    stream.seek(0)
    sound, _ = soundfile.read(stream, dtype="float32")
    return np.asarray(np.pad(sound, (0, max(0, len(samples) - len(sound))))[: len(samples)], np.float32)


def at_level(samples: Samples, rng: np.random.Generator) -> Samples:
    """Samples [n] with an RMS of MIDDLE_DB ± RANGE_DB dBFS, less where they would clip."""
    wanted_db = rng.uniform(MIDDLE_DB - RANGE_DB, MIDDLE_DB + RANGE_DB)
    return within(scaled(samples, wanted_db - level_db(samples)))


def heard(samples: Samples, way: Way, known: Library, rng: np.random.Generator) -> Samples:
    """Samples [n] at RATE as they come to the ear: [n]. known: rooms, and the noises that may be mixed in."""
    if way == "raw":
        return samples
    if way == "training":
        return _training(samples, known, rng)
    band_hz = NARROW_HZ[rng.integers(len(NARROW_HZ))] if way == "narrow" else EQUAL_HZ
    # The level before the coder too: it has a floor of its own.
    sound = coded(band_limited(at_level(samples, rng), band_hz), TEST_CODER, 0.8)
    if way == "room":
        sound = conditions.everything(at_level(sound, rng), RATE, known, rng)
    return at_level(sound, rng)


def _training(samples: Samples, known: Library, rng: np.random.Generator) -> Samples:
    sound = at_level(samples, rng)
    if rng.random() < 0.7:
        sound = band_limited(sound, BANDS_HZ[rng.integers(len(BANDS_HZ))])
    if rng.random() < 0.5:
        # Opus, which all files went through already, takes three times as long.
        coder = CODERS[int(rng.random() < 0.2)]
        sound = coded(within(sound), coder, rng.uniform(0.4, 0.95))
    if rng.random() < 0.75:
        sound = recipes.room(sound, RATE, known, rng)
    return at_level(sound, rng)
