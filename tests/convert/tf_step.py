"""The step form equals the sequence model at every frame."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

from convert.step import StepForm
from tests.convert.small_models import (
    CELLS,
    WIDTH,
    causal_convolution,
    causal_pool,
    composition,
    recurrent,
    small_model,
    three_headed,
    wrap,
)

FRAMES = 24


def _random_frames(seed: int = 0, width: int = WIDTH) -> np.ndarray:
    return 2 * np.random.default_rng(seed).standard_normal((FRAMES, width)).astype(np.float32)


def _stepped(form: StepForm, frames: np.ndarray) -> np.ndarray:
    """The form's first output [T, m] from a fresh start."""
    outputs = []
    states = [np.zeros((1, size), np.float32) for size in form.state_sizes]
    for frame in frames:
        output, states = form.process(keras.ops.convert_to_tensor(frame[None]), states)
        assert [tuple(state.shape) for state in states] == [(1, size) for size in form.state_sizes]
        outputs.append(np.asarray(output[0])[0])
    return np.stack(outputs)


def _equal_at_every_frame(model: keras.Model, width: int = WIDTH, seed: int = 0) -> None:
    frames = _random_frames(seed, width)
    expected = np.asarray(model(frames[None], training=False))[0]
    form = StepForm(model)
    np.testing.assert_allclose(_stepped(form, frames), expected, atol=1e-5)
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
    frames = _random_frames()
    expected = np.asarray(model(frames[None], training=False))[0]
    np.testing.assert_allclose(_stepped(StepForm(model), frames), expected, atol=1e-5)


@settings(max_examples=6, deadline=None)
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
    np.testing.assert_allclose(_stepped(form, frames), expected, atol=1e-5)


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
    x = layers.PReLU(shared_axes=[1])(layers.BatchNormalization()(x))
    x = layers.UnitNormalization()(layers.SpatialDropout1D(0.5)(x)) + layers.RMSNormalization()(x)
    x = layers.Normalization(mean=1.0, variance=4.0, invert=True)(x)
    x = keras.ops.concatenate([x[:, :, 2:], keras.ops.softmax(x[..., :2])], axis=-1)
    x = layers.TimeDistributed(layers.Dense(WIDTH))(layers.Conv1D(WIDTH, 1, padding="same")(x))
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
    np.testing.assert_allclose(_stepped(StepForm(model), frames), expected, atol=1e-5)


@pytest.mark.parametrize("padded", [False, True])
@pytest.mark.parametrize("dilation", [1, 2, 5])
@pytest.mark.parametrize("size", [1, 2, 5])
def test_causal_convolution(size: int, dilation: int, padded: bool) -> None:
    def build(x: Any) -> Any:
        return causal_convolution(3, size, dilation, x, padded, activation="tanh", use_bias=dilation != 2)

    model = wrap(build)
    reach = (size - 1) * dilation
    assert StepForm(model).state_sizes == ([reach * WIDTH] if reach else [])
    _equal_at_every_frame(model)


@pytest.mark.parametrize("kind", ["average", "max"])
@pytest.mark.parametrize("size", [1, 2, 3, FRAMES + 3])
def test_causal_pooling(kind: str, size: int) -> None:
    model = wrap(lambda x: causal_pool(kind, size, x))
    assert StepForm(model).state_sizes == ([(size - 1) * WIDTH] if size > 1 else [])
    _equal_at_every_frame(model)


def test_the_windows_hold_exactly_their_frames() -> None:
    """Without Keras: what one loud frame does to the ones after it."""
    frames = np.zeros((12, 1), np.float32)
    frames[3] = 6.0
    average = _stepped(StepForm(wrap(lambda x: causal_pool("average", 3, x), width=1)), frames)
    assert average[:, 0] == pytest.approx([0, 0, 0, 2, 2, 2, 0, 0, 0, 0, 0, 0])
    loudest = _stepped(StepForm(wrap(lambda x: causal_pool("max", 3, x), width=1)), frames)
    assert loudest[:, 0] == pytest.approx([0, 0, 0, 6, 6, 6, 0, 0, 0, 0, 0, 0])

    model = wrap(lambda x: causal_convolution(1, 3, 2, x, use_bias=False), width=1)
    model.set_weights([np.array([1.0, 10.0, 100.0], np.float32).reshape(3, 1, 1)])
    heard = _stepped(StepForm(model), frames)
    assert heard[:, 0] == pytest.approx([0, 0, 0, 600, 0, 60, 0, 6, 0, 0, 0, 0])


def test_a_pooling_starts_from_silence() -> None:
    frames = np.full((4, 1), -2.0, np.float32)
    assert _stepped(StepForm(wrap(lambda x: causal_pool("max", 3, x), width=1)), frames)[:, 0].tolist() == [
        0,
        0,
        -2,
        -2,
    ]


@pytest.mark.parametrize("seed", range(20))
def test_equals_the_sequence_for_random_compositions(seed: int) -> None:
    _equal_at_every_frame(composition(seed), seed=seed)


def test_the_state_is_all_that_is_remembered() -> None:
    form, frames = StepForm(composition(3)), _random_frames(seed=1)
    first = _stepped(form, frames)
    np.testing.assert_array_equal(_stepped(form, frames), first)
    # Halfway through with fresh states is not the same as halfway through with those that came up.
    assert np.abs(_stepped(form, frames[12:])[0] - first[12]).max() > 1e-3
