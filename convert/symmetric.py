"""16-bit tensors with their zero in the middle, as TFLite's kernels want them and its quantizer does not make them."""

from typing import Any

import flatbuffers  # type: ignore[import-untyped]
import numpy as np
from tensorflow.lite.python import schema_py_generated as schema

from convert.anatomy import parse

FULLY_CONNECTED_INT16 = 7
"""The first version of the operator that knows int16 inputs, int8 weights and an int64 bias."""


def centered(model: bytes) -> bytes:
    """The same model, every int16 tensor's range widened so that zero is its middle; biases follow.

    A bias is stored in units of its input's scale times the weights' (TFLite 8-bit quantization specification, which
    holds for 16x8 too). It becomes 64 bits wide: with 32 FULLY_CONNECTED is version 11, which tflite-runtime 2.14.0
    does not know.
    """
    flat = parse(model)
    for graph in flat.subgraphs:
        for tensor in graph.tensors:
            if tensor.type == schema.TensorType.INT16 and tensor.quantization is not None:
                _center(tensor.quantization)
        for op in graph.operators:
            _rescale_bias(flat, graph, op)
    for code in flat.operatorCodes:
        if code.builtinCode == schema.BuiltinOperator.FULLY_CONNECTED:
            code.version = FULLY_CONNECTED_INT16
    builder = flatbuffers.Builder(len(model))
    builder.Finish(flat.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


def _center(quantization: Any) -> None:
    scale, zero = np.asarray(quantization.scale, np.float64), np.asarray(quantization.zeroPoint, np.float64)
    low, high = (-32768 - zero) * scale, (32767 - zero) * scale
    quantization.scale = (np.maximum(-low, high) / 32767).astype(np.float32)
    quantization.zeroPoint = np.zeros(len(zero), np.int64)


def _rescale_bias(flat: Any, graph: Any, op: Any) -> None:
    if len(op.inputs) < 3 or op.inputs[2] < 0:
        return
    x, weights, bias = (graph.tensors[i] for i in op.inputs[:3])
    if x.type != schema.TensorType.INT16 or bias.type != schema.TensorType.INT32:
        return
    scale = np.asarray(x.quantization.scale, np.float64) * np.asarray(weights.quantization.scale, np.float64)
    buffer = flat.buffers[bias.buffer]
    values = np.frombuffer(np.asarray(buffer.data, np.uint8).tobytes(), "<i4") * np.asarray(
        bias.quantization.scale, np.float64
    )
    # A buffer may serve several ops; each gets its own.
    own = schema.BufferT()
    own.data = np.frombuffer(np.round(values / scale).astype("<i8").tobytes(), np.uint8)
    flat.buffers.append(own)
    bias.buffer, bias.type = len(flat.buffers) - 1, schema.TensorType.INT64
    bias.quantization.scale = scale.astype(np.float32)
