"""Dataset: the pooled frames and targets of many clips, each heard in one or more ways."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from trainer.corpora.clip import SOUNDS, Clip
from trainer.recipe import Recipe
from trainer.targets import quadrant_number, rating_rows

Array = NDArray[np.float32]

TRAINING = 1
"""Raised whenever the code changes what the same recipe and clips come to: what was stored before counts no more."""


@dataclass(frozen=True)
class Hearing:
    """All clips, heard in one way, end to end. Clip i has the rows starts[i]:starts[i + 1].

    frames: float32 [N, recipe.width], pooled. ratings: float32 [N, len(RATINGS)], NaN where there is none.
    starts: int [clips + 1].
    """

    frames: Array
    ratings: Array
    starts: NDArray[np.int64]

    def of(self, index: int) -> Array:
        """[T, width] frames of clip `index`."""
        return self.frames[self.starts[index] : self.starts[index + 1]]

    def ratings_of(self, index: int) -> Array:
        """[T, len(RATINGS)] ratings of clip `index`."""
        return self.ratings[self.starts[index] : self.starts[index + 1]]

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Steps of every clip."""
        return np.diff(self.starts)


@dataclass(frozen=True)
class Dataset:
    """hearings: the plain sound first, then each of the recipe's changes. quadrants: int [clips], 0 to 3 or -1.
    sounds: int [clips], positions in SOUNDS.
    weights: float32 [clips], how much a step of each counts. means: float32 [clips, len(RATINGS)], over each clip.
    """

    clips: tuple[Clip, ...]
    hearings: tuple[Hearing, ...]
    quadrants: NDArray[np.int64]
    sounds: NDArray[np.int64]
    weights: Array
    means: Array

    @property
    def plain(self) -> Hearing:
        """The sound as it is."""
        return self.hearings[0]

    @property
    def corpora(self) -> list[str]:
        """The corpus of each clip."""
        return [clip.corpus for clip in self.clips]

    def positions(self, corpus: str) -> NDArray[np.int64]:
        """Positions of one corpus' clips."""
        return np.flatnonzero([clip.corpus == corpus for clip in self.clips])


def digest_of(recipe: Recipe, data: Dataset, chosen: NDArray[np.int64]) -> str:
    """What a training depends on, in 16 hex digits: the recipe, and the chosen clips with labels and lengths."""
    alone = msgspec.structs.replace(recipe, members=1)
    known = hashlib.sha256(msgspec.json.encode([TRAINING, alone, recipe.features.fingerprint]))
    for i in chosen:
        clip = data.clips[int(i)]
        about = [clip.corpus, clip.id, clip.group, clip.quadrant, clip.sound, data.means[int(i)].tobytes()]
        about += [int(hearing.lengths[int(i)]) for hearing in data.hearings]
        known.update(repr(about).encode())
    return known.hexdigest()[:16]


def assemble(clips: Sequence[Clip], frames: Sequence[Sequence[Array]], recipe: Recipe) -> Dataset:
    """Put clips and their pooled frames together: frames[i] are those of hearing i, one array for each clip."""
    counts = dict(zip(recipe.corpora, recipe.weights, strict=True))
    hearings = tuple(_hearing(clips, own, frames[0], recipe) for own in frames)
    plain = hearings[0]
    means = np.array([_mean(plain.ratings_of(i)) for i in range(len(clips))], dtype=np.float32)
    return Dataset(
        tuple(clips),
        hearings,
        np.array([quadrant_number(clip) for clip in clips], dtype=np.int64),
        np.array([SOUNDS.index(clip.sound) for clip in clips], dtype=np.int64),
        np.array([counts.get(clip.corpus, 1.0) for clip in clips], dtype=np.float32),
        means,
    )


def _hearing(clips: Sequence[Clip], frames: Sequence[Array], plain: Sequence[Array], recipe: Recipe) -> Hearing:
    rows = [
        rating_rows(clip, len(own), recipe.step_s, len(own) / len(first))
        for clip, own, first in zip(clips, frames, plain, strict=True)
    ]
    return Hearing(np.concatenate(frames), np.concatenate(rows), np.cumsum([0, *(len(own) for own in frames)]))


def _mean(rows: Array) -> Array:
    known = np.isfinite(rows)
    total = np.where(known, rows, 0).sum(axis=0)
    return np.where(known.any(axis=0), total / np.maximum(known.sum(axis=0), 1), np.nan).astype(np.float32)
