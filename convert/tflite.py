"""A step graph as a TFLite model."""

from tempfile import TemporaryDirectory

import tensorflow as tf

from convert.float16 import halve_weights
from convert.graph import StepGraph

QUANTIZATIONS = ("float32", "float16")


def to_tflite(graph: StepGraph, quantization: str) -> bytes:
    """The flatbuffer, with the signature `step`. quantization: one of QUANTIZATIONS."""
    module = tf.Module()
    module.step = graph.function
    with TemporaryDirectory() as folder:
        tf.saved_model.save(module, folder, signatures={"step": graph.function.get_concrete_function()})
        converter = tf.lite.TFLiteConverter.from_saved_model(folder, signature_keys=["step"])
        model: bytes = converter.convert()
    return halve_weights(model) if quantization == "float16" else model
