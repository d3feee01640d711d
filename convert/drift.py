"""Drift: whether a model's difference from Keras grows with time, or only follows what is heard.

The same minutes are played twice without a break, and then some frames of them are held, each for half a minute. An
error that depends on the music is the same both times; one that a state gathers is larger in the second pass. Where the
input stands still the state must come to rest where Keras' does, and not stick on its way.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

HELD = 6
"""Frames that are held, from all over the music."""
HOLD_S = 30.0
SETTLED_S = 30.0
"""The start of each pass that doesn't count: before the second one is other music than before the first."""

MOST_GROWTH = 1.25
MOST_REST = 2.5
"""Six frames are few: where nothing sticks, their error is still up to about twice the music's."""
NOTICEABLE = 1e-4
"""Errors below this are rounding: whether they grow cannot be told, and needn't."""


@dataclass(frozen=True)
class Drift:
    """largest, rms: difference of any member's valence or arousal over all steps. seconds: that it was played.

    curve: RMS of every minute. growth: RMS of the second pass over that of the first, both without their start. rest:
    RMS of the second half of every hold over that of the music. Both are 1 where all of these are below NOTICEABLE.
    """

    largest: float
    rms: float
    seconds: float
    curve: tuple[float, ...]
    growth: float
    rest: float


def rehearsal(frames: Array, step_s: float) -> Array:
    """The frames [T, width] twice, then HELD of them, each held for HOLD_S."""
    still = frames[np.linspace(0, len(frames) - 1, HELD).round().astype(int)]
    return np.concatenate([frames, frames, np.repeat(still, _hold(step_s), axis=0)])


def measure(expected: Array, got: Array, once: int, step_s: float) -> Drift:
    """Of two outputs [T, n] over a rehearsal of `once` frames. What is not finite is infinitely far."""
    error = np.abs(expected.astype(np.float64) - got)
    error[~np.isfinite(error)] = np.inf
    minute = max(1, round(60.0 / step_s))
    parts = np.array_split(error, range(minute, len(error), minute))
    settled = min(round(SETTLED_S / step_s), once // 2)
    first, second, music = (_rms(error[a:b]) for a, b in ((settled, once), (once + settled, 2 * once), (0, 2 * once)))
    holds = error[2 * once :].reshape(HELD, _hold(step_s), -1)
    held = _rms(holds[:, _hold(step_s) // 2 :])
    growth = rest = 1.0
    if max(first, second, held) > NOTICEABLE:
        growth, rest = second / max(first, NOTICEABLE), held / max(music, NOTICEABLE)
    curve = tuple(round(_rms(part), 6) for part in parts)
    return Drift(float(error.max()), _rms(error), len(error) * step_s, curve, growth, rest)


def _hold(step_s: float) -> int:
    return max(2, round(HOLD_S / step_s))


def _rms(error: NDArray[np.float64]) -> float:
    return float(np.sqrt(np.square(error).mean()))
