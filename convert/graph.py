"""All members as one frozen TensorFlow graph of one step."""

from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from convert.step import StepForm
from device.errors import InputError


@dataclass(frozen=True)
class StepGraph:
    """function: tf.function with the inputs and outputs of the signature `step`; state_size: length of its state."""

    function: Any
    state_size: int


def build_graph(members: list[keras.Model], width: int) -> StepGraph:
    """One step of every member over the same frame.

    Inputs "frame" [1, width] and "state" [1, S]; outputs "va" [1, 2 * members] (v0, a0, v1, a1, ...) and
    "state" [1, S]: the states of all members, one after the other. All constants, no variables.
    Raises InputError if a member cannot run frame by frame.
    """
    forms = [StepForm(member) for member in members]
    sizes = [size for form in forms for size in form.state_sizes]
    if not sizes:
        raise InputError("The model has no recurrent layer, so nothing to remember: train it with a GRU, LSTM or RNN.")
    inputs = [tf.TensorSpec([1, width], tf.float32, "frame"), tf.TensorSpec([1, sum(sizes)], tf.float32, "state")]

    def step(frame: tf.Tensor, state: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        states = tf.split(state, sizes, axis=1)
        outputs, new = [], []
        for form in forms:
            count = len(form.state_sizes)
            output, after = form.process(frame, states[:count])
            states = states[count:]
            outputs.append(output)
            new += after
        return tf.concat(outputs, axis=1), tf.concat(new, axis=1)

    # Keras variables would become READ_VARIABLE ops, which the converter refuses.
    frozen = convert_variables_to_constants_v2(tf.function(step, input_signature=inputs).get_concrete_function())

    # Freezing loses the names of the outputs.
    def named(frame: tf.Tensor, state: tf.Tensor) -> dict[str, tf.Tensor]:
        va, after = frozen(frame, state)
        return {"va": va, "state": after}

    return StepGraph(tf.function(named, input_signature=inputs), sum(sizes))
