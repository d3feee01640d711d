"""The ear's network in Keras, for training; the lamp runs it in numpy."""

from typing import Any

import keras

from device.hearing.sound_card import CLASSES
from trainer.ear.options import EarOptions
from trainer.ear.store import HOPS

Model = Any


def build(options: EarOptions, width: int, seed: int) -> Model:
    """Standardized, held inputs of hops [B, n * HOPS, width] to probabilities of steps [B, n, classes]."""
    keras.utils.set_random_seed(seed)
    layers = keras.layers
    frame = keras.Input((None, width))
    x = layers.SpatialDropout1D(options.input_dropout)(frame)
    x = layers.Conv1D(options.filters, options.taps, padding="causal", activation="relu", name="filters")(x)
    pools = layers.AveragePooling1D(HOPS)(x), layers.MaxPooling1D(HOPS)(x)
    x = layers.SpatialDropout1D(options.dropout)(layers.Concatenate()(pools))
    x = layers.Dense(options.hidden, activation="relu", name="hidden")(x)
    x = layers.GRU(options.units, return_sequences=True, reset_after=True, name="gru")(x)
    x = layers.SpatialDropout1D(options.dropout)(x)
    return keras.Model(frame, layers.Dense(len(CLASSES), activation="softmax", name="out")(x))
