"""Targets: what the labels of a clip come to, for every step that the model makes over it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trainer.corpora.clip import QUADRANTS, Clip

Array = NDArray[np.float32]

RATINGS = ("valence", "arousal", "tension", "anger", "fear", "happy", "sad", "tender")
"""Columns of the ratings. The first two are the lamp's; the others teach it what to listen for."""

NO_QUADRANT = -1


def quadrant_number(clip: Clip) -> int:
    """0 to 3, or NO_QUADRANT."""
    return NO_QUADRANT if clip.quadrant is None else QUADRANTS.index(clip.quadrant)


def rating_rows(clip: Clip, steps: int, step_s: float, pace: float = 1.0) -> Array:
    """[steps, len(RATINGS)] the ratings of a clip at the end of each step, NaN where there is none.

    A curve is interpolated and says nothing more than a step before its first and after its last point.
    pace: length of the sound over that of the original one; a slower copy has its curve stretched with it.
    """
    out = np.full((steps, len(RATINGS)), np.nan, dtype=np.float32)
    for name, value in clip.ratings:
        if name in RATINGS:
            out[:, RATINGS.index(name)] = value
    if clip.curve is None:
        for column, told in enumerate((clip.valence, clip.arousal)):
            if told is not None:
                out[:, column] = told
        return out
    times = np.array(clip.curve.times) * pace
    ends = step_s * np.arange(1, steps + 1)
    within = (ends >= times[0] - step_s) & (ends <= times[-1] + step_s)
    for column, values in enumerate((clip.curve.valence, clip.curve.arousal)):
        out[within, column] = np.interp(ends[within], times, values)
    return out


class Scale:
    """Mean and deviation of every corpus' ratings, told by training clips alone: corpora are rated on different
    scales by different people, so the network learns standardized ratings and each corpus gets its own back.

    means [clips, len(RATINGS)] of each clip's ratings (NaN: none); corpora: names, one for each clip.
    """

    def __init__(self, means: Array, corpora: Sequence[str], chosen: NDArray[np.int64]) -> None:
        names = np.array(corpora)
        self._of: dict[str, tuple[Array, Array]] = {}
        for name in dict.fromkeys(names[chosen].tolist()):
            rows = means[chosen[names[chosen] == name]].astype(np.float64)
            known = np.isfinite(rows)
            count = np.maximum(known.sum(axis=0), 1)
            mean = np.where(known, rows, 0).sum(axis=0) / count
            spread = np.sqrt(np.where(known, np.square(rows - mean), 0).sum(axis=0) / count)
            # One clip, or equal ratings, tell no spread.
            spread[spread < 1e-3] = 1.0
            self._of[name] = mean.astype(np.float32), spread.astype(np.float32)

    def of(self, corpora: Sequence[str]) -> tuple[Array, Array]:
        """[n, len(RATINGS)] mean and deviation for n clips; of a corpus that was not trained on: 0 and 1."""
        plain = np.zeros(len(RATINGS), np.float32), np.ones(len(RATINGS), np.float32)
        both = [self._of.get(name, plain) for name in corpora]
        return np.stack([mean for mean, _ in both]), np.stack([spread for _, spread in both])
