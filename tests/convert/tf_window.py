"""The whole-window form in TFLite equals Keras, and so does the lamp that looks at the last frames now and then."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from convert.describe import describe
from convert.graph import build_graph
from convert.run import read_run
from convert.tflite import to_tflite
from convert.window import window_graph
from device.emotion.bundle import Bundle
from device.emotion.card import Tensor, Window, seal_for
from device.emotion.runtime import open_interpreter
from device.emotion.window_model import WindowModel
from device.errors import InputError
from tests.convert.small_models import WIDTH, composition, randomized, small_model, three_headed, wrap, write_run

STEPS = 12
FRAMES = np.random.default_rng(0).standard_normal((40, WIDTH)).astype(np.float32)


def _bidirectional(x: Any) -> Any:
    x = layers.Bidirectional(layers.GRU(5, return_sequences=True, recurrent_dropout=0.2))(x)
    return layers.Dense(2)(layers.Bidirectional(layers.LSTM(4, dropout=0.2), merge_mode="sum")(layers.Dropout(0.3)(x)))


def _attention(x: Any) -> Any:
    x = layers.LayerNormalization()(layers.Add()([x, layers.MultiHeadAttention(2, 3, dropout=0.2)(x, x)]))
    x = layers.Concatenate()([x, layers.GroupQueryAttention(2, 4, 2)(x, x), layers.Attention()([x, x])])
    return layers.Dense(2)(layers.GlobalMaxPooling1D()(x))


def _convolution(x: Any) -> Any:
    x = layers.Conv1D(6, 5, padding="same", dilation_rate=2, activation="gelu")(x)
    x = layers.MaxPooling1D(2)(layers.SeparableConv1D(4, 3, activation="relu")(x))
    return layers.Dense(2, activation="tanh")(layers.GlobalAveragePooling1D()(x))


def _picture(x: Any) -> Any:
    x = layers.Reshape((STEPS, WIDTH, 1))(x)
    x = layers.Conv2D(4, 3, padding="same", activation="relu")(x)
    x = layers.MaxPooling2D((2, 2))(layers.BatchNormalization()(x))
    return layers.Dense(2)(layers.GRU(5)(layers.Reshape((STEPS // 2, -1))(x)))


def _frame_by_frame(x: Any) -> Any:
    x = layers.TimeDistributed(layers.Conv1D(3, 3))(layers.Reshape((STEPS, WIDTH, 1))(x))
    x = layers.TimeDistributed(layers.Flatten())(x)
    inner = keras.Input((STEPS, x.shape[-1]))
    nested = keras.Model(inner, layers.SimpleRNN(5, go_backwards=True, return_sequences=True)(inner))
    return layers.Dense(2)(layers.Flatten()(nested(x)))


def _stacked_cells(x: Any) -> Any:
    cells = [layers.GRUCell(4, reset_after=False), layers.LSTMCell(3, dropout=0.1)]
    return layers.Dense(2)(layers.RNN(cells, return_sequences=True)(x))


LOOKS: dict[str, Callable[[Any], Any]] = {
    "bidirectional": _bidirectional,
    "attention": _attention,
    "convolution": _convolution,
    "picture": _picture,
    "frame by frame": _frame_by_frame,
    "stacked cells": _stacked_cells,
}


def _trained(build: Callable[[Any], Any], steps: int | None = STEPS, seed: int = 0) -> keras.Model:
    frame = keras.Input((steps, WIDTH), name="frame")
    return randomized(keras.Model(frame, build(frame)), seed)


def _keras(model: keras.Model, windows: np.ndarray) -> np.ndarray:
    """(valence, arousal) [N, 2] after each of the windows [N, STEPS, width]."""
    output = model(windows, training=False)
    va = np.asarray(output[0] if isinstance(output, list) else output)
    return va[:, -1] if va.ndim == 3 else va


@pytest.mark.parametrize("look", sorted(LOOKS))
def test_equals_keras(look: str) -> None:
    model = _trained(LOOKS[look])
    graph = window_graph([model], WIDTH, STEPS)
    assert (graph.kind, graph.state_sizes) == ("window", ())
    assert graph.inputs == (Tensor("frames", (1, STEPS, WIDTH)),)
    assert graph.outputs == (Tensor("va", (1, 2)),)
    data = to_tflite(graph, "float32")
    interpreter = open_interpreter(data, "ai_edge_litert")
    run = interpreter.get_signature_runner("window")
    windows = np.stack([FRAMES[start : start + STEPS] for start in (0, 5, 20)])
    told = _keras(model, windows)
    for window, expected in zip(windows, told, strict=True):
        np.testing.assert_allclose(run(frames=window[None])["va"][0], expected, atol=1e-5)
    # It looks at all of the window, the first frame too.
    windows[:, 0] += 3
    assert np.abs(_keras(model, windows) - told).max(axis=1).min() > 1e-4
    builtin = {operator["op_name"] for operator in interpreter._get_ops_details()}
    assert not any(name.startswith(("Flex", "CUSTOM", "WHILE")) for name in builtin)


def test_the_members_are_left_as_they_were() -> None:
    model = _trained(_bidirectional, None)
    before = _keras(model, FRAMES[None])
    window_graph([model], WIDTH, STEPS)
    inner = model.layers[1].forward_layer
    assert not inner.unroll
    assert inner.cell.recurrent_dropout == inner.recurrent_dropout == 0.2
    # Any length still does.
    np.testing.assert_array_equal(_keras(model, FRAMES[None]), before)


def test_an_ensemble_of_step_and_window_models() -> None:
    members = [_trained(_convolution), small_model("lstm"), composition(4), three_headed(seed=2)]
    graph = window_graph(members, WIDTH, STEPS)
    assert graph.outputs == (Tensor("va", (1, 8)),)
    got = graph.function(FRAMES[None, :STEPS])["va"].numpy()[0]
    expected = np.concatenate([_keras(member, FRAMES[None, :STEPS])[0] for member in members])
    np.testing.assert_allclose(got, expected, atol=1e-5)


def test_further_outputs_on_demand() -> None:
    def build(x: Any) -> list[Any]:
        x = layers.GlobalAveragePooling1D()(layers.Conv1D(6, 3, padding="same")(x))
        return [layers.Dense(4, name="quadrant")(x), layers.Dense(2, name="emotion")(x)]

    members = [_trained(build, seed=1), three_headed(seed=2)]
    graph = window_graph(members, WIDTH, STEPS, ("quadrant",))
    assert graph.outputs == (Tensor("va", (1, 4)), Tensor("quadrant", (1, 8)))
    window = FRAMES[None, :STEPS]
    got = {name: value.numpy()[0] for name, value in graph.function(window).items()}
    (quadrant, emotion), told = members[0](window), members[1](window)
    np.testing.assert_allclose(got["va"], np.concatenate([emotion[0], told[0][0, -1]]), atol=1e-5)
    np.testing.assert_allclose(got["quadrant"], np.concatenate([quadrant[0], told[1][0, -1]]), atol=1e-5)


def test_of_a_model_that_streams_both_forms_agree() -> None:
    """The window's last frame is the state's answer, as long as the window holds the whole past."""
    members = [small_model(), composition(7)]
    step = build_graph(members, WIDTH)
    outputs = {"state": np.zeros((1, step.state_size), np.float32)}
    for frame in FRAMES[:STEPS]:
        outputs = step.function(frame[None], outputs["state"])
    window = window_graph(members, WIDTH, STEPS).function(FRAMES[None, :STEPS])
    np.testing.assert_allclose(window["va"].numpy(), outputs["va"].numpy(), atol=1e-5)


@pytest.mark.parametrize(("look", "every"), [("bidirectional", 1), ("attention", 5)])
def test_the_lamp_sees_what_keras_sees(tmp_path: Path, look: str, every: int) -> None:
    members = [_trained(LOOKS[look], None, seed) for seed in range(2)]
    graph = window_graph(members, WIDTH, STEPS)
    card = describe(read_run(write_run(tmp_path / "run", members)), "wide", graph, Window(STEPS, every))
    model = to_tflite(graph, "float32")
    lamp = WindowModel(Bundle(seal_for(card, model), model), "ai_edge_litert")
    # What it looked at last, after each frame; over and over if that does not fill the window.
    seen = [FRAMES[: heard - (heard - 1) % every] for heard in range(1, len(FRAMES) + 1)]
    windows = np.stack([np.tile(frames, (STEPS, 1))[-STEPS:] for frames in seen])
    expected = np.concatenate([_keras(member, windows) for member in members], axis=1)
    for _ in range(2):
        np.testing.assert_allclose(np.stack([lamp.process(frame) for frame in FRAMES]), expected, atol=1e-5)
        lamp.reset()


def test_a_window_of_another_length_than_trained_is_refused() -> None:
    with pytest.raises(InputError, match=r"windows of 12 frames, not 30: use --window 12\.$"):
        window_graph([_trained(_picture)], WIDTH, 30)
    window_graph([_trained(_convolution, None)], WIDTH, 30)
    with pytest.raises(InputError, match=r"cannot look at a window of 2 frames \(.+\): use a longer --window"):
        window_graph([_trained(_convolution, None)], WIDTH, 2)


def test_other_shapes_are_refused() -> None:
    with pytest.raises(InputError, match=r"must give \(valence, arousal\)"):
        window_graph([wrap(lambda x: layers.Dense(3)(x))], WIDTH, STEPS)


def test_what_tflite_lacks_is_refused_by_name() -> None:
    graph = window_graph([wrap(lambda x: layers.Dense(2)(keras.ops.erfinv(keras.ops.tanh(x))))], WIDTH, STEPS)
    with pytest.raises(InputError, match="Erfinv"):
        to_tflite(graph, "float32")
