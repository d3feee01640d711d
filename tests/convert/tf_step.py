"""The step form equals the sequence model at every frame; what cannot stream is refused by name."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

from convert.step import StepForm
from device.errors import InputError
from tests.convert.small_models import CELLS, WIDTH, recurrent, small_model, three_headed, wrap

FRAMES = 24


def _equal_at_every_frame(model: keras.Model, width: int = WIDTH, seed: int = 0) -> None:
    frames = 2 * np.random.default_rng(seed).standard_normal((FRAMES, width)).astype(np.float32)
    expected = np.asarray(model(frames[None], training=False))[0]
    form = StepForm(model)
    states = [np.zeros((1, size), np.float32) for size in form.state_sizes]
    for i, frame in enumerate(frames):
        output, states = form.process(keras.ops.convert_to_tensor(frame[None]), states)
        assert output.shape == (1, expected.shape[1])
        assert [tuple(state.shape) for state in states] == [(1, size) for size in form.state_sizes]
        np.testing.assert_allclose(np.asarray(output)[0], expected[i], atol=1e-5)
    # Without memory, the last frame would give the same after any past: then nothing would have been compared.
    alone = np.asarray(model(frames[None, -1:], training=False))[0, 0]
    assert not form.state_sizes or np.abs(alone - expected[-1]).max() > 1e-4


@pytest.mark.parametrize("cell", sorted(CELLS))
@pytest.mark.parametrize("kind", ["parallel", "forked"])
@pytest.mark.parametrize("depth", [1, 2])
def test_equals_the_sequence(cell: str, kind: str, depth: int) -> None:
    _equal_at_every_frame(small_model(cell, kind, depth))


@pytest.mark.parametrize("cell", sorted(CELLS))
@pytest.mark.parametrize("kind", ["parallel", "forked"])
def test_the_emotion_of_several_heads_equals_the_sequence(cell: str, kind: str) -> None:
    whole = three_headed(cell, kind, sound=True)
    emotion = keras.Model(whole.inputs[0], whole.get_layer("emotion").output)
    sizes = StepForm(emotion).state_sizes
    assert sizes == [5] * (2 if kind == "parallel" else 1) * (2 if cell == "lstm" else 1)
    _equal_at_every_frame(emotion)


def test_unrolled_layer() -> None:
    frame = keras.Input((FRAMES, WIDTH), name="frame")
    model = keras.Model(frame, layers.GRU(3, return_sequences=True, unroll=True)(frame))
    frames = np.random.default_rng(0).standard_normal((FRAMES, WIDTH)).astype(np.float32)
    expected = np.asarray(model(frames[None], training=False))[0]
    form, states = StepForm(model), [np.zeros((1, 3), np.float32)]
    for i, one in enumerate(frames):
        output, states = form.process(keras.ops.convert_to_tensor(one[None]), states)
        np.testing.assert_allclose(np.asarray(output)[0], expected[i], atol=1e-5)


@settings(max_examples=12, deadline=None)
@given(
    cell=st.sampled_from(sorted(CELLS)),
    kind=st.sampled_from(["parallel", "forked"]),
    depth=st.integers(1, 3),
    units=st.integers(1, 9),
    width=st.integers(1, 12),
    seed=st.integers(0, 2**16),
)
def test_equals_the_sequence_for_any_size(cell: str, kind: str, depth: int, units: int, width: int, seed: int) -> None:
    model = small_model(cell, kind, depth, units, width, seed=seed)
    form = StepForm(model)
    per_layer = [units] * (2 if cell == "lstm" else 1)
    assert form.state_sizes == per_layer * depth * (2 if kind == "parallel" else 1)
    frames = np.random.default_rng(seed).standard_normal((FRAMES, width)).astype(np.float32)
    expected = np.asarray(model(frames[None], training=False))[0]
    states = [np.zeros((1, size), np.float32) for size in form.state_sizes]
    for i, frame in enumerate(frames):
        output, states = form.process(keras.ops.convert_to_tensor(frame[None]), states)
        np.testing.assert_allclose(np.asarray(output)[0], expected[i], atol=1e-5)


@pytest.mark.parametrize(
    ("cell", "options"),
    [
        ("gru", {"reset_after": False}),
        ("gru", {"reset_after": True, "use_bias": False}),
        ("gru", {"activation": "relu", "recurrent_activation": "hard_sigmoid", "recurrent_dropout": 0.3}),
        ("lstm", {"use_bias": False, "activation": "softsign"}),
        ("rnn", {"activation": "relu", "dropout": 0.3}),
    ],
)
def test_equals_the_sequence_with_options(cell: str, options: dict[str, Any]) -> None:
    _equal_at_every_frame(small_model(cell, **options))


def _mixed(x: Any) -> Any:
    """Different cells side by side and one after the other, at different depths, joined twice."""
    fast = recurrent("rnn", 3, 1, x)
    slow = recurrent("gru", 5, 2, layers.Concatenate()([x, fast]))
    other = recurrent("lstm", 3, 1, layers.Dense(4, activation="relu")(fast))
    return layers.Dense(2, activation="tanh")(layers.Concatenate(axis=2)([slow, other, x]))


def _pointwise(x: Any) -> Any:
    """Every kind of layer that looks at one frame at a time."""
    x = layers.Rescaling(scale=np.linspace(0.5, 2, WIDTH).tolist(), offset=0.1)(x)
    x = layers.GaussianNoise(0.5)(x)
    x = keras.ops.tanh(x) * np.linspace(1, 2, WIDTH, dtype=np.float32)[None, None] - 0.25
    x = layers.LayerNormalization()(x)
    x = layers.BatchNormalization()(x)
    x = layers.SpatialDropout1D(0.5)(x)
    y = layers.GRU(WIDTH, return_sequences=True)(x)
    x = layers.Add()([x, y])
    x = layers.Multiply()([layers.LeakyReLU()(x), layers.ELU()(y)])
    x = layers.Maximum()([layers.ReLU()(x), layers.Average()([x, y])])
    x = layers.Softmax()(layers.Activation("gelu")(x))
    return layers.Dense(2, activation="tanh")(layers.GaussianDropout(0.2)(keras.ops.maximum(x, -2.0)))


def _nested(x: Any) -> Any:
    """A functional model and a Sequential one as layers, with layers of the same name."""
    inner = keras.Input((None, WIDTH))
    functional = keras.Model(inner, layers.GRU(3, return_sequences=True, name="same")(inner))
    chain = keras.Sequential([layers.GRU(3, return_sequences=True, name="same"), layers.Dense(3), layers.Dropout(0.5)])
    return layers.Dense(2)(layers.Concatenate()([functional(x), chain(x)]))


@pytest.mark.parametrize("build", [_mixed, _pointwise, _nested])
def test_equals_the_sequence_for_other_graphs(build: Callable[[Any], Any]) -> None:
    _equal_at_every_frame(wrap(build))


def test_sequential_model() -> None:
    steps = [keras.Input((None, WIDTH)), layers.LSTM(3, return_sequences=True), layers.Dense(2)]
    _equal_at_every_frame(keras.Sequential(steps))


def test_normalization_holds_constants_of_any_size() -> None:
    scale = 10.0 ** np.linspace(-6, 6, WIDTH)
    model = small_model(mean=3 * scale, deviation=scale)
    frames = (scale * (3 + np.random.default_rng(0).standard_normal((FRAMES, WIDTH)))).astype(np.float32)
    expected = np.asarray(model(frames[None], training=False))[0]
    form = StepForm(model)
    states = [np.zeros((1, size), np.float32) for size in form.state_sizes]
    for i, frame in enumerate(frames):
        output, states = form.process(keras.ops.convert_to_tensor(frame[None]), states)
        np.testing.assert_allclose(np.asarray(output)[0], expected[i], atol=1e-5)


def _gru(**options: Any) -> Any:
    return layers.GRU(3, name="odd", **{"return_sequences": True, **options})


def _twice(x: Any) -> Any:
    shared = layers.GRU(WIDTH, return_sequences=True, name="odd")
    return shared(shared(x))


REFUSED: dict[str, tuple[Callable[[Any], Any], str]] = {
    "Bidirectional": (lambda x: layers.Bidirectional(_gru(), name="odd")(x), "looks at the future"),
    "Conv1D": (lambda x: layers.Conv1D(3, 3, padding="same", name="odd")(x), "looks at the future"),
    "MultiHeadAttention": (
        lambda x: layers.MultiHeadAttention(2, 3, name="odd")(x, x),
        "looks at the future",
    ),
    "Attention": (lambda x: layers.Attention(name="odd")([x, x]), "looks at the future"),
    "GlobalAveragePooling1D": (lambda x: layers.GlobalAveragePooling1D(name="odd")(x), "looks at the future"),
    "backwards GRU": (lambda x: _gru(go_backwards=True)(x), "looks at the future"),
    "causal Conv1D": (lambda x: layers.Conv1D(3, 3, padding="causal", name="odd")(x), "not known"),
    "LastOutput": (lambda x: _gru(return_sequences=False)(x), "return_sequences=True"),
    "Masking": (lambda x: layers.Masking(name="odd")(x), "not known"),
    "AveragePooling1D": (lambda x: layers.AveragePooling1D(2, name="odd")(x), "not known"),
    "Sum over time": (lambda x: keras.ops.sum(x, axis=1), "not known"),
    "Softmax over time": (lambda x: layers.Softmax(axis=1, name="odd")(x), "last one"),
    "Concatenate in time": (lambda x: layers.Concatenate(axis=1, name="odd")([x, x]), "last one"),
    "Inverted": (lambda x: layers.Normalization(mean=1.0, variance=2.0, invert=True, name="odd")(x), "inverted"),
    "Twice": (_twice, "more than once"),
}


@pytest.mark.parametrize("which", sorted(REFUSED))
def test_refuses_what_cannot_stream(which: str) -> None:
    build, why = REFUSED[which]
    with pytest.raises(InputError, match=why) as caught:
        StepForm(wrap(build))
    assert "'odd'" in str(caught.value) or "(Sum)" in str(caught.value)


def test_refuses_an_initial_state() -> None:
    def build(x: Any) -> Any:
        return _gru()(x, initial_state=layers.Dense(3)(x)[:, 0])

    with pytest.raises(InputError):
        StepForm(wrap(build)).process(np.zeros((1, WIDTH), np.float32), [np.zeros((1, 3), np.float32)])


def test_refuses_a_layer_of_one_s_own() -> None:
    class Future(layers.Dense):
        """Looks like Dense; only exact types are trusted."""

    with pytest.raises(InputError, match="Future"):
        StepForm(wrap(lambda x: Future(2)(x)))
