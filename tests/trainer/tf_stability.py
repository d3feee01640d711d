"""Stability measures what is remembered of other music, and nothing else."""

from pathlib import Path

import keras
import numpy as np
import pytest

from device.features.spec import FeatureSpec
from tests.trainer import tiny
from trainer import stability
from trainer.recipe import Recipe
from trainer.stability import error_curve, settled_error

RECIPE = Recipe(FeatureSpec(blocks=("flatness",), deltas=False), pool_hops=4)
KEPT = 0.8
"""Of the state below, from step to step."""


@pytest.fixture(scope="module", name="sounds")
def _sounds(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Six sounds that are not alike: tones in more and less noise."""
    folder = tmp_path_factory.mktemp("sounds")
    paths = [folder / f"{i}.ogg" for i in range(6)]
    for i, path in enumerate(paths):
        noise = 0.05 * i * np.random.default_rng(i).standard_normal(8 * tiny.RATE)
        tiny.write_sound(path, (tiny.tone(8.0, 200 + 90 * i, 0.2, i) + noise).astype(np.float32))
    return paths


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stability, "BEFORE_S", 20.0)
    monkeypatch.setattr(stability, "CLIPS", 3)


def network(memory: bool) -> keras.Model:
    """The state, if there is one, keeps KEPT of itself at every step."""
    frame = keras.Input((None, RECIPE.width))
    x = keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")(frame)
    if memory:
        layer = keras.layers.SimpleRNN(1, activation=None, return_sequences=True, use_bias=False)
        x = layer(x)
        layer.set_weights([np.ones((1, 1)), np.full((1, 1), KEPT)])
    emotion = keras.layers.Dense(2, use_bias=False, kernel_initializer="ones", name="emotion")(x)
    return keras.Model(frame, [emotion, keras.layers.Dense(4)(x), keras.layers.Dense(8)(x)])


def test_without_memory_there_is_no_error(sounds: list[Path]) -> None:
    curve = error_curve(sounds, [network(False)], RECIPE, least_s=0.0)
    assert curve.shape == (3, 40)
    # The conditioner's high-pass still hears a little of what was before.
    np.testing.assert_allclose(curve, 0, atol=1e-4)


def test_a_memory_that_fades_has_an_error_that_falls(sounds: list[Path]) -> None:
    curve = error_curve(sounds, [network(True)], RECIPE, least_s=0.0)
    assert curve[:, 0].min() > 0.01
    # The difference of two states with the same input is KEPT times what it was a step before.
    np.testing.assert_allclose(curve[:, 1:12], KEPT * curve[:, :11], rtol=0.02)
    assert curve[:, -1].max() < 0.01 * curve[:, 0].max()


def test_an_ensemble_is_judged_by_its_mean(sounds: list[Path]) -> None:
    one = error_curve(sounds, [network(True)], RECIPE, least_s=0.0)
    half = error_curve(sounds, [network(True), network(False)], RECIPE, least_s=0.0)
    np.testing.assert_allclose(half, one / 2, atol=1e-4)


def test_the_same_seed_draws_the_same_music(sounds: list[Path]) -> None:
    curves = [error_curve(sounds, [network(True)], RECIPE, least_s=0.0) for _ in range(2)]
    np.testing.assert_array_equal(*curves)


def test_the_settled_error_is_the_worst_after_a_while() -> None:
    curve = np.zeros((2, 100), np.float32)
    curve[:, 10] = 5.0
    curve[0, 90], curve[1, 95] = 0.4, 0.8
    assert settled_error(curve, 0.4) == pytest.approx(0.4)
    assert settled_error(curve[:, :20], 0.4) == 0.0
