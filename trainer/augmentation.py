"""Changes of a sequence that leave its emotion alone, made on features, where they cost nothing."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

MEL_FLOOR_DB = -100.0
"""What an empty mel band reads; no gain brings it lower."""

MFCC_1_PER_DECADE = float(np.sqrt(40.0))
"""mfcc_1, the DCT's first term, is the sum of 40 log10 filter outputs / sqrt(40): a factor g adds this * log10 g."""


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


def mix(
    x: Array, y: Array, weight: Array, side: Array, alpha: float, rng: np.random.Generator
) -> tuple[Array, Array, Array, Array]:
    """Mixup (Zhang et al., ICLR 2018, eq. 1) of a batch with a shuffle of itself: share ~ Beta(alpha, alpha).

    x [B, T, columns]; y, weight and side [B, T, 2]. A label counts only where both partners have one, and is open to
    a side only where both are.
    """
    other = rng.permutation(len(x))
    share = rng.beta(alpha, alpha, size=(len(x), 1, 1)).astype(np.float32)
    both = (weight > 0) & (weight[other] > 0)
    mixed_weight = np.where(both, share * weight + (1 - share) * weight[other], 0).astype(np.float32)
    mixed_side = np.where(side == side[other], side, 0).astype(np.float32)
    return share * x + (1 - share) * x[other], share * y + (1 - share) * y[other], mixed_weight, mixed_side
