"""The ear's weights as arrays: out of Keras, several networks as one, and their answers to whole streams."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device.hearing.sound_class import LIMIT, inputs
from trainer.ear.store import SPEC
from trainer.ear.streams import Stream

Array = NDArray[np.float32]
Weights = dict[str, Array]
"""As device.hearing.sound_class reads them."""


def weights_of(model: Any, mean: Array, deviation: Array) -> Weights:
    """The arrays of a Keras model and of what standardizes its inputs, both [inputs]."""
    kernel, recurrent, bias = model.get_layer("gru").get_weights()
    out, out_bias = model.get_layer("out").get_weights()
    parts = {"kernel": kernel, "bias": bias[0], "recurrent": recurrent, "recurrent_bias": bias[1]}
    return {"mean": mean, "deviation": deviation, "out": out, "out_bias": out_bias} | parts


def merged(members: Sequence[Weights]) -> Weights:
    """Networks with the same inputs as one: their units side by side, its logits the mean of theirs.

    So an ensemble costs the lamp one wider step and not a line of code.
    """
    first, units = members[0], len(members[0]["recurrent"])
    wide = units * len(members)

    def side_by_side(name: str) -> Array:
        # [..., 3 units] of each: its three gates go to three places.
        gates = [np.split(one[name], 3, axis=-1) for one in members]
        return np.concatenate([part[gate] for gate in range(3) for part in gates], axis=-1)

    recurrent = np.zeros((wide, 3 * wide), np.float32)
    for number, one in enumerate(members):
        own = slice(number * units, (number + 1) * units)
        for gate, part in enumerate(np.split(one["recurrent"], 3, axis=-1)):
            recurrent[own, gate * wide + own.start : gate * wide + own.stop] = part
    return {
        "mean": first["mean"],
        "deviation": first["deviation"],
        "kernel": side_by_side("kernel"),
        "bias": side_by_side("bias"),
        "recurrent": recurrent,
        "recurrent_bias": side_by_side("recurrent_bias"),
        "out": np.concatenate([one["out"] for one in members]) / np.float32(len(members)),
        "out_bias": np.mean([one["out_bias"] for one in members], axis=0, dtype=np.float32),
    }


def standardized(x: Array, mean: Array, deviation: Array) -> Array:
    """Inputs [..., inputs] as the network sees them."""
    return np.clip((x - mean) / deviation, -LIMIT, LIMIT)


def probabilities(weights: Weights, stream: Stream, used: Sequence[str]) -> Array:
    """Stacked streams [streams, steps] to probabilities [streams, steps, classes], each from a fresh start."""
    x = standardized(inputs(stream.frames, SPEC.columns, used), weights["mean"], weights["deviation"])
    fresh = x @ weights["kernel"] + weights["bias"]
    units = len(weights["recurrent"])
    state = np.zeros((len(x), units), np.float32)
    logits = np.empty((*x.shape[:2], len(weights["out_bias"])), np.float32)
    for at in range(x.shape[1]):
        past = state @ weights["recurrent"] + weights["recurrent_bias"]
        gates = 1 / (1 + np.exp(-(fresh[:, at] + past)[:, : 2 * units]))
        keep, reset = gates[:, :units], gates[:, units:]
        new = np.tanh(fresh[:, at, 2 * units :] + reset * past[:, 2 * units :])
        state = new + keep * (state - new)
        logits[:, at] = state @ weights["out"] + weights["out_bias"]
    odds = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=-1, keepdims=True), np.float32)
