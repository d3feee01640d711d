"""The ear's weights as arrays: out of Keras, several networks as one, and their answers to whole streams."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device.hearing.sound_class import inputs, recur, softmax, standardized, steps_of
from trainer.ear.store import HOPS, SPEC
from trainer.ear.streams import Stream

Array = NDArray[np.float32]
Weights = dict[str, Array]
"""As device.hearing.sound_class reads them."""


def weights_of(model: Any, scale: Weights) -> Weights:
    """The arrays of a Keras model, and those that standardize its inputs."""

    def layer(name: str) -> list[Array]:
        return list(model.get_layer(name).get_weights())

    filters, filters_bias = layer("filters")
    hidden, hidden_bias = layer("hidden")
    kernel, recurrent, bias = layer("gru")
    out, out_bias = layer("out")
    return scale | {
        "filters": filters,
        "filters_bias": filters_bias,
        "hidden": hidden,
        "hidden_bias": hidden_bias,
        "kernel": kernel,
        "bias": bias[0],
        "recurrent": recurrent,
        "recurrent_bias": bias[1],
        "out": out,
        "out_bias": out_bias,
    }


def merged(members: Sequence[Weights]) -> Weights:
    """Networks with the same inputs as one: their units side by side, its logits the mean of theirs.

    So an ensemble costs the lamp a few wider arrays and not a line of code.
    """

    def side_by_side(name: str, groups: int = 1) -> Array:
        """Outputs [..., groups * width]: in each group those of one member after those of the other."""
        parts = [np.stack(np.split(one[name], groups, -1), -2) for one in members]
        return np.stack(parts, -2).reshape(*parts[0].shape[:-2], -1)

    def apart(name: str, sources: int, groups: int) -> Array:
        """Kernels [sources * width, groups * width]: each member sees what came from itself."""
        rows, columns = (size // part for size, part in zip(members[0][name].shape, (sources, groups), strict=True))
        count = len(members)
        out = np.zeros((sources, count, rows, groups, count, columns), np.float32)
        for number, one in enumerate(members):
            out[:, number, :, :, number] = one[name].reshape(sources, rows, groups, columns)
        return out.reshape(sources * count * rows, groups * count * columns)

    first = members[0]
    return {
        "mean": first["mean"],
        "deviation": first["deviation"],
        "filters": side_by_side("filters"),
        "filters_bias": side_by_side("filters_bias"),
        "hidden": apart("hidden", 2, 1),
        "hidden_bias": side_by_side("hidden_bias"),
        "kernel": apart("kernel", 1, 3),
        "bias": side_by_side("bias", 3),
        "recurrent": apart("recurrent", 1, 3),
        "recurrent_bias": side_by_side("recurrent_bias", 3),
        "out": np.concatenate([one["out"] for one in members]) / np.float32(len(members)),
        "out_bias": np.mean([one["out_bias"] for one in members], axis=0, dtype=np.float32),
    }


def probabilities(weights: Weights, stream: Stream, used: Sequence[str]) -> Array:
    """Stacked streams [streams, steps] to probabilities [streams, steps, classes], each from a fresh start."""
    x, _ = inputs(stream.frames, SPEC.columns, used)
    x = standardized(x, weights)
    x = np.pad(x, ((0, 0), (len(weights["filters"]) - 1, 0), (0, 0)))
    fresh = steps_of(x, weights, HOPS) @ weights["kernel"] + weights["bias"]
    state = np.zeros((len(x), len(weights["recurrent"])), np.float32)
    logits = np.empty((*fresh.shape[:2], len(weights["out_bias"])), np.float32)
    for at in range(fresh.shape[1]):
        state = recur(fresh[:, at], state, weights)
        logits[:, at] = state @ weights["out"] + weights["out_bias"]
    return softmax(logits)
