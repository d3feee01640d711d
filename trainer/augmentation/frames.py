"""Changes of a sequence that leave its emotion alone, made on features, where they cost nothing."""

import re

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

MEL_FLOOR_DB = -100.0
"""What an empty mel band reads; no gain brings it lower."""

MFCC_1_PER_DECADE = float(np.sqrt(40.0))
"""mfcc_1, the DCT's first term, is the sum of 40 log10 filter outputs / sqrt(40): a factor g adds this * log10 g."""

MEL_GROUP = 8
"""Neighboring mel bands that are masked together."""

Groups = tuple[NDArray[np.int64], ...]


class GainLaw:
    """What every column becomes when the sound is g times as loud, without hearing it again.

    columns: names, pooled ("mean_x", "std_x") or not. Energy (and its delta, mean and deviation) grows by g**2;
    levels of mel bands by 20 log10 g dB; mfcc_1 by sqrt(40) log10 g; all others, and all changes and deviations
    of logarithms, stay.
    """

    def __init__(self, columns: tuple[str, ...]) -> None:
        bare = [name.removeprefix("mean_").removeprefix("std_") for name in columns]
        level = [not name.startswith("std_") for name in columns]
        self.squares = np.array([name in ("energy", "delta_energy") for name in bare])
        self.mel = np.array([name.startswith("mel_") and is_level for name, is_level in zip(bare, level, strict=True)])
        mfcc = np.array([name == "mfcc_1" and is_level for name, is_level in zip(bare, level, strict=True)])
        self.per_db = (self.mel * 1.0 + mfcc * MFCC_1_PER_DECADE / 20.0).astype(np.float32)

    def apply(self, frames: Array, gain_db: Array) -> Array:
        """frames [..., columns], louder by gain_db [...] dB."""
        out = frames + gain_db[..., None] * self.per_db
        out[..., self.squares] *= (10.0 ** (gain_db / 10.0))[..., None]
        out[..., self.mel] = np.maximum(out[..., self.mel], MEL_FLOOR_DB)
        return np.asarray(out, dtype=np.float32)


def column_groups(columns: tuple[str, ...]) -> Groups:
    """Indices of the columns that say nearly the same and only hide anything when they are masked together.

    columns: names, pooled or not. Means, deviations and changes of a column go with it, numbered columns with their
    block (mfcc, chroma and so on), mel bands by eights.
    """
    groups: dict[str, list[int]] = {}
    for index, name in enumerate(columns):
        bare = name.removeprefix("mean_").removeprefix("std_").removeprefix("delta_")
        if band := re.fullmatch(r"mel_(\d+)", bare):
            bare = f"mel {(int(band[1]) - 1) // MEL_GROUP}"
        groups.setdefault(re.sub(r"_\d+$", "", bare), []).append(index)
    return tuple(np.array(group) for group in groups.values())


def mask(
    x: Array, rng: np.random.Generator, steps: float = 0.2, columns: float = 0.2, groups: Groups | None = None
) -> Array:
    """Blocks of steps and of columns set to 0, which is the mean where columns are standardized: a copy of x.

    After SpecAugment (Park et al., Interspeech 2019). x [B, T, C], standardized. In each sequence one stretch of a
    random length up to the share `steps` of T, and a random share up to `columns` of C: whole groups of
    column_groups in random order, or one run of neighbors without groups. Shares are 0 to 1, ValueError else.
    """
    if not (0 <= steps <= 1 and 0 <= columns <= 1):
        raise ValueError(f"masks need shares of 0 to 1, not {steps} and {columns}")
    out = x.copy()
    count, width = x.shape[1:]
    for sequence in out:
        long = int(rng.integers(int(steps * count) + 1))
        first = int(rng.integers(count - long + 1))
        sequence[first : first + long] = 0
        wide = int(rng.integers(int(columns * width) + 1))
        if groups is None:
            first = int(rng.integers(width - wide + 1))
            sequence[:, first : first + wide] = 0
            continue
        for number in rng.permutation(len(groups)):
            if len(groups[number]) <= wide:
                sequence[:, groups[number]] = 0
                wide -= len(groups[number])
    return out
