"""All members as one frozen TensorFlow graph: of one step here, of a whole window in convert.window."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import keras
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from convert.members import EMOTION
from convert.step import StepForm
from device.emotion.card import Tensor
from device.errors import InputError


@dataclass(frozen=True)
class ModelGraph:
    """function: tf.function with the inputs and outputs of the signature that is named `kind`; no variables.

    state_sizes: lengths of the states that stand one after the other in "state"; none for a window.
    """

    function: Any
    kind: Literal["step", "window"]
    state_sizes: tuple[int, ...]
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]

    @property
    def state_size(self) -> int:
        """Length of "state"."""
        return sum(self.state_sizes)


def build_graph(members: list[keras.Model], width: int, more: tuple[str, ...] = ()) -> ModelGraph:
    """One step of every member over the same frame.

    A member gives [batch, time, 2], as its only output or as the one named "emotion". more: names of further outputs.
    Inputs "frame" [1, width] and "state" [1, S]; outputs "va" [1, 2 * members] (v0, a0, v1, a1, ...), "state" [1, S],
    the states of all members one after the other, and each of `more` [1, members * n].
    Raises InputError if a member cannot run frame by frame, remembers nothing, or lacks an output.
    """
    forms = [StepForm(member) for member in heads(members, more)]
    sizes = [size for form in forms for size in form.state_sizes]
    if not sizes:
        raise InputError(
            "The model has no recurrent layer, causal convolution or causal pooling, so nothing to remember: "
            "train it with one of them."
        )

    def step(frame: tf.Tensor, state: tf.Tensor) -> dict[str, tf.Tensor]:
        states = tf.split(state, sizes, axis=1)
        outputs, new = [], []
        for form in forms:
            count = len(form.state_sizes)
            output, after = form.process(frame, states[:count])
            states = states[count:]
            outputs.append(output)
            new += after
        return joined(outputs, more) | {"state": tf.concat(new, axis=1)}

    inputs = (Tensor("frame", (1, width)), Tensor("state", (1, sum(sizes))))
    function, outputs = freeze(step, inputs)
    return ModelGraph(function, "step", tuple(sizes), inputs, outputs)


def heads(members: list[keras.Model], more: tuple[str, ...]) -> list[keras.Model]:
    """The members with the outputs [va, *more] only; layers that just others need are left behind."""
    cut = []
    for member in members:
        # A Sequential has one output, without a name.
        names = getattr(member, "output_names", [EMOTION])
        outputs = dict(zip(names, member.outputs, strict=True))
        va = EMOTION if len(outputs) > 1 else next(iter(outputs))
        missing = [name for name in (va, *more) if name not in outputs]
        if missing:
            raise InputError(f"Model '{member.name}' has the outputs {', '.join(outputs)}, none named {missing[0]}.")
        wanted = [va, *more]
        cut.append(member if wanted == names else keras.Model(member.inputs[0], [outputs[name] for name in wanted]))
    return cut


def joined(outputs: list[list[tf.Tensor]], more: tuple[str, ...]) -> dict[str, tf.Tensor]:
    """The outputs [va, *more] of every member, each [1, n], by name and over all members."""
    return {name: tf.concat(parts, axis=1) for name, *parts in zip(("va", *more), *outputs, strict=True)}


def freeze(
    run: Callable[..., dict[str, tf.Tensor]], inputs: tuple[Tensor, ...]
) -> tuple[Callable[..., dict[str, tf.Tensor]], tuple[Tensor, ...]]:
    """`run` as a tf.function of the inputs, all its variables constants; and its outputs.

    Keras variables would become READ_VARIABLE ops, which the converter refuses.
    """
    signature = [tf.TensorSpec(tensor.shape, tf.float32, tensor.name) for tensor in inputs]
    function = tf.function(run, input_signature=signature).get_concrete_function()
    outputs = tuple(Tensor(name, tuple(output.shape)) for name, output in function.structured_outputs.items())
    names = sorted(output.name for output in outputs)
    frozen = convert_variables_to_constants_v2(function)

    # Freezing loses the names of the outputs, and gives them in the order of their sorted names.
    def named(*arguments: tf.Tensor) -> dict[str, tf.Tensor]:
        return dict(zip(names, frozen(*arguments), strict=True))

    return tf.function(named, input_signature=signature), outputs
