"""Scores against their definitions and scikit-learn; intervals that know groups."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, r2_score

from trainer import scores

numbers = st.lists(st.integers(0, 3), min_size=1, max_size=60)


@settings(max_examples=60, deadline=None)
@given(truth=numbers, seed=st.integers(0, 1000))
def test_quadrants_are_those_of_scikit_learn(truth: list[int], seed: int) -> None:
    told = np.random.default_rng(seed).integers(0, 4, len(truth))
    made = scores.quadrants(np.array(truth), told)
    labels = [0, 1, 2, 3]
    assert made["accuracy"] == pytest.approx(accuracy_score(truth, told))
    assert made["f1"] == pytest.approx(f1_score(truth, told, average="macro", labels=labels, zero_division=0))
    each = f1_score(truth, told, average=None, labels=labels, zero_division=0)
    np.testing.assert_allclose([made[f"f1_q{i}"] for i in range(1, 5)], each)
    np.testing.assert_array_equal(
        scores.confusion(np.array(truth), told, 4), confusion_matrix(truth, told, labels=labels)
    )


@settings(max_examples=60, deadline=None)
@given(
    count=st.integers(2, 50),
    seed=st.integers(0, 1000),
    noise=st.floats(0, 2),
    shift=st.floats(-1, 1),
    gain=st.floats(0.1, 3),
)
def test_regression_follows_the_definitions(count: int, seed: int, noise: float, shift: float, gain: float) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.uniform(-1, 1, count)
    told = gain * truth + shift + noise * rng.standard_normal(count)
    made = scores.regression(truth, told)
    assert made["r2"] == pytest.approx(r2_score(truth, told))
    assert made["rmse"] ** 2 == pytest.approx(np.mean((truth - told) ** 2))
    assert made["r"] == pytest.approx(np.corrcoef(truth, told)[0, 1], abs=1e-9)
    # Lin: concordance is correlation times a penalty for another mean or spread.
    penalty = 2 / (told.std() / truth.std() + truth.std() / told.std() + shift_of(truth, told))
    assert made["ccc"] == pytest.approx(made["r"] * penalty, abs=1e-9)
    assert abs(made["ccc"]) <= abs(made["r"]) + 1e-9


def shift_of(truth: np.ndarray, told: np.ndarray) -> float:
    return float((truth.mean() - told.mean()) ** 2 / (truth.std() * told.std()))


def test_the_best_and_what_does_not_vary() -> None:
    truth = np.array([-1.0, 0.0, 1.0])
    assert scores.regression(truth, truth) == pytest.approx({"r2": 1.0, "rmse": 0.0, "ccc": 1.0, "r": 1.0})
    still = np.zeros(3)
    assert scores.regression(truth, still)["r2"] == pytest.approx(0.0)
    assert scores.regression(truth, still)["r"] == 0.0
    assert scores.regression(still, still) == {"r2": 0.0, "rmse": 0.0, "ccc": 0.0, "r": 0.0}


def test_points_have_the_quadrant_of_their_signs() -> None:
    points = np.array([(0.1, 0.1), (-0.1, 0.1), (-0.1, -0.1), (0.1, -0.1), (0.0, 0.0), (0.0, -1.0)])
    assert scores.numbers_of(points).tolist() == [0, 1, 2, 3, 0, 3]


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1000), groups=st.integers(8, 40))
def test_an_interval_contains_its_score(seed: int, groups: int) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 4, 160)
    told = np.where(rng.random(160) < 0.6, truth, rng.integers(0, 4, 160))
    names = [f"group {i % groups}" for i in range(160)]
    low, high = scores.interval(scores.macro_f1, truth, told, names, seed=1)
    assert low <= scores.macro_f1(truth, told) <= high
    assert 0 <= low < high <= 1
    assert (low, high) == scores.interval(scores.macro_f1, truth, told, names, seed=1)


def test_fewer_groups_make_a_wider_interval() -> None:
    """Clips of a group are equally well told here, so twelve groups tell as much as twelve clips."""
    rng = np.random.default_rng(0)
    widths = []
    for count in (12, 48, 240):
        own = np.linspace(-2, 2, count)
        group = np.repeat(np.arange(count), 240 // count)
        truth = rng.uniform(-1, 1, 240)
        told = truth + 0.5 * own[group]
        names = [f"group {i}" for i in group]
        low, high = scores.interval(scores.rmse, truth, told, names, seed=0)
        assert low <= scores.rmse(truth, told) <= high
        widths.append(high - low)
    assert widths[0] > 1.3 * widths[1] > 1.3 * 1.3 * widths[2]
    # The same clips, each taken for a group of its own, seem surer than they are.
    truth = rng.uniform(-1, 1, 240)
    group = np.repeat(np.arange(12), 20)
    told = truth + 0.5 * rng.normal(size=12)[group]
    alone, together = (
        scores.interval(scores.rmse, truth, told, names, seed=0)
        for names in ([f"clip {i}" for i in range(240)], [f"group {i}" for i in group])
    )
    assert together[1] - together[0] > 2 * (alone[1] - alone[0])


def test_one_group_tells_nothing_of_how_sure_it_is() -> None:
    truth, told = np.array([0, 1, 2, 3]), np.array([0, 1, 2, 2])
    low, high = scores.interval(scores.macro_f1, truth, told, ["one"] * 4, seed=0)
    assert low == high == scores.macro_f1(truth, told)
