"""The lamp study's recurrent network, parallel or forked, as a causal model over sequences of pooled frames."""

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from trainer.corpora.clip import QUADRANT_SIGNS, QUADRANTS, SOUNDS
from trainer.recipe import ModelOptions
from trainer.targets import RATINGS

CLIP = 5.0
"""Standardized inputs are held within this many deviations: a room never hears what training never saw."""

STEEPNESS = 0.7
"""A standardized rating z counts as tanh(STEEPNESS z), so that ratings and quadrants spread alike over [-1, 1]."""

OUTPUTS = ("emotion", "quadrant", "ratings")
"""Names of the outputs, in order; "sound" may follow. The lamp takes the first; the others are for training and
judgement."""

Model = Any

_CELLS = {"gru": keras.layers.GRU, "lstm": keras.layers.LSTM, "rnn": keras.layers.SimpleRNN}


def build(options: ModelOptions, mean: NDArray[np.float32], deviation: NDArray[np.float32], seed: int) -> Model:
    """A Keras model from "frame" [B, T, columns] to OUTPUTS, a list of

    emotion [B, T, 2]: (valence, arousal) in (-1, 1), the mean of what the two other heads say of it;
    quadrant [B, T, 4]: probability of Q1 to Q4; ratings [B, T, len(RATINGS)]: standardized ratings;
    sound [B, T, 4]: probability of SOUNDS, if the options ask for it.

    mean, deviation [columns]: of the raw pooled frames of the training clips; they become constants of the graph.
    Parallel: one recurrent layer for each of quadrant and ratings. Forked: one for both.
    Initial weights depend on `seed` alone.
    """
    keras.utils.set_random_seed(seed)
    frame = keras.Input((None, len(mean)), name="frame")
    x = keras.layers.Normalization(mean=mean, variance=np.square(deviation), name="standard")(frame)
    x = keras.ops.clip(x, -CLIP, CLIP)
    if options.kind == "parallel":
        first, second = _recurrent(x, options, "quadrant"), _recurrent(x, options, "ratings")
    else:
        first = second = _recurrent(x, options, "shared")
    logits = _head(first, options, "quadrant", len(QUADRANTS))
    quadrant = keras.layers.Softmax(name="quadrant")(logits)
    ratings = _head(second, options, "ratings", len(RATINGS))
    outputs = [_emotion(quadrant, ratings), quadrant, ratings]
    if options.sound:
        outputs.append(keras.layers.Softmax(name="sound")(_head(first, options, "sound", len(SOUNDS))))
    return keras.Model(frame, outputs, name=f"{options.kind}_{options.cell}")


def _recurrent(x: Any, options: ModelOptions, name: str) -> Any:
    # Whole columns for a whole sequence: a step's neighbors would tell what a single missing value was.
    x = keras.layers.SpatialDropout1D(options.input_dropout, name=f"{name}_input_dropout")(x)
    x = _CELLS[options.cell](options.units, return_sequences=True, name=f"{name}_{options.cell}")(x)
    return keras.layers.SpatialDropout1D(options.dropout, name=f"{name}_dropout")(x)


def _head(x: Any, options: ModelOptions, name: str, size: int) -> Any:
    for i, width in enumerate(options.dense, start=1):
        x = keras.layers.Dense(width, activation="relu", name=f"{name}_dense_{i}")(x)
    return keras.layers.Dense(size, name=name if name == "ratings" else f"{name}_logits")(x)


def _emotion(quadrant: Any, ratings: Any) -> Any:
    """(valence, arousal): half the expected signs of the quadrant, half the squashed ratings."""
    signs = np.array([QUADRANT_SIGNS[name] for name in QUADRANTS], dtype=np.float32)
    chosen = np.zeros((len(RATINGS), 2), dtype=np.float32)
    chosen[0, 0] = chosen[1, 1] = STEEPNESS
    told = _constant(quadrant, signs, "quadrant_signs", None)
    rated = _constant(ratings, chosen, "rated", "tanh")
    return keras.layers.Average(name="emotion")([told, rated])


def _constant(x: Any, weights: NDArray[np.float32], name: str, activation: str | None) -> Any:
    layer = keras.layers.Dense(weights.shape[1], activation, use_bias=False, trainable=False, name=name)
    y = layer(x)
    layer.set_weights([weights])
    return y
