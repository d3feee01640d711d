"""What cannot run frame by frame is refused by name, with the way out."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from convert.step import StepForm
from device.errors import InputError
from tests.convert.small_models import WIDTH, recurrent, wrap

FRAMES = 24


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
