"""Frames to compare models over: the run's own, or made-up ones that wander as real ones do."""

import math
from typing import Literal

import keras
import numpy as np
from numpy.typing import NDArray

from convert.run import Run

MINUTES = 10.0
"""How long a comparison lasts at least: an error in the state may grow slowly."""


def wandering_frames(
    steps: int, center: NDArray[np.float32], scale: NDArray[np.float32], seed: int
) -> NDArray[np.float32]:
    """Seeded random walks [steps, width] around `center` that strays by about `scale`, with a jump now and then."""
    rng = np.random.default_rng(seed)
    pull = 0.95
    walk = np.empty((steps, len(center)))
    position = rng.standard_normal(len(center))
    for i in range(steps):
        if rng.random() < 0.01:  # another section, another song
            position = 1.5 * rng.standard_normal(len(center))
        position = pull * position + math.sqrt(1 - pull**2) * rng.standard_normal(len(center))
        walk[i] = position
    return (center + walk * scale).astype(np.float32)


def input_scale(member: keras.Model, width: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean and deviation [width] that the model takes its input to have; 0 and 1 if it does not say."""
    for layer in member.layers:
        if type(layer) is keras.layers.Normalization:
            mean, variance = (np.reshape(keras.ops.convert_to_numpy(x), -1) for x in (layer.mean, layer.variance))
            if mean.size == width:
                return mean, np.sqrt(variance)
    return np.zeros(width, np.float32), np.ones(width, np.float32)


def comparison_frames(
    run: Run, member: keras.Model, minutes: float = MINUTES
) -> tuple[NDArray[np.float32], Literal["recorded", "repeated", "made up"]]:
    """At least `minutes` of pooled frames [T, width] and where they are from: "recorded", "repeated" or "made up".

    Recorded frames that are too few are repeated from their start.
    """
    steps = math.ceil(minutes * 60.0 / run.step_s)
    if run.frames is None or len(run.frames) == 0:
        return wandering_frames(steps, *input_scale(member, run.width), seed=1), "made up"
    times = math.ceil(steps / len(run.frames))
    return np.tile(run.frames, (times, 1)), "recorded" if times == 1 else "repeated"
