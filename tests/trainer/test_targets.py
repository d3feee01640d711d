"""Labels land at the steps that they were given for, and every corpus is measured by its training clips."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trainer import made_up
from trainer.corpora.clip import Clip, Curve
from trainer.targets import NO_QUADRANT, RATINGS, Scale, quadrant_number, rating_rows

STEP_S = 0.4


def curved(*points: tuple[float, float, float], **more: object) -> Clip:
    times, valence, arousal = zip(*points, strict=True)
    return Clip("p", "vgmidi", Path("p"), "piece", 0.9, 0.9, curve=Curve(times, valence, arousal), **more)


def test_quadrants_have_numbers() -> None:
    numbers = [quadrant_number(Clip("q", "4qaed", Path("q"), "a", quadrant=f"Q{i}")) for i in range(1, 5)]
    assert numbers == [0, 1, 2, 3]
    assert quadrant_number(Clip("s", "gate", Path("s"), "a", sound="speech")) == NO_QUADRANT


def test_static_ratings_hold_for_the_whole_clip() -> None:
    clip = Clip("s", "x", Path("s"), "a", 0.25, -0.5, ratings=(("sad", 0.75), ("unheard of", 0.1)))
    rows = rating_rows(clip, 5, STEP_S)
    assert rows.shape == (5, len(RATINGS))
    assert (rows == rows[0])[:, np.isfinite(rows[0])].all()
    known = {name: rows[0, i] for i, name in enumerate(RATINGS) if np.isfinite(rows[0, i])}
    assert known == {"valence": 0.25, "arousal": -0.5, "sad": 0.75}


def test_a_clip_without_ratings_has_none() -> None:
    assert np.isnan(rating_rows(Clip("q", "4qaed", Path("q"), "a", quadrant="Q1"), 3, STEP_S)).all()
    half = rating_rows(Clip("q", "x", Path("q"), "a", arousal=0.5), 3, STEP_S)
    assert np.isnan(half[:, 0]).all()
    assert (half[:, 1] == 0.5).all()


def test_a_curve_lands_at_the_ends_of_the_steps() -> None:
    # A value at every end of a step: no interpolation, each lands in its own row; the static label is not used.
    clip = curved(*((STEP_S * (i + 1), 0.1 * i, -0.1 * i) for i in range(5)), ratings=(("sad", 0.75),))
    rows = rating_rows(clip, 5, STEP_S)
    np.testing.assert_allclose(rows[:, 0], 0.1 * np.arange(5), atol=1e-6)
    np.testing.assert_allclose(rows[:, 1], -0.1 * np.arange(5), atol=1e-6)
    np.testing.assert_allclose(rows[:, RATINGS.index("sad")], 0.75)


def test_between_points_a_curve_is_straight() -> None:
    rows = rating_rows(curved((0.4, 0.0, 1.0), (2.0, 0.8, -1.0)), 5, STEP_S)
    np.testing.assert_allclose(rows[:, 0], [0.0, 0.2, 0.4, 0.6, 0.8], atol=1e-6)
    np.testing.assert_allclose(rows[:, 1], [1.0, 0.5, 0.0, -0.5, -1.0], atol=1e-6)


def test_before_and_after_a_curve_nothing_is_known() -> None:
    rows = rating_rows(curved((2.0, 0.5, 0.1), (4.0, 0.7, 0.2)), 15, STEP_S)
    known = np.isfinite(rows[:, 0])
    # Steps end at 0.4, 0.8, ...: known from 1.6 s, a step before the first point, to 4.4 s, a step after the last.
    assert np.flatnonzero(known).tolist() == list(range(3, 11))
    assert rows[3, 0] == np.float32(0.5)
    assert rows[10, 0] == np.float32(0.7)


@settings(max_examples=50, deadline=None)
@given(pace=st.floats(0.5, 2.0), steps=st.integers(10, 60))
def test_a_slower_copy_has_its_curve_stretched(pace: float, steps: int) -> None:
    """What is said at time t of the sound is said at pace * t of its copy; here valence is the time itself."""
    last = steps * STEP_S
    clip = curved((0.0, 0.0, 0.0), (last, 1.0, 0.0))
    count = round(pace * steps)
    rows = rating_rows(clip, count, STEP_S, pace)
    ends = STEP_S * np.arange(1, count + 1)
    np.testing.assert_allclose(rows[:, 0], np.minimum(ends / pace / last, 1.0), atol=1e-5)


def scale(means: np.ndarray, corpora: list[str], chosen: list[int]) -> Scale:
    return Scale(means.astype(np.float32), corpora, np.array(chosen))


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 1000), count=st.integers(4, 20))
def test_the_scale_is_that_of_the_chosen_clips_alone(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    means = rng.uniform(-1, 1, (count, len(RATINGS)))
    means[rng.random(means.shape) < 0.3] = np.nan
    corpora = [("a", "b")[i] for i in rng.integers(0, 2, count)]
    chosen = sorted(rng.choice(count, count // 2, replace=False).tolist())
    made = scale(means, corpora, chosen)
    offset, spread = made.of(corpora)
    for name in {corpora[i] for i in chosen}:
        own = means[[i for i in chosen if corpora[i] == name]]
        row = corpora.index(name)
        for column in range(len(RATINGS)):
            known = own[np.isfinite(own[:, column]), column]
            assert offset[row, column] == pytest.approx(known.mean() if len(known) else 0.0, abs=1e-5)
            expected = known.std() if len(known) and known.std() >= 1e-3 else 1.0
            assert spread[row, column] == pytest.approx(expected, abs=1e-5)
    # Nothing that is not chosen counts.
    others = [i for i in range(count) if i not in chosen]
    means[others] = 1e6
    for before, after in zip((offset, spread), scale(means, corpora, chosen).of(corpora), strict=True):
        np.testing.assert_array_equal(before, after)


def test_a_corpus_that_was_not_trained_on_has_no_scale() -> None:
    made = scale(np.full((2, len(RATINGS)), 0.5), ["a", "b"], [0])
    offset, spread = made.of(["b", "a", "never heard of"])
    assert (offset[[0, 2]] == 0).all()
    assert (offset[1] == 0.5).all()
    assert (spread == 1).all()


def test_the_made_up_pieces_are_told_over_time() -> None:
    (piece,) = made_up.pieces(1)
    rows = rating_rows(piece, 30, 0.1)
    assert rows[4, 0] == pytest.approx(-0.5, abs=1e-6)
    assert rows[-1, 0] == pytest.approx(0.5, abs=1e-6)
    assert np.isnan(rows[:3, 0]).all()
