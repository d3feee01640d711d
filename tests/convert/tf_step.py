"""The step form equals the sequence model at every frame; what cannot stream is refused by name."""

from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

from convert.graph import ModelGraph, build_graph
from convert.step import StepForm
from convert.tflite import to_tflite
from device.emotion.card import Tensor
from device.emotion.runtime import open_interpreter
from device.errors import InputError
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


def _through(graph: ModelGraph, frames: np.ndarray) -> dict[str, np.ndarray]:
    """All outputs but the state, each [T, n]."""
    state, found = np.zeros((1, graph.state_size), np.float32), []
    for frame in frames:
        outputs = {name: value.numpy() for name, value in graph.function(frame[None], state).items()}
        state = outputs.pop("state")
        found.append(outputs)
    return {name: np.concatenate([outputs[name] for outputs in found]) for name in found[0]}


def test_an_ensemble_of_unlike_members_in_one_graph() -> None:
    members = [composition(1), small_model("lstm"), composition(2), wrap(lambda x: layers.Dense(2)(x)), three_headed()]
    graph = build_graph(members, WIDTH)
    sizes = [size for member in members for size in StepForm(member).state_sizes]
    assert graph.kind == "step"
    assert graph.state_sizes == tuple(sizes)
    assert graph.inputs == (Tensor("frame", (1, WIDTH)), Tensor("state", (1, sum(sizes))))
    assert graph.outputs == (Tensor("va", (1, 10)), Tensor("state", (1, sum(sizes))))
    frames = _random_frames()
    outputs = [model(frames[None], training=False) for model in members]
    outputs[-1] = outputs[-1][0]
    expected = np.concatenate([np.asarray(output)[0] for output in outputs], axis=1)
    np.testing.assert_allclose(_through(graph, frames)["va"], expected, atol=1e-5)


def test_a_causal_convolution_is_one_dense_layer_in_tflite() -> None:
    def build(x: Any) -> Any:
        x = causal_pool("max", 2, causal_convolution(6, 3, 4, x, activation="relu"))
        return causal_convolution(2, 2, 1, causal_pool("average", 3, x), padded=True, activation="tanh")

    data = to_tflite(build_graph([wrap(build)], WIDTH), "float32")
    interpreter = open_interpreter(data, "ai_edge_litert")
    operators = [operator["op_name"] for operator in interpreter._get_ops_details()]
    assert operators.count("FULLY_CONNECTED") == 2
    assert not {"CONV_2D", "BATCH_MATMUL"} & set(operators)


def _in_tflite(members: list[keras.Model], frames: np.ndarray) -> np.ndarray:
    """The answer [T, 2 * members] in the lamp's interpreter, whose operators share and reuse memory."""
    graph = build_graph(members, WIDTH)
    data = to_tflite(graph, "float32")
    step = open_interpreter(data, "ai_edge_litert").get_signature_runner("step")
    state, found = np.zeros((1, graph.state_size), np.float32), []
    for frame in frames:
        outputs = step(frame=frame[None], state=state)
        state = outputs["state"]
        found.append(outputs["va"][0])
    return np.stack(found)


def test_compositions_in_tflite() -> None:
    members, frames = [composition(seed) for seed in range(4, 9)], _random_frames()
    expected = np.concatenate([np.asarray(model(frames[None], training=False))[0] for model in members], axis=1)
    np.testing.assert_allclose(_in_tflite(members, frames), expected, atol=1e-5)


WITHIN_A_FRAME: dict[str, Callable[[Any], Any]] = {
    "BatchNormalization": lambda x: layers.BatchNormalization()(x),
    "LayerNormalization": lambda x: layers.LayerNormalization(axis=2)(x),
    "RMSNormalization": lambda x: layers.RMSNormalization()(x),
    "UnitNormalization": lambda x: layers.UnitNormalization()(x),
    "PReLU": lambda x: layers.PReLU(shared_axes=[1])(x),
    "Add": lambda x: layers.Add()([2 * x, x]),
    "Average": lambda x: layers.Average()([2 * x, x]),
    "sum": lambda x: keras.ops.tanh(x) + x,
    "constant": lambda x: x * np.ones((1, 1, WIDTH), np.float32) - 0.5,
}


def test_no_layer_writes_over_the_state_in_tflite() -> None:
    """What follows a recurrent layer works in place on memory that may be that of the state to come."""

    def build(follow: Callable[[Any], Any], x: Any) -> Any:
        state = recurrent("gru", WIDTH, 1, x)
        follows = follow(state)
        return layers.Dense(2)(layers.Concatenate()([follows, recurrent("rnn", 3, 1, follows), state]))

    members = [wrap(partial(build, follow)) for follow in WITHIN_A_FRAME.values()]
    frames = _random_frames()
    got = _in_tflite(members, frames)
    for index, (name, model) in enumerate(zip(WITHIN_A_FRAME, members, strict=True)):
        expected = np.asarray(model(frames[None], training=False))[0]
        np.testing.assert_allclose(got[:, 2 * index : 2 * index + 2], expected, atol=1e-5, err_msg=name)


def test_further_outputs_on_demand() -> None:
    members = [three_headed(seed=1), three_headed(kind="parallel", cell="lstm", sound=True, seed=2)]
    graph = build_graph(members, WIDTH, ("quadrant", "ratings"))
    shapes = {"va": (1, 4), "quadrant": (1, 8), "ratings": (1, 16), "state": (1, graph.state_size)}
    assert graph.outputs == tuple(Tensor(name, shape) for name, shape in shapes.items())
    frames = _random_frames()
    got = _through(graph, frames)
    told = [member(frames[None], training=False) for member in members]
    for index, name in enumerate(("va", "quadrant", "ratings")):
        expected = np.concatenate([np.asarray(outputs[index])[0] for outputs in told], axis=1)
        np.testing.assert_allclose(got[name], expected, atol=1e-5)
    with pytest.raises(InputError, match="has the outputs emotion, quadrant, ratings, none named sound"):
        build_graph(members, WIDTH, ("sound",))


def test_only_what_is_asked_for_is_built() -> None:
    """Layers of the other outputs may be of any kind, and cost nothing."""

    def build(x: Any) -> Any:
        other = layers.Bidirectional(layers.GRU(3, return_sequences=True), name="other")(x)
        return [other, layers.Dense(2, name="emotion")(recurrent("gru", 3, 1, x))]

    assert build_graph([wrap(build)], WIDTH).state_sizes == (3,)
    with pytest.raises(InputError, match=r"'other' .* looks at the future"):
        build_graph([wrap(build)], WIDTH, ("other",))


def test_members_that_remember_nothing_are_refused() -> None:
    with pytest.raises(InputError, match="nothing to remember"):
        build_graph([wrap(lambda x: layers.Dense(2)(x))], WIDTH)


def _gru(**options: Any) -> Any:
    return layers.GRU(3, name="odd", **{"return_sequences": True, **options})


def _conv(x: Any, size: int = 3, **options: Any) -> Any:
    return layers.Conv1D(4, size, name="odd", **options)(x)


def _pad(x: Any, before: int, after: int = 0, name: str | None = None) -> Any:
    return layers.ZeroPadding1D((before, after), name=name)(x)


def _twice(x: Any) -> Any:
    shared = layers.GRU(WIDTH, return_sequences=True, name="odd")
    return shared(shared(x))


def _nested_twice(x: Any) -> Any:
    inner = keras.Input((None, WIDTH))
    shared = keras.Model(inner, layers.GRU(WIDTH, return_sequences=True, name="odd")(inner))
    return shared(shared(x))


def _attention(x: Any) -> Any:
    return layers.MultiHeadAttention(2, 3, name="odd")(x, x)


def _picture(x: Any) -> Any:
    return layers.Conv2D(2, 3, name="odd")(x[..., None])


FUTURE = "looks at the future"
REFUSED: dict[str, tuple[Callable[[Any], Any], str]] = {
    "Bidirectional": (lambda x: layers.Bidirectional(_gru(), name="odd")(x), FUTURE),
    "MultiHeadAttention": (_attention, FUTURE),
    "GroupQueryAttention": (lambda x: layers.GroupQueryAttention(2, 2, 1, name="odd")(x, x), FUTURE),
    "Attention": (lambda x: layers.Attention(name="odd")([x, x]), FUTURE),
    "AdditiveAttention": (lambda x: layers.AdditiveAttention(name="odd")([x, x]), FUTURE),
    "GlobalAveragePooling1D": (lambda x: layers.GlobalAveragePooling1D(name="odd")(x), FUTURE),
    "GlobalMaxPooling1D": (lambda x: layers.GlobalMaxPooling1D(name="odd")(x), FUTURE),
    "backwards GRU": (lambda x: _gru(go_backwards=True)(x), FUTURE),
    "convolution of both sides": (lambda x: _conv(x, padding="same"), f'{FUTURE}, its padding is "same"'),
    "convolution without padding": (lambda x: _conv(x), f"{FUTURE}, nothing is padded"),
    "convolution padded too far": (lambda x: _conv(_pad(x, 5)), "looks back 2 frames, but 5 are padded"),
    "convolution padded too little": (lambda x: _conv(_pad(x, 3), dilation_rate=2), "looks back 4 frames, but 3"),
    "convolution padded twice": (lambda x: _conv(_pad(x, 2), padding="causal"), "but 4 are padded"),
    "convolution with strides": (lambda x: _conv(x, padding="causal", strides=2), "only every 2 frames"),
    "convolution in groups": (lambda x: _conv(x, padding="causal", groups=2), "2 groups"),
    "SeparableConv1D": (lambda x: layers.SeparableConv1D(3, 3, padding="same", name="odd")(x), "not known"),
    "padding behind": (lambda x: layers.Conv1D(4, 3)(_pad(x, 1, 1, "odd")), "pads more than the start"),
    "padding of a pointwise layer": (lambda x: layers.Dense(2, name="odd")(_pad(x, 2, name="pad")), "padding of 'pad'"),
    "padding joined": (
        lambda x: layers.Concatenate(name="odd")([_pad(x, 2, name="pad"), _pad(x, 2)]),
        "gets the padding of 'pad'",
    ),
    "padding of a GRU": (lambda x: _gru()(_pad(x, 2, name="pad")), "gets the padding of 'pad'"),
    "padding given out": (lambda x: _pad(recurrent("gru", 3, 1, x), 2, name="odd"), "pads an output"),
    "pooling with strides": (lambda x: layers.AveragePooling1D(2, name="odd")(x), "only every 2 frames"),
    "pooling without padding": (lambda x: layers.MaxPooling1D(3, 1, name="odd")(x), FUTURE),
    "pooling of both sides": (lambda x: layers.MaxPooling1D(3, 1, padding="same", name="odd")(x), FUTURE),
    "pooling of both sides and padded": (
        lambda x: layers.MaxPooling1D(3, 1, padding="same", name="odd")(_pad(x, 2)),
        FUTURE,
    ),
    "pooling one off": (lambda x: layers.AveragePooling1D(3, 1, name="odd")(_pad(x, 3)), "looks back 2 frames, but 3"),
    "last output": (lambda x: _gru(return_sequences=False)(x), "return_sequences=True"),
    "picture": (_picture, "takes frames out of the sequence"),
    "reshaped": (lambda x: layers.Reshape((-1, WIDTH // 2), name="odd")(x), "not known"),
    "every frame a model of its own": (
        lambda x: layers.TimeDistributed(layers.BatchNormalization(), name="odd")(x),
        "not known",
    ),
    "masking": (lambda x: layers.Masking(name="odd")(x), "not known"),
    "sum over time": (lambda x: keras.ops.sum(x, axis=1), "not known"),
    "a frame left out": (lambda x: x[:, 1:, :], "takes frames out of the sequence"),
    "frames left out": (lambda x: x[:, ::2], "takes frames out of the sequence"),
    "softmax over time": (lambda x: layers.Softmax(axis=1, name="odd")(x), "use the last one"),
    "joined in time": (lambda x: layers.Concatenate(axis=1, name="odd")([x, x]), "use the last one"),
    "joined in time by a function": (lambda x: keras.ops.concatenate([x, x], axis=1), "use the last one"),
    "twice": (_twice, "more than once"),
    "nested twice": (_nested_twice, "more than once"),
}


@pytest.mark.parametrize("which", sorted(REFUSED))
def test_refuses_what_cannot_stream(which: str) -> None:
    build, why = REFUSED[which]
    with pytest.raises(InputError) as caught:
        StepForm(wrap(build))
    said = str(caught.value)
    assert why in said
    assert "'odd'" in said or "(Sum)" in said or "(GetItem)" in said or "(Concatenate)" in said
    assert said.endswith(", or export the whole window with --window N.")
    assert said.count(".") == 1 + said.count("0.")


def test_refuses_what_needs_sequences_of_one_length() -> None:
    frame = keras.Input((FRAMES, WIDTH), name="frame")
    flat = keras.Model(frame, layers.Flatten(name="odd")(frame))
    slopes = keras.Model(frame, layers.PReLU(name="odd")(frame))
    late = keras.Model(frame, frame + np.arange(FRAMES * WIDTH, dtype=np.float32).reshape(FRAMES, WIDTH))
    for model, why in (
        (flat, FUTURE),
        (slopes, "slope for every frame"),
        (late, "numbers that differ from frame to frame"),
    ):
        with pytest.raises(InputError, match=why) as caught:
            StepForm(model)
        assert "--window N." in str(caught.value)


def test_refuses_an_initial_state() -> None:
    with pytest.raises(InputError, match="initial state"):
        StepForm(wrap(lambda x: _gru()(x, initial_state=keras.ops.ones((1, 3)))))


def test_refuses_a_layer_of_one_s_own() -> None:
    class Future(layers.Dense):
        """Looks like Dense; only exact types are trusted."""

    with pytest.raises(InputError, match="Future"):
        StepForm(wrap(lambda x: Future(2)(x)))
