"""What a network says of a clip depends on nothing but what was heard of it so far."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer import prediction
from trainer.models.recurrent import build
from trainer.prediction import Predictor, Told, average, stacked
from trainer.recipe import ModelOptions
from trainer.targets import RATINGS

WIDTH, LONGEST = 5, 40
PARTS = ("emotion", "quadrant", "ratings")


@pytest.fixture(scope="module", name="model")
def _model() -> keras.Model:
    options = ModelOptions(units=6, dense=(5,), sound=True)
    return build(options, np.zeros(WIDTH, np.float32), np.ones(WIDTH, np.float32), seed=2)


@pytest.fixture(scope="module", name="predictor")
def _predictor(model: keras.Model) -> Predictor:
    return Predictor(model)


def sequences(lengths: list[int], seed: int = 0) -> list[np.ndarray]:
    """One is as long as can be, so that all calls compile to the same shape."""
    rng = np.random.default_rng(seed)
    return [rng.standard_normal((length, WIDTH)).astype(np.float32) for length in [*lengths, LONGEST]]


@settings(max_examples=15, deadline=None)
@given(lengths=st.lists(st.integers(1, LONGEST), max_size=6), seed=st.integers(0, 100))
def test_padding_and_neighbors_change_nothing(
    model: keras.Model, predictor: Predictor, lengths: list[int], seed: int
) -> None:
    given = sequences(lengths, seed)
    told = predictor.steps(given)
    assert [len(one.emotion) for one in told] == [len(one) for one in given]
    alone = predictor.steps([given[0], np.zeros((LONGEST, WIDTH), np.float32)])[0]
    plain = [np.asarray(out)[0] for out in model(given[0][None], training=False)]
    for i, part in enumerate(PARTS):
        np.testing.assert_allclose(getattr(told[0], part), getattr(alone, part), atol=1e-5)
        np.testing.assert_allclose(getattr(told[0], part), plain[i], atol=1e-5)


@settings(max_examples=15, deadline=None)
@given(cut=st.integers(1, LONGEST - 1), seed=st.integers(0, 100))
def test_the_future_is_not_seen(predictor: Predictor, cut: int, seed: int) -> None:
    (whole,) = sequences([], seed)
    other = whole.copy()
    other[cut:] += 3.0
    one, two, short = predictor.steps([whole, other, whole[:cut]])
    for part in PARTS:
        np.testing.assert_allclose(getattr(one, part)[:cut], getattr(two, part)[:cut], atol=1e-5)
        np.testing.assert_allclose(getattr(one, part)[:cut], getattr(short, part), atol=1e-5)
    assert np.abs(one.ratings[cut:] - two.ratings[cut:]).max() > 1e-3


def test_more_sequences_than_at_once(predictor: Predictor) -> None:
    given = sequences([5] * (prediction.AT_ONCE + 3))
    told = predictor.steps(given)
    assert len(told) == prediction.AT_ONCE + 4
    again = predictor.steps(given[prediction.AT_ONCE :])
    np.testing.assert_allclose(told[prediction.AT_ONCE].ratings, again[0].ratings, atol=1e-6)
    assert predictor.steps([]) == []


def test_a_clip_is_the_mean_after_the_warm_up(predictor: Predictor) -> None:
    given = sequences([10, 4])
    clips, steps = predictor.clips(given, 3), predictor.steps(given)
    for part in PARTS:
        expected = [getattr(one, part)[3:].mean(axis=0) for one in steps]
        np.testing.assert_allclose(getattr(clips, part), expected, atol=1e-6)


def test_an_ensemble_is_the_mean_of_its_members() -> None:
    rng = np.random.default_rng(0)
    parts = [Told(*(rng.standard_normal((3, size)) for size in (2, 4, len(RATINGS)))) for _ in range(5)]
    whole = average(parts)
    np.testing.assert_allclose(whole.ratings, sum(part.ratings for part in parts) / 5)
    assert stacked(parts).quadrant.shape == (15, 4)
    np.testing.assert_array_equal(stacked(parts).emotion[3:6], parts[1].emotion)
