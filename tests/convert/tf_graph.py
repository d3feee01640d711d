"""The step graph of an ensemble: as TensorFlow runs it, and as the lamp's interpreter does."""

from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from convert.graph import ModelGraph, build_graph
from convert.step import StepForm
from convert.tflite import to_tflite
from device.emotion.card import Tensor
from device.emotion.runtime import open_interpreter
from device.errors import InputError
from tests.convert.small_models import (
    WIDTH,
    causal_convolution,
    causal_pool,
    composition,
    recurrent,
    small_model,
    three_headed,
    wrap,
)

FRAMES = 2 * np.random.default_rng(0).standard_normal((24, WIDTH)).astype(np.float32)


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
    outputs = [model(FRAMES[None], training=False) for model in members]
    outputs[-1] = outputs[-1][0]
    expected = np.concatenate([np.asarray(output)[0] for output in outputs], axis=1)
    np.testing.assert_allclose(_through(graph, FRAMES)["va"], expected, atol=1e-5)


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
    members = [composition(seed) for seed in range(4, 9)]
    expected = np.concatenate([np.asarray(model(FRAMES[None], training=False))[0] for model in members], axis=1)
    np.testing.assert_allclose(_in_tflite(members, FRAMES), expected, atol=1e-5)


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
    got = _in_tflite(members, FRAMES)
    for index, (name, model) in enumerate(zip(WITHIN_A_FRAME, members, strict=True)):
        expected = np.asarray(model(FRAMES[None], training=False))[0]
        np.testing.assert_allclose(got[:, 2 * index : 2 * index + 2], expected, atol=1e-5, err_msg=name)


def test_further_outputs_on_demand() -> None:
    members = [three_headed(seed=1), three_headed(kind="parallel", cell="lstm", sound=True, seed=2)]
    graph = build_graph(members, WIDTH, ("quadrant", "ratings"))
    shapes = {"va": (1, 4), "quadrant": (1, 8), "ratings": (1, 16), "state": (1, graph.state_size)}
    assert graph.outputs == tuple(Tensor(name, shape) for name, shape in shapes.items())
    got = _through(graph, FRAMES)
    told = [member(FRAMES[None], training=False) for member in members]
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
