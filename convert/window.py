"""The whole-window form: for models that look at many frames at once, so that they cannot run frame by frame."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import tensorflow as tf

from convert.graph import ModelGraph, freeze, heads, joined
from device.emotion.card import Tensor
from device.errors import InputError


def window_graph(members: list[keras.Model], width: int, steps: int, more: tuple[str, ...] = ()) -> ModelGraph:
    """Every member over the same window of `steps` frames.

    A member gives [batch, 2], or [batch, time, 2], of which the last frame counts: as its only output, or as the one
    named "emotion". more: names of further outputs.
    Input "frames" [1, steps, width]; outputs "va" [1, 2 * members] (v0, a0, v1, a1, ...) and each of `more`
    [1, members * n].
    Raises InputError if a member takes windows of another length, has other shapes, or lacks an output.
    """
    cut = heads(members, more)
    for member in cut:
        length = member.inputs[0].shape[1]
        if length not in (None, steps):
            raise InputError(
                f"Model '{member.name}' was trained on windows of {length} frames, not {steps}: use --window {length}."
            )

    def look(frames: tf.Tensor) -> dict[str, tf.Tensor]:
        return joined([_newest(member, frames) for member in cut], more)

    inputs = (Tensor("frames", (1, steps, width)),)
    with _unrolled(cut):
        try:
            function, outputs = freeze(look, inputs)
        except ValueError as error:
            raise InputError(
                f"The model cannot look at a window of {steps} frames ({_reason(error)}): "
                "use a longer --window, or train other layers."
            ) from error
    if outputs[0] != (va := Tensor("va", (1, 2 * len(members)))):
        raise InputError(f"The models must give (valence, arousal), {va.shape} in all, not {outputs[0].shape}.")
    return ModelGraph(function, "window", (), inputs, outputs)


def _newest(member: keras.Model, frames: tf.Tensor) -> list[tf.Tensor]:
    """The outputs, each [1, n]; of those with a time axis the last frame."""
    outputs = keras.tree.flatten(member(frames, training=False))
    return [output[:, -1] if len(output.shape) == 3 else output for output in outputs]


@contextmanager
def _unrolled(members: list[keras.Model]) -> Iterator[None]:
    """Recurrent layers written out frame by frame meanwhile: TFLite has none of the list operators of Keras' loop."""
    before: list[tuple[Any, str, Any]] = []

    def put(layer: Any, name: str, value: Any) -> None:
        before.append((layer, name, getattr(layer, name)))
        setattr(layer, name, value)

    try:
        for member in members:
            for layer in member._flatten_layers(include_self=False, recursive=True):
                if isinstance(layer, keras.layers.RNN):
                    put(layer, "unroll", True)
                    put(layer, "stateful", False)
                elif hasattr(layer, "get_dropout_mask"):
                    # A cell draws its dropout masks even where none is used, from a state that cannot be frozen.
                    put(layer, "dropout", 0.0)
                    put(layer, "recurrent_dropout", 0.0)
        yield
    finally:
        for layer, name, value in reversed(before):
            setattr(layer, name, value)


def _reason(error: Exception) -> str:
    """The one line of a long message that says what is wrong."""
    lines = [re.sub(r"\x1b\[\d*m", "", line).strip() for line in str(error).splitlines()]
    lines = [line for line in lines if line and not line.startswith("Exception encountered")]
    return lines[0].rstrip(".") if lines else type(error).__name__
