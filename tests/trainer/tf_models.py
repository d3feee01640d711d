"""The network: shapes and ranges, a past but no future, constants that stay constant."""

from pathlib import Path

import keras
import numpy as np
import pytest

from trainer.models.recurrent import CLIP, OUTPUTS, STEEPNESS, build
from trainer.recipe import ModelOptions
from trainer.targets import RATINGS

WIDTH, STEPS = 6, 12
KINDS = [(kind, cell) for kind in ("parallel", "forked") for cell in ("gru", "lstm", "rnn")]


def made(kind: str = "parallel", cell: str = "gru", seed: int = 1, **changes: object) -> keras.Model:
    rng = np.random.default_rng(5)
    mean, deviation = rng.normal(3, 2, WIDTH).astype(np.float32), rng.uniform(0.5, 4, WIDTH).astype(np.float32)
    options = ModelOptions(kind=kind, cell=cell, units=5, dense=(7, 6), **changes)
    return build(options, mean, deviation, seed=seed)


def frames(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(3, 4, (3, STEPS, WIDTH)).astype(np.float32)


def told(model: keras.Model, x: np.ndarray, training: bool = False) -> list[np.ndarray]:
    return [np.asarray(out) for out in model(x, training=training)]


def test_keras_runs_on_jax() -> None:
    assert keras.backend.backend() == "jax"


@pytest.mark.parametrize("sound", [False, True])
@pytest.mark.parametrize(("kind", "cell"), KINDS)
def test_outputs_and_their_ranges(kind: str, cell: str, sound: bool) -> None:
    model = made(kind, cell, sound=sound)
    assert tuple(model.output_names) == (*OUTPUTS, "sound") if sound else OUTPUTS
    emotion, quadrant, ratings, *rest = told(model, frames())
    assert emotion.shape == (3, STEPS, 2)
    assert ratings.shape == (3, STEPS, len(RATINGS))
    assert np.abs(emotion).max() < 1
    for probability in (quadrant, *rest):
        assert probability.shape == (3, STEPS, 4)
        np.testing.assert_allclose(probability.sum(axis=-1), 1, atol=1e-5)
        assert probability.min() >= 0


def test_the_emotion_is_what_the_heads_say_of_it() -> None:
    emotion, quadrant, ratings = told(made(), frames())
    signs = np.array([(1, 1), (-1, 1), (-1, -1), (1, -1)])
    expected = (quadrant @ signs + np.tanh(STEEPNESS * ratings[..., :2])) / 2
    np.testing.assert_allclose(emotion, expected, atol=1e-5)


def test_what_makes_the_emotion_is_never_trained() -> None:
    model = made()
    names = {weight.path for weight in model.trainable_weights}
    assert not [name for name in names if "quadrant_signs" in name or "rated" in name or "standard" in name]
    assert {name.split("/")[0] for name in names} == {
        *("quadrant_gru", "ratings_gru", "quadrant_logits", "ratings"),
        *(f"{head}_dense_{i}" for head in ("quadrant", "ratings") for i in (1, 2)),
    }


@pytest.mark.parametrize(("kind", "cell"), KINDS)
def test_the_future_does_not_change_the_past(kind: str, cell: str) -> None:
    model, x = made(kind, cell, sound=True), frames()
    other = x.copy()
    other[:, 7:] = frames(1)[:, 7:]
    for before, after in zip(told(model, x), told(model, other), strict=True):
        np.testing.assert_allclose(before[:, :7], after[:, :7], atol=1e-6)
        assert np.abs(before[:, 7:] - after[:, 7:]).max() > 1e-3


@pytest.mark.parametrize("kind", ["parallel", "forked"])
def test_the_past_is_remembered(kind: str) -> None:
    model, x = made(kind), frames()
    other = x.copy()
    other[:, 0] = frames(1)[:, 0]
    for before, after in zip(told(model, x), told(model, other), strict=True):
        assert np.abs(before[:, 3] - after[:, 3]).max() > 1e-5


def test_parallel_has_two_recurrent_layers_and_forked_one() -> None:
    def count(model: keras.Model) -> int:
        return sum(isinstance(layer, keras.layers.GRU) for layer in model.layers)

    assert (count(made("parallel")), count(made("forked"))) == (2, 1)


def test_raw_frames_are_standardized_and_clipped_inside() -> None:
    model = made()
    standard = model.get_layer("standard")
    mean, deviation = np.ravel(standard.mean), np.sqrt(np.ravel(standard.variance))
    far, farther = (np.broadcast_to(mean + k * CLIP * deviation, (1, 4, WIDTH)) for k in (1.0, 100.0))
    near = np.broadcast_to(mean + 0.5 * CLIP * deviation, (1, 4, WIDTH))
    outs = [told(model, x.astype(np.float32))[0] for x in (far, farther, near)]
    np.testing.assert_allclose(outs[0], outs[1], atol=1e-5)
    assert np.abs(outs[0] - outs[2]).max() > 1e-4


def test_dropout_takes_whole_columns_and_only_in_training() -> None:
    model = made("forked", dropout=0.5, input_dropout=0.5)
    x = frames()
    for one, other in zip(told(model, x), told(model, x), strict=True):
        np.testing.assert_array_equal(one, other)
    assert np.abs(told(model, x, training=True)[1] - told(model, x)[1]).max() > 1e-4
    drop = model.get_layer("shared_input_dropout")
    out = np.asarray(drop(np.ones((8, STEPS, WIDTH), np.float32), training=True))
    assert (out == out[:, :1]).all()
    assert 0 < (out == 0).mean() < 1


def test_weights_depend_on_the_seed_alone() -> None:
    x = frames()
    first, again, other = (told(made(seed=seed), x)[1] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 1e-3


def test_saved_model_is_the_same(tmp_path: Path) -> None:
    model, x = made("forked", "lstm", sound=True), frames()
    model.save(tmp_path / "m.keras")
    loaded = keras.saving.load_model(tmp_path / "m.keras", compile=False)
    assert loaded.output_names == model.output_names
    for before, after in zip(told(model, x), told(loaded, x), strict=True):
        np.testing.assert_array_equal(before, after)
