"""Change: a named way for a sound to come out otherwise, with a fingerprint for the cache."""

from collections.abc import Callable

import msgspec
import numpy as np
from numpy.typing import NDArray

from device.errors import InputError
from trainer.augmentation import conditions, recipes
from trainer.augmentation.library import Half, Library, library, warn_of_none
from trainer.augmentation.seeds import digest, generator

Samples = NDArray[np.float32]

CAPTURE_RATE = 48_000
"""Of the lamp's microphone."""
LOWEST_RATE = 24_000


class _Way(msgspec.Struct, frozen=True):
    run: Callable[[Samples, int, Library, np.random.Generator], Samples]
    half: Half
    rate: int = LOWEST_RATE
    recordings: bool = False
    """Whether rooms and noises are part of it."""
    definition: int = 1
    """Raised whenever the code changes what it sounds like; it is part of the fingerprint."""


WAYS = {
    "music": _Way(recipes.music, "training"),
    "room": _Way(recipes.room, "training", recordings=True),
    "all": _Way(recipes.everything, "training", recordings=True),
    "shift": _Way(recipes.shift, "training"),
    "test_room": _Way(conditions.room, "evaluation", recordings=True),
    "test_quiet": _Way(conditions.quiet, "evaluation"),
    "test_noise": _Way(conditions.noise, "evaluation", recordings=True),
    "test_capture": _Way(conditions.capture, "evaluation", rate=CAPTURE_RATE),
    "test_all": _Way(conditions.everything, "evaluation", rate=CAPTURE_RATE, recordings=True, definition=2),
}
TRAINING = tuple(name for name, way in WAYS.items() if way.half == "training")
CONDITIONS = tuple(name for name, way in WAYS.items() if way.half == "evaluation")


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of WAYS, in one of any number of variants.

    name: of TRAINING or CONDITIONS. variant: 0 or more; another one draws another room, pitch and so on.
    corpora: folder that holds `gate` with rooms and noises, "" for the environment's (LAMPYRIS_CORPORA).

    Everything drawn follows from name, variant and the sound's key, so the same sound always comes out the same.
    Raises InputError for other names or variants.
    """

    name: str
    variant: int = 0
    corpora: str = ""

    def __post_init__(self) -> None:
        if self.name not in WAYS:
            raise InputError(f"The change {self.name!r} is not known; choose from {', '.join(WAYS)}.")
        if self.variant < 0:
            raise InputError(f"The variant of a change must be 0 or more, not {self.variant}.")

    @property
    def rate(self) -> int:
        """Samples per second at which the change is made."""
        return WAYS[self.name].rate

    @property
    def fingerprint(self) -> str:
        """16 hex digits that differ for any two changes, definitions of them, or sets of rooms and noises.

        Says once on stderr when the change needs recordings and there are none.
        """
        way, recordings = WAYS[self.name], ""
        if way.recordings:
            recordings = library(self.corpora, way.half).fingerprint
            if not recordings:
                warn_of_none()
        return digest(way.definition, self.name, self.variant, recordings).hex()[:16]

    def apply(self, samples: Samples, rate: int, key: str = "") -> Samples:
        """Mono samples, float32 [n] and finite, at `rate` (24000 or more) to [m] at the same rate.

        key: tells sounds apart, so that each gets its own draws; file_frames gives the hash of the file's content.
        InputError names a recorded room or noise that is damaged. ValueError for a lower rate.
        """
        if rate < LOWEST_RATE:
            raise ValueError(f"A change needs {LOWEST_RATE} samples a second or more, not {rate}.")
        if not len(samples):
            return samples
        way = WAYS[self.name]
        known = library(self.corpora if way.recordings else "", way.half)
        rng = generator(self.name, self.variant, key)
        return np.ascontiguousarray(way.run(np.asarray(samples, np.float32), rate, known, rng), np.float32)
