"""Parity: the lamp's step model against the trained sequence models, frame by frame over minutes."""

from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from device.emotion.bundle import Bundle
from device.emotion.runner import StepModel
from device.errors import InputError

LIMITS = {"float32": 1e-4, "float16": 2e-2}
"""Largest difference in valence or arousal, of any member at any step, that a bundle may have."""


@dataclass(frozen=True)
class Parity:
    """largest, rms: of all differences. seconds: of sound that the comparison stands for."""

    largest: float
    rms: float
    seconds: float


def sequence_output(members: list[keras.Model], frames: NDArray[np.float32]) -> NDArray[np.float32]:
    """[T, 2 * members] of the trained models over all frames [T, width] as one sequence."""

    def run(x: tf.Tensor) -> tf.Tensor:
        return tf.concat([member(x, training=False) for member in members], axis=-1)

    # tf.function compiles the loop over time, which a plain call would run op by op.
    output: NDArray[np.float32] = tf.function(run)(tf.constant(frames[None])).numpy()[0]
    return output


def step_output(bundle: Bundle, frames: NDArray[np.float32], runtime: str | None = None) -> NDArray[np.float32]:
    """[T, 2 * members] of the bundle's model, one step after the other from a fresh start."""
    model = StepModel(bundle, runtime)
    return np.stack([model.process(frame) for frame in frames])


def compare(expected: NDArray[np.float32], got: NDArray[np.float32], step_s: float) -> Parity:
    """The difference of two outputs [T, n]; one that is not finite is infinitely far."""
    difference = np.abs(expected.astype(np.float64) - got)
    difference[~np.isfinite(difference)] = np.inf
    return Parity(float(difference.max()), float(np.sqrt(np.square(difference).mean())), len(expected) * step_s)


def require(parity: Parity, quantization: str, where: str) -> None:
    """Raise InputError if the difference is larger than the quantization may make."""
    limit = LIMITS[quantization]
    if not parity.largest <= limit:
        advice = "convert with --quantize float32" if quantization != "float32" else "report the model's layers"
        raise InputError(
            f"The {quantization} model in {where} differs from Keras by {parity.largest:.2g}, allowed is {limit:g}; "
            f"nothing was written: {advice}."
        )
