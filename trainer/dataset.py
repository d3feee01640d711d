"""Dataset: the frames and targets of many clips in three arrays, as training and evaluation read them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.corpora.clip import QUADRANT_SIGNS, Clip
from trainer.recipe import Recipe

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Dataset:
    """Clip i has the frames frames[starts[i]:starts[i + 1]].

    frames: float32 [N, features.width], unpooled, all clips end to end. starts: int [clips + 1].
    targets: float32 [clips, 2], (valence, arousal) in [-1, 1]; weights: float32 [clips, 2], 0 where there is no label.
    sides: float32 [clips, 2], +1 or -1 where an output beyond the target on that side is no error, else 0.
    """

    clips: tuple[Clip, ...]
    frames: Array
    starts: NDArray[np.int64]
    targets: Array
    weights: Array
    sides: Array

    def of(self, index: int) -> Array:
        """[T, width] frames of clip `index`."""
        return self.frames[self.starts[index] : self.starts[index + 1]]

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Frames of every clip."""
        return np.diff(self.starts)

    def positions(self, corpus: str) -> NDArray[np.int64]:
        """Positions of one corpus' clips."""
        return np.flatnonzero([clip.corpus == corpus for clip in self.clips])


def label(clip: Clip, quadrant_targets: tuple[float, float]) -> tuple[tuple[float, float], tuple[float, float]]:
    """(valence, arousal) and (1 or 0 for each, whether it is known); a quadrant stands for its targets."""
    if clip.quadrant is not None:
        signs = QUADRANT_SIGNS[clip.quadrant]
        return (signs[0] * quadrant_targets[0], signs[1] * quadrant_targets[1]), (1.0, 1.0)
    known = (float(clip.valence is not None), float(clip.arousal is not None))
    return (clip.valence or 0.0, clip.arousal or 0.0), known


def sides(clip: Clip, one_sided: tuple[bool, bool]) -> tuple[float, float]:
    """The side of (valence, arousal) that the label leaves open: that of a quadrant, none of a number."""
    signs = (0, 0) if clip.quadrant is None else QUADRANT_SIGNS[clip.quadrant]
    return float(signs[0] * one_sided[0]), float(signs[1] * one_sided[1])


def assemble(clips: Sequence[Clip], frames: Sequence[Array], recipe: Recipe) -> Dataset:
    """Put clips and their frames together."""
    labels = [label(clip, recipe.quadrant_targets) for clip in clips]
    counts = dict(zip(recipe.corpora, recipe.weights, strict=True))
    weight = np.array([counts[clip.corpus] for clip in clips], dtype=np.float32)
    return Dataset(
        tuple(clips),
        np.concatenate(frames),
        np.cumsum([0, *(len(part) for part in frames)]),
        np.array([values for values, _ in labels], dtype=np.float32),
        np.array([known for _, known in labels], dtype=np.float32) * weight[:, None],
        np.array([sides(clip, recipe.one_sided) for clip in clips], dtype=np.float32),
    )
