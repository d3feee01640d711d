"""Float16 weights in a float32 TFLite model.

Only the matrices of fully connected ops become float16. The converter's own float16 mode rounds every constant, the
normalization's too: there, features of 1e-9 vanish and factors above 65504 become infinite.
"""

from typing import Any

import flatbuffers  # type: ignore[import-untyped]
import numpy as np
from tensorflow.lite.python import schema_py_generated as schema

from convert.anatomy import parse
from device.errors import InputError

SMALLEST = 256
"""Values that a matrix must have to be worth its extra op."""


def halve_weights(model: bytes) -> bytes:
    """The same model with its large matrices stored as float16; each is widened once, when the model is loaded.

    Raises InputError if a weight is too large for float16.
    """
    flat = parse(model)
    widen = _code_index(flat)
    for graph in flat.subgraphs:
        matrices = sorted({op.inputs[1] for op in graph.operators if _is_dense(flat, op)})
        first = []
        for index in matrices:
            values = _constant(flat, graph.tensors[index])
            if values is None or values.size < SMALLEST:
                continue
            if np.abs(values).max() > np.finfo(np.float16).max:
                raise InputError("A weight is too large for float16: convert with --quantize float32.")
            first.append(_halve(flat, graph, index, values, widen))
        graph.operators = first + graph.operators
    builder = flatbuffers.Builder(len(model))
    builder.Finish(flat.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


def _halve(flat: Any, graph: Any, index: int, values: Any, widen: int) -> Any:
    """Move a matrix into a float16 tensor of its own; return the op that widens it into its old place."""
    wide = graph.tensors[index]
    half = schema.TensorT()
    half.name = wide.name + b"_half"
    half.shape = wide.shape
    half.type = schema.TensorType.FLOAT16
    half.buffer = len(flat.buffers)
    stored = schema.BufferT()
    stored.data = np.frombuffer(values.astype("<f2").tobytes(), np.uint8)
    flat.buffers.append(stored)
    before, wide.buffer = wide.buffer, 0  # the empty buffer: computed, not stored
    if not any(tensor.buffer == before for other in flat.subgraphs for tensor in other.tensors):
        flat.buffers[before].data = None
    graph.tensors.append(half)
    op = schema.OperatorT()
    op.opcodeIndex = widen
    op.inputs = np.array([len(graph.tensors) - 1], np.int32)
    op.outputs = np.array([index], np.int32)
    op.builtinOptionsType = schema.BuiltinOptions.DequantizeOptions
    op.builtinOptions = schema.DequantizeOptionsT()
    return op


def _constant(flat: Any, tensor: Any) -> Any:
    data = flat.buffers[tensor.buffer].data
    if tensor.type != schema.TensorType.FLOAT32 or data is None or len(data) == 0:
        return None
    return np.frombuffer(np.asarray(data, np.uint8).tobytes(), "<f4")


def _is_dense(flat: Any, op: Any) -> bool:
    code = flat.operatorCodes[op.opcodeIndex]
    return bool(max(code.builtinCode, code.deprecatedBuiltinCode) == schema.BuiltinOperator.FULLY_CONNECTED)


def _code_index(flat: Any) -> int:
    """Position of the op DEQUANTIZE among the model's, added if it is not there."""
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.DEQUANTIZE
    code.version = 3  # the first that knows float16
    flat.operatorCodes.append(code)
    return len(flat.operatorCodes) - 1
