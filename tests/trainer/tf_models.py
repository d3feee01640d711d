import keras
import numpy as np
import pytest

from trainer.models.recurrent import CLIP, build
from trainer.recipe import ModelOptions

WIDTH, STEPS = 6, 12
KINDS = [(kind, cell) for kind in ("parallel", "forked") for cell in ("gru", "lstm", "rnn")]


def made(kind: str = "parallel", cell: str = "gru", **changes: object) -> keras.Model:
    rng = np.random.default_rng(5)
    mean, deviation = rng.normal(3, 2, WIDTH).astype(np.float32), rng.uniform(0.5, 4, WIDTH).astype(np.float32)
    options = ModelOptions(kind=kind, cell=cell, units=5, dense=(7, 6, 5), **changes)
    return build(options, mean, deviation, seed=1)


def frames(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(3, 4, (3, STEPS, WIDTH)).astype(np.float32)


@pytest.mark.parametrize(("kind", "cell"), KINDS)
def test_shape_and_range(kind: str, cell: str) -> None:
    out = np.asarray(made(kind, cell)(frames(), training=False))
    assert out.shape == (3, STEPS, 2)
    assert np.abs(out).max() < 1


@pytest.mark.parametrize(("kind", "cell"), KINDS)
def test_the_future_does_not_change_the_past(kind: str, cell: str) -> None:
    model, x = made(kind, cell), frames()
    other = x.copy()
    other[:, 7:] = frames(1)[:, 7:]
    before, after = (np.asarray(model(part, training=False)) for part in (x, other))
    np.testing.assert_allclose(before[:, :7], after[:, :7], atol=1e-6)
    assert np.abs(before[:, 7:] - after[:, 7:]).max() > 1e-3


@pytest.mark.parametrize("kind", ["parallel", "forked"])
def test_the_past_is_remembered(kind: str) -> None:
    model, x = made(kind), frames()
    other = x.copy()
    other[:, 0] = frames(1)[:, 0]
    before, after = (np.asarray(model(part, training=False)) for part in (x, other))
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
    outs = [np.asarray(model(x.astype(np.float32), training=False)) for x in (far, farther, near)]
    np.testing.assert_allclose(outs[0], outs[1], atol=1e-5)
    assert np.abs(outs[0] - outs[2]).max() > 1e-4


def test_weights_depend_on_the_seed() -> None:
    x = frames()
    first, again = (np.asarray(made()(x, training=False)) for _ in range(2))
    np.testing.assert_array_equal(first, again)


def test_saved_model_is_the_same(tmp_path: object) -> None:
    model, x = made("forked", "lstm"), frames()
    model.save(f"{tmp_path}/m.keras")
    loaded = keras.models.load_model(f"{tmp_path}/m.keras")
    np.testing.assert_array_equal(np.asarray(model(x, training=False)), np.asarray(loaded(x, training=False)))
