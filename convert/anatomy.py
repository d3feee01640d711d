"""What a TFLite flatbuffer is made of: its operators, and the memory that they work in."""

from math import prod
from typing import Any

from tensorflow.lite.python import schema_py_generated as schema

OPERATORS = {number: name for name, number in vars(schema.BuiltinOperator).items() if not name.startswith("_")}
_BYTES = {
    schema.TensorType.FLOAT32: 4,
    schema.TensorType.FLOAT16: 2,
    schema.TensorType.INT64: 8,
    schema.TensorType.INT32: 4,
    schema.TensorType.INT16: 2,
    schema.TensorType.INT8: 1,
    schema.TensorType.BOOL: 1,
}
_ALIGNED = 64
"""Bytes: the interpreter begins every tensor at a multiple of it."""


def parse(model: bytes) -> Any:
    """The flatbuffer as objects."""
    return schema.ModelT.InitFromObj(schema.Model.GetRootAs(model, 0))


def operators(model: bytes) -> dict[str, int]:
    """Name of every operator that is used, and the highest version of it, which a runtime must know."""
    flat = parse(model)
    found: dict[str, int] = {}
    for op in flat.subgraphs[0].operators:
        code = flat.operatorCodes[op.opcodeIndex]
        name = OPERATORS[max(code.builtinCode, code.deprecatedBuiltinCode)]
        found[name] = max(code.version, found.get(name, 0))
    return dict(sorted(found.items()))


def arena_bytes(model: bytes) -> int:
    """Memory for tensors that are not in the file: the most that are alive at once, and weights that are widened.

    Computed from the graph in its own order; an interpreter that packs badly needs somewhat more.
    """
    flat = parse(model)
    graph = flat.subgraphs[0]
    constant = {i for i, tensor in enumerate(graph.tensors) if _stored(flat, tensor)}
    widened: set[int] = set()
    born: dict[int, int] = dict.fromkeys(_indices(graph.inputs), 0)
    dies: dict[int, int] = dict.fromkeys(_indices(graph.inputs), 0)
    for time, op in enumerate(graph.operators):
        inputs, outputs = _indices(op.inputs), _indices(op.outputs)
        if set(inputs) <= constant:  # float16 weights: widened once, kept for good
            widened |= set(outputs)
            constant |= set(outputs)
            continue
        for tensor in (*inputs, *outputs):
            if tensor not in constant:
                born.setdefault(tensor, time)
                dies[tensor] = time
    dies |= dict.fromkeys(_indices(graph.outputs), len(graph.operators))
    most = max(
        (sum(_size(graph.tensors[t]) for t in born if born[t] <= time <= dies[t]))
        for time in range(len(graph.operators) + 1)
    )
    return most + sum(_size(graph.tensors[tensor]) for tensor in widened)


def _stored(flat: Any, tensor: Any) -> bool:
    data = flat.buffers[tensor.buffer].data
    return data is not None and len(data) > 0


def _size(tensor: Any) -> int:
    raw = int(prod(int(n) for n in tensor.shape)) * _BYTES[tensor.type]
    return -(-raw // _ALIGNED) * _ALIGNED


def _indices(those: Any) -> list[int]:
    return [int(i) for i in those if i >= 0]
