"""The step form of a sequence model: one frame and the state in, one output and the new state out.

Every layer works on [1, n] instead of [1, time, n]. Layers that look at one frame at a time stay as they are; a
recurrent layer is replaced by its cell, and its state becomes an input and an output.
"""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from device.errors import InputError

Tensor = Any

RECURRENT = (keras.layers.GRU, keras.layers.LSTM, keras.layers.SimpleRNN)
_TRAINING_ONLY = (
    keras.layers.Dropout,
    keras.layers.SpatialDropout1D,
    keras.layers.GaussianDropout,
    keras.layers.GaussianNoise,
    keras.layers.AlphaDropout,
    keras.layers.ActivityRegularization,
    keras.layers.Identity,
)
_POINTWISE = (
    keras.layers.Dense,
    keras.layers.Activation,
    keras.layers.ReLU,
    keras.layers.LeakyReLU,
    keras.layers.ELU,
    keras.layers.Rescaling,
    keras.layers.Add,
    keras.layers.Subtract,
    keras.layers.Multiply,
    keras.layers.Average,
    keras.layers.Maximum,
    keras.layers.Minimum,
)
# Functions of keras.ops that a functional model may hold between its layers.
_POINTWISE_OPS = {"Clip", "Tanh", "Sigmoid", "Relu", "Abs", "Absolute", "Negative", "Sqrt", "Square", "Log", "Log1p"}
_POINTWISE_OPS |= {"Add", "Subtract", "Multiply", "Divide", "TrueDivide", "Maximum", "Minimum"}
_LAST_AXIS = (
    keras.layers.Concatenate,
    keras.layers.Softmax,
    keras.layers.LayerNormalization,
    keras.layers.BatchNormalization,
)
_FUTURE = {
    "Bidirectional": "it reads the sequence from both ends",
    "MultiHeadAttention": "attention spans the whole sequence",
    "GroupQueryAttention": "attention spans the whole sequence",
    "Attention": "attention spans the whole sequence",
    "AdditiveAttention": "attention spans the whole sequence",
    "GlobalAveragePooling1D": "it pools over the whole sequence",
    "GlobalMaxPooling1D": "it pools over the whole sequence",
}


class StepForm:
    """The step form of a functional Keras model [batch, time, n] -> [batch, time, m].

    state_sizes: lengths of the recurrent states, in the order in which `process` takes and gives them.
    Raises InputError, naming the layer, if the model cannot run frame by frame.
    """

    def __init__(self, model: keras.Model) -> None:
        self._model = model
        self._recurrent = []
        for layer in _operations(model):
            _check(layer)
            if type(layer) in RECURRENT:
                self._recurrent.append(layer)
        self.state_sizes = [size for layer in self._recurrent for size in _state_sizes(layer)]

    def process(self, frame: Tensor, states: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """frame [1, n] and states, each [1, size] -> output [1, m] and the new states."""
        waiting = iter(states)
        # By layer, because the graph may run its layers in another order than it lists them.
        held = {id(layer): [next(waiting) for _ in _state_sizes(layer)] for layer in self._recurrent}

        def recur(layer: keras.Layer, x: Tensor) -> Tensor:
            y, held[id(layer)] = layer.cell(x, held[id(layer)], training=False)
            return y

        output = _walk(self._model, frame, recur)
        return output, [state for layer in self._recurrent for state in held[id(layer)]]


def _state_sizes(layer: keras.Layer) -> list[int]:
    sizes = layer.cell.state_size
    return list(sizes) if isinstance(sizes, list | tuple) else [sizes]


def _operations(model: keras.Model) -> list[Any]:
    """Layers and functions of the model, nested models taken apart."""
    found = []
    for operation in model.layers if isinstance(model, keras.Sequential) else model.operations:
        if _is_graph(operation):
            found += _operations(operation)
        else:
            found.append(operation)
    return found


def _is_graph(operation: Any) -> bool:
    return isinstance(operation, keras.Sequential) or type(operation).__name__ == "Functional"


def _check(layer: Any) -> None:
    """Raise InputError if the layer cannot run frame by frame as part of a chain."""
    kind = type(layer).__name__
    name = f"Layer '{layer.name}' ({kind})"
    if kind in _FUTURE:
        raise InputError(f"{name} looks at the future, {_FUTURE[kind]}: train a model without it.")
    if isinstance(layer, keras.layers.Conv1D) and layer.padding != "causal":
        raise InputError(f"{name} looks at the future, its padding is not causal: train a model without it.")
    if type(layer) in RECURRENT:
        if layer.go_backwards:
            raise InputError(f"{name} looks at the future, it reads the sequence backwards: train it forwards.")
        if not layer.return_sequences or layer.return_state:
            raise InputError(f"{name} must give its output at every frame: train it with return_sequences=True only.")
        if len(layer._inbound_nodes) > 1:
            raise InputError(f"{name} is used more than once: give each place its own layer.")
    elif type(layer) in _LAST_AXIS or type(layer) is keras.layers.Normalization:
        axes = layer.axis if isinstance(layer.axis, list | tuple) else (layer.axis,)
        if tuple(axes) not in ((-1,), (2,)):
            raise InputError(f"{name} works along axis {list(axes)}, only the last one can be streamed.")
        if type(layer) is keras.layers.Normalization and layer.invert:
            raise InputError(f"{name} is inverted, which cannot be streamed yet: use Rescaling.")
    elif type(layer) not in (keras.layers.InputLayer, *_TRAINING_ONLY, *_POINTWISE) and not (
        kind in _POINTWISE_OPS and not isinstance(layer, keras.Layer)
    ):
        known = ", ".join(cls.__name__ for cls in (*RECURRENT, keras.layers.Dense, keras.layers.Normalization))
        raise InputError(f"{name} is not known to work frame by frame; use {known} and pointwise layers.")


def _walk(model: keras.Model, x: Tensor, recur: Callable[[keras.Layer, Tensor], Tensor]) -> Tensor:
    """The model's output for one frame x [1, n]."""

    def call(operation: Any, *args: Any, **kwargs: Any) -> Tensor:
        if _is_graph(operation):
            return _walk(operation, args[0], recur)
        if type(operation) in RECURRENT:
            if len(args) > 1 or any(value is not None for key, value in kwargs.items() if key != "training"):
                raise InputError(f"Layer '{operation.name}' gets an initial state or a mask: train it without.")
            return recur(operation, args[0])
        return _pointwise(operation, *args, **kwargs)

    if isinstance(model, keras.Sequential):
        for layer in model.layers:
            x = call(layer, x)
        return x
    return model._run_through_graph(x, operation_fn=lambda operation: operation, call_fn=call)


def _pointwise(operation: Any, *args: Any, **kwargs: Any) -> Tensor:
    if type(operation) in _TRAINING_ONLY:
        return args[0]
    if type(operation) is keras.layers.Normalization:
        mean = np.reshape(keras.ops.convert_to_numpy(operation.mean), -1)
        deviation = np.sqrt(np.reshape(keras.ops.convert_to_numpy(operation.variance), -1))
        return (args[0] - mean) * (1.0 / np.maximum(deviation, keras.config.epsilon()))
    if type(operation) is keras.layers.Concatenate:
        return keras.ops.concatenate(args[0], axis=-1)
    if type(operation) in _LAST_AXIS:
        return operation(args[0][:, None, :], training=False)[:, 0, :]
    output = operation(*args, **kwargs)
    if len(output.shape) != 2:  # a constant of shape [1, 1, n] took part
        output = keras.ops.reshape(output, (1, output.shape[-1]))
    return output
