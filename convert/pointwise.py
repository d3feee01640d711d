"""Layers that look at one frame at a time, on [1, n] instead of [batch, time, n].

No live tensor may be reshaped: TFLite lets the reshaped one share its memory, then adds or multiplies in place, and so
overwrites what another branch or the next step still needs.
"""

from typing import Any

import keras
import numpy as np

from convert.streamable import LAST_AXIS, LAST_AXIS_OPERATIONS, TRAINING_ONLY, columns, is_operation, refusal

Tensor = Any


def pointwise(operation: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Tensor:
    """The output [1, m] of a layer or function that passed streamable.check.

    Raises InputError if a constant that it takes spans several frames.
    """
    kind = type(operation).__name__
    if type(operation) in TRAINING_ONLY:
        return args[0]
    if type(operation) is keras.layers.Normalization:
        return _standardized(operation, args[0])
    if type(operation) in (keras.layers.Add, keras.layers.Average) or is_operation(operation, {"Add"}):
        return _one_frame(operation, _sum(operation, args))
    if kind == "Concatenate":
        return keras.ops.concatenate(args[0], axis=-1)
    if type(operation) is keras.layers.TimeDistributed:
        return operation.layer(args[0])
    if is_operation(operation, {"GetItem"}):
        return args[0][:, columns(operation, args[1])]
    if type(operation) in LAST_AXIS or is_operation(operation, LAST_AXIS_OPERATIONS):
        return _along_last_axis(operation, args[0])
    if type(operation) is keras.layers.PReLU:
        return operation.call(args[0])  # a plain call insists on three axes
    return _one_frame(operation, operation(*args, **kwargs))


def _sum(operation: Any, args: tuple[Any, ...]) -> Tensor:
    """Keras takes an addend of [1, n] for a bias, which it reshapes."""
    first, *rest = args[0] if isinstance(operation, keras.layers.Layer) else args
    for x in rest:
        first = first + x
    return first / (1 + len(rest)) if type(operation) is keras.layers.Average else first


def _one_frame(operation: Any, output: Tensor) -> Tensor:
    if len(output.shape) == 2 and output.shape[0] == 1:
        return output
    if tuple(output.shape[:-1]) != (1, 1):
        raise refusal(operation, "takes in numbers that differ from frame to frame", "train a model without them")
    # A constant of shape [1, 1, n] took part; nothing else needs this tensor.
    return keras.ops.reshape(output, (1, output.shape[-1]))


def _along_last_axis(operation: Any, x: Tensor) -> Tensor:
    before = operation.axis
    operation.axis = -1 if isinstance(before, int) else [-1]
    try:
        # A plain call insists on three axes.
        return operation.call(x)
    finally:
        operation.axis = before


def _standardized(layer: keras.layers.Normalization, x: Tensor) -> Tensor:
    mean = np.reshape(keras.ops.convert_to_numpy(layer.mean), -1)
    deviation = np.sqrt(np.reshape(keras.ops.convert_to_numpy(layer.variance), -1))
    deviation = np.maximum(deviation, keras.config.epsilon())
    return x * deviation + mean if layer.invert else (x - mean) * (1.0 / deviation)
