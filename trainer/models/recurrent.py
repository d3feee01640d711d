"""The lamp study's recurrent network, parallel or forked, as a causal model over sequences of pooled frames."""

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from trainer.recipe import ModelOptions

CLIP = 5.0
"""Standardized inputs are held within this many deviations: a room never hears what training never saw."""

Model = Any

_CELLS = {"gru": keras.layers.GRU, "lstm": keras.layers.LSTM, "rnn": keras.layers.SimpleRNN}


def build(options: ModelOptions, mean: NDArray[np.float32], deviation: NDArray[np.float32], seed: int) -> Model:
    """A Keras model from "frame" [B, T, columns] to [B, T, 2], (valence, arousal) in (-1, 1).

    mean, deviation [columns]: of the raw pooled frames of the training clips; they become constants of the graph.
    Parallel: a recurrent layer and a ReLU head for each of the two. Forked: one recurrent layer, two heads.
    Initial weights depend on `seed` alone.
    """
    keras.utils.set_random_seed(seed)
    frame = keras.Input((None, len(mean)), name="frame")
    x = keras.layers.Normalization(mean=mean, variance=np.square(deviation), name="standard")(frame)
    x = keras.ops.clip(x, -CLIP, CLIP)
    if options.kind == "parallel":
        outs = [_head(_recurrent(x, options, name), options, name) for name in ("valence", "arousal")]
    else:
        shared = _recurrent(x, options, "shared")
        outs = [_head(shared, options, name) for name in ("valence", "arousal")]
    both = keras.layers.Concatenate(name="emotion")(outs)
    return keras.Model(frame, both, name=f"{options.kind}_{options.cell}")


def _recurrent(x: Any, options: ModelOptions, name: str) -> Any:
    x = keras.layers.Dropout(options.input_dropout, name=f"{name}_input_dropout")(x)
    cell = _CELLS[options.cell](options.units, return_sequences=True, name=f"{name}_{options.cell}")
    return keras.layers.Dropout(options.dropout, name=f"{name}_dropout")(cell(x))


def _head(x: Any, options: ModelOptions, name: str) -> Any:
    for i, width in enumerate(options.dense, start=1):
        x = keras.layers.Dense(width, activation="relu", name=f"{name}_dense_{i}")(x)
    return keras.layers.Dense(1, activation="tanh", name=name)(x)
