"""A graph as a TFLite model, stored in one of five ways."""

import re
from collections.abc import Sequence
from tempfile import TemporaryDirectory
from typing import get_args

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from tensorflow.compiler.mlir.lite import types_pb2
from tensorflow.lite.python.convert import mlir_quantize
from tensorflow.lite.python.convert_phase import ConverterError

from convert.anatomy import OPERATORS
from convert.float16 import halve_weights
from convert.graph import ModelGraph
from convert.quiet import quiet
from convert.symmetric import centered
from device.emotion.card import Quantization
from device.errors import InputError

QUANTIZATIONS: tuple[Quantization, ...] = get_args(Quantization)
"""float32: exact. float16: matrices halved, widened when the model is loaded. dynamic: matrices in int8, what they are
multiplied with rounded to int8 by its own range at every step. int8, int16x8: matrices in int8 and what they are
multiplied with in int8 or int16, by ranges measured on real frames.

In all of them normalization, gates and above all what becomes of the state stay float32: a state kept in int8 moves in
steps of 1/128 and sticks where its updates are smaller, and raw features span too many orders of magnitude for one
range. dynamic, int8 and int16x8 do round the state where it is multiplied, which moves where a network comes to rest;
whether that is far, the gate finds out."""

CALIBRATED = {"int8": types_pb2.QUANTIZED_INT8, "int16x8": types_pb2.QUANTIZED_INT16}
"""The ways that need real frames."""

_MATRIX = ("FULLY_CONNECTED", "CONV_2D", "DEPTHWISE_CONV_2D")

Sample = dict[str, NDArray[np.float32]]
"""A value for every input of the graph."""


def to_tflite(graph: ModelGraph, quantization: str, samples: Sequence[Sample] = ()) -> bytes:
    """The flatbuffer, with a signature named as the graph's kind. quantization: one of QUANTIZATIONS.

    samples: real inputs, needed by those of CALIBRATED.
    Raises InputError if the samples are missing or hold NaN, if TFLite cannot express the graph, or if there is no room
    for temporary files.
    """
    if quantization in CALIBRATED:
        _check(samples, quantization)
    try:
        model = _converted(graph, quantization, samples)
    except ConverterError as error:
        raise InputError(_why(str(error))) from error
    except (OSError, tf.errors.ResourceExhaustedError) as error:
        raise InputError(
            f"The conversion needs some MB of temporary files ({error}): make room, or set TMPDIR."
        ) from error
    if quantization == "int16x8":
        model = centered(model)
    return halve_weights(model) if quantization == "float16" else model


def _converted(graph: ModelGraph, quantization: str, samples: Sequence[Sample]) -> bytes:
    module = tf.Module()
    module.call = graph.function
    with TemporaryDirectory() as folder, quiet():
        concrete = graph.function.get_concrete_function()
        tf.saved_model.save(module, folder, signatures={graph.kind: concrete})
        converter = tf.lite.TFLiteConverter.from_saved_model(folder, signature_keys=[graph.kind])
        if quantization == "dynamic" or quantization in CALIBRATED:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            # Per channel it is FULLY_CONNECTED version 12, which tflite-runtime 2.14.0 does not know.
            converter._experimental_disable_per_channel_quantization_for_dense_layers = True
        if quantization in CALIBRATED:
            converter.representative_dataset = lambda: ((graph.kind, sample) for sample in samples)
            converter._experimental_calibrate_only = True
        model: bytes = converter.convert()
        if quantization in CALIBRATED:
            model = mlir_quantize(
                model,
                disable_per_channel_for_dense_layers=True,
                inference_type=CALIBRATED[quantization],
                denylisted_ops=[name for name in OPERATORS.values() if name not in _MATRIX],
            )
    return model


def _check(samples: Sequence[Sample], quantization: str) -> None:
    if not samples:
        raise InputError(
            f"{quantization} needs real frames to measure ranges on, and the run has none (frames.npz): train again, "
            "or choose --quantize float16."
        )
    if not all(np.isfinite(value).all() for sample in samples for value in sample.values()):
        raise InputError("The frames to measure ranges on hold values that are not finite; train again.")


def _why(said: str) -> str:
    """One sentence out of the converter's pages."""
    strange = sorted(set(re.findall(r"'(tf\.\w+)' op", said)))
    if strange:
        return f"TFLite has no {', '.join(name.removeprefix('tf.') for name in strange)}: train a model without it."
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return f"TensorFlow cannot convert the model ({lines[0] if lines else 'it gives no reason'})."
