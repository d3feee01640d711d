"""The step form of a sequence model: one frame and the state in, one output and the new state out.

Every layer works on [1, n] instead of [1, time, n]. Layers that look at one frame at a time stay as they are; a
recurrent layer is replaced by its cell, a causal convolution or pooling by a dense one over the last frames. What they
remember becomes an input and an output.
"""

from typing import Any

import keras

from convert.causal import WINDOWED, Padded, reach, windowed
from convert.pointwise import pointwise
from convert.streamable import RECURRENT, check, check_padding, refusal

Tensor = Any


class StepForm:
    """The step form of a functional Keras model [batch, time, n] -> one or several [batch, time, m].

    state_sizes: lengths of the states, in the order in which `process` takes and gives them.
    Raises InputError, naming the layer, if the model cannot run frame by frame.
    """

    def __init__(self, model: keras.Model) -> None:
        self._model = model
        memory = _Memory(None)
        # Once over silence: whatever cannot be streamed shows now.
        _outputs(model, keras.ops.zeros((1, model.inputs[0].shape[-1])), memory)
        self.state_sizes = memory.sizes

    def process(self, frame: Tensor, states: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        """frame [1, n] and states, each [1, size] -> the model's outputs, each [1, m], and the new states."""
        memory = _Memory(states)
        return _outputs(self._model, frame, memory), memory.after


class _Memory:
    """The states before and after one step, in the order in which the walk comes to the layers that have them.

    before: None for fresh ones.
    """

    def __init__(self, before: list[Tensor] | None) -> None:
        self._before = None if before is None else iter(before)
        self._layers: set[int] = set()
        self.sizes: list[int] = []
        self.after: list[Tensor] = []

    def recall(self, layer: keras.Layer, sizes: list[int]) -> list[Tensor]:
        if id(layer) in self._layers:
            raise refusal(layer, "is used more than once", "give each place its own layer")
        self._layers.add(id(layer))
        self.sizes += sizes
        if self._before is None:
            return [keras.ops.zeros((1, size)) for size in sizes]
        return [next(self._before) for _ in sizes]


def _outputs(model: keras.Model, frame: Tensor, memory: _Memory) -> list[Tensor]:
    outputs: list[Tensor] = keras.tree.flatten(_walk(model, frame, memory))
    for output in outputs:
        if isinstance(output, Padded):
            raise refusal(output.layer, "pads an output of the model", "train a model without it")
    return outputs


def _walk(model: keras.Model, x: Tensor, memory: _Memory) -> Any:
    """What the model gives for one frame x [1, n]."""

    def call(operation: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(operation, keras.Sequential) or type(operation).__name__ == "Functional":
            return _walk(operation, args[0], memory)
        check(operation)
        return _call(operation, args, kwargs, memory)

    if isinstance(model, keras.Sequential):
        for layer in model.layers:
            x = call(layer, x)
        return x
    return model._run_through_graph(x, operation_fn=lambda operation: operation, call_fn=call)


def _call(operation: Any, args: tuple[Any, ...], kwargs: dict[str, Any], memory: _Memory) -> Any:
    if type(operation) in WINDOWED:
        return _look_back(operation, args[0], memory)
    for given in keras.tree.flatten((args, kwargs)):
        if isinstance(given, Padded):
            raise refusal(
                operation, f"gets the padding of '{given.layer.name}'", "put a convolution or pooling after that"
            )
    if type(operation) in RECURRENT:
        if len(args) > 1 or any(value is not None for key, value in kwargs.items() if key != "training"):
            raise refusal(operation, "gets an initial state or a mask", "train it without")
        sizes = operation.cell.state_size
        states = memory.recall(operation, list(sizes) if isinstance(sizes, list | tuple) else [sizes])
        output, states = operation.cell(args[0], states, training=False)
        memory.after += states
        return output
    if type(operation) is keras.layers.ZeroPadding1D:
        return Padded(args[0], operation.padding[0], operation)
    return pointwise(operation, args, kwargs)


def _look_back(layer: keras.Layer, x: Any, memory: _Memory) -> Tensor:
    """A convolution or pooling over the frames up to x."""
    check_padding(layer, x.before if isinstance(x, Padded) else 0)
    frame = x.frame if isinstance(x, Padded) else x
    size = reach(layer) * frame.shape[-1]
    if size == 0:
        return windowed(layer, frame, frame[:, :0])[0]
    output, after = windowed(layer, frame, memory.recall(layer, [size])[0])
    memory.after.append(after)
    return output
