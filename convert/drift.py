"""Drift: whether a model's difference from Keras grows with time, or only follows what is heard.

The same minutes are played twice without a break, and then the last frame is held. An error that depends on the music
is the same both times; one that a state gathers is larger in the second pass. Where the input stands still the state
must come to rest where Keras' does, and not stick on its way.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

HOLD_S = 60.0
SETTLED_S = 30.0
"""The start of each pass that doesn't count: before the second one is other music than before the first."""

MOST_GROWTH = 1.25
NOTICEABLE = 1e-4
"""Errors below this are rounding: whether they grow cannot be told, and needn't."""


@dataclass(frozen=True)
class Drift:
    """largest, rms: difference of any member's valence or arousal over all steps. seconds: that it was played.

    curve: RMS of every minute. growth: RMS of the second pass over that of the first, both without their start; or of
    the held end over the largest difference in the music, if that is more. 1 where all of them are below NOTICEABLE.
    """

    largest: float
    rms: float
    seconds: float
    curve: tuple[float, ...]
    growth: float


def rehearsal(frames: Array, step_s: float) -> Array:
    """The frames [T, width] twice, and the last one for another minute."""
    return np.concatenate([frames, frames, np.repeat(frames[-1:], round(HOLD_S / step_s), axis=0)])


def measure(expected: Array, got: Array, once: int, step_s: float) -> Drift:
    """Of two outputs [T, n] over a rehearsal of `once` frames. What is not finite is infinitely far."""
    error = np.abs(expected.astype(np.float64) - got)
    error[~np.isfinite(error)] = np.inf
    minute = max(1, round(60.0 / step_s))
    parts = np.array_split(error, range(minute, len(error), minute))
    settled = min(round(SETTLED_S / step_s), once // 2)
    first, second, held = (_rms(error[a:b]) for a, b in _spans(once, len(error), settled))
    growth = 1.0
    if max(first, second, held) > NOTICEABLE:
        growth = max(second / max(first, NOTICEABLE), held / max(error[: 2 * once].max(), NOTICEABLE))
    return Drift(
        float(error.max()), _rms(error), len(error) * step_s, tuple(round(_rms(part), 6) for part in parts), growth
    )


def _spans(once: int, whole: int, settled: int) -> tuple[tuple[int, int], ...]:
    return (settled, once), (once + settled, 2 * once), (2 * once + (whole - 2 * once) // 2, whole)


def _rms(error: NDArray[np.float64]) -> float:
    return float(np.sqrt(np.square(error).mean()))
