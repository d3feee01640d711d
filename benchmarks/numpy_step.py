"""One step of the trainer's GRU ensemble in plain numpy: what a runtime has to be faster than to be worth its memory.

All members at once, so that numpy's cost for each call counts once and not for every member; nothing is allocated that
need not be.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
CLIP = 5.0
SIGNS = np.array([(1, 1), (-1, 1), (-1, -1), (1, -1)], np.float32)
STEEPNESS = np.float32(0.7)
HEADS = {"quadrant": 4, "ratings": 8}


@dataclass
class Weights:
    """Of M members with S recurrent layers each (1 forked, 2 parallel), U units, N inputs.

    mean, scale [N]; kernel [N, M * S * 3U], kernel_bias [M * S * 3U]; recurrent [M * S, U, 3U], recurrent_bias
    [M * S, 3U]; heads: for each of HEADS its layers (kernel [M, in, out], bias [M, 1, out]), the last one linear.
    Gates in Keras' order: update, reset, candidate.
    """

    mean: Array
    scale: Array
    kernel: Array
    kernel_bias: Array
    recurrent: Array
    recurrent_bias: Array
    heads: list[list[tuple[Array, Array]]]


class NumpyStep:
    """process(frame [N]) -> va [2 * M]: as device StepModel, for GRU layers that Keras made with reset_after."""

    def __init__(self, weights: Weights, members: int) -> None:
        self._w = weights
        self._members = members
        self._rows, self._units = weights.recurrent.shape[:2]
        self.reset()

    def reset(self) -> None:
        """Forget all that was heard."""
        self._state = np.zeros((self._rows, self._units), np.float32)

    def process(self, frame: Array) -> Array:
        """One step."""
        w, u = self._w, self._units
        x = np.minimum(np.maximum((frame - w.mean) * w.scale, -CLIP), CLIP)
        given = (x @ w.kernel + w.kernel_bias).reshape(self._rows, 3 * u)
        kept = np.matmul(self._state[:, None], w.recurrent)[:, 0] + w.recurrent_bias
        gates = 1.0 / (1.0 + np.exp(-(given[:, : 2 * u] + kept[:, : 2 * u])))
        update = gates[:, :u]
        candidate = np.tanh(given[:, 2 * u :] + gates[:, u:] * kept[:, 2 * u :])
        self._state = candidate + update * (self._state - candidate)
        stems = self._state.reshape(self._members, -1, 1, u)
        logits, ratings = (self._head(layers, stems[:, min(i, stems.shape[1] - 1)]) for i, layers in enumerate(w.heads))
        likely = np.exp(logits - logits.max(axis=1, keepdims=True))
        likely /= likely.sum(axis=1, keepdims=True)
        va: Array = 0.5 * (likely @ SIGNS + np.tanh(STEEPNESS * ratings[:, :2]))
        return va.ravel()

    @staticmethod
    def _head(layers: list[tuple[Array, Array]], x: Array) -> Array:
        for kernel, bias in layers[:-1]:
            x = np.maximum(np.matmul(x, kernel) + bias, 0.0)
        kernel, bias = layers[-1]
        y: Array = (np.matmul(x, kernel) + bias)[:, 0]
        return y


def random_weights(model: dict[str, Any], members: int, width: int) -> Weights:
    """Weights of the sizes that a card's `model` tells. Raises ValueError for another network than the GRU."""
    if model.get("cell") != "gru" or model.get("kind") not in ("forked", "parallel"):
        raise ValueError("the numpy step knows GRU networks only, forked or parallel")
    rng = np.random.default_rng(0)

    def draw(*shape: int) -> Array:
        return (rng.standard_normal(shape) / np.sqrt(shape[-2] if len(shape) > 1 else 1)).astype(np.float32)

    units, rows = model["units"], members * (1 if model["kind"] == "forked" else 2)
    heads = []
    for size in HEADS.values():
        sizes = [units, *model["dense"], size]
        heads.append([(draw(members, a, b), draw(members, 1, b)) for a, b in pairwise(sizes)])
    ones = np.ones(width, np.float32)
    kernels = draw(width, rows * 3 * units), draw(rows * 3 * units)
    return Weights(0 * ones, ones, *kernels, draw(rows, units, 3 * units), draw(rows, 3 * units), heads)


def weights_of(models: Sequence[Any]) -> Weights:
    """Weights out of the trainer's Keras models, all alike; they share the first one's normalization."""
    layers = [{layer.name: layer for layer in model.layers} for model in models]
    normal = layers[0]["standard"]
    mean, variance = (np.asarray(x, np.float32).reshape(-1) for x in (normal.mean, normal.variance))
    names = ["shared_gru"] if "shared_gru" in layers[0] else ["quadrant_gru", "ratings_gru"]
    grus = [own[name].get_weights() for own in layers for name in names]
    heads = []
    for head, last in (("quadrant", "quadrant_logits"), ("ratings", "ratings")):
        depth = sum(name.startswith(f"{head}_dense_") for name in layers[0])
        chain = [*(f"{head}_dense_{i + 1}" for i in range(depth)), last]
        heads.append(
            [
                (
                    np.stack([own[name].get_weights()[0] for own in layers]),
                    np.stack([own[name].get_weights()[1][None] for own in layers]),
                )
                for name in chain
            ]
        )
    return Weights(
        mean,
        1.0 / np.sqrt(variance),
        np.concatenate([kernel for kernel, _, _ in grus], axis=1),
        np.concatenate([bias[0] for _, _, bias in grus]),
        np.stack([recurrent for _, recurrent, _ in grus]),
        np.stack([bias[1] for _, _, bias in grus]),
        heads,
    )
