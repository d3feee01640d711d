"""The ear's network in Keras, for training; the lamp runs it in numpy."""

from typing import Any

import keras

from device.hearing.sound_card import CLASSES
from trainer.ear.options import EarOptions

Model = Any


def build(options: EarOptions, width: int, seed: int) -> Model:
    """Standardized, held inputs [B, T, width] to probabilities [B, T, classes]."""
    keras.utils.set_random_seed(seed)
    frame = keras.Input((None, width))
    x = keras.layers.SpatialDropout1D(options.input_dropout)(frame)
    x = keras.layers.GRU(options.units, return_sequences=True, reset_after=True, name="gru")(x)
    x = keras.layers.SpatialDropout1D(options.dropout)(x)
    return keras.Model(frame, keras.layers.Dense(len(CLASSES), activation="softmax", name="out")(x))
