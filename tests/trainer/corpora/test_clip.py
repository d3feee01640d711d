import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.corpora.clip import Curve, Problem, normalized, rating


def test_one_artist_written_in_two_ways_is_one_group() -> None:
    assert normalized("  Duke  ELLINGTON ") == normalized("Duke Ellington")


def test_a_problem_without_a_line_names_the_file_only() -> None:
    assert str(Problem("a.csv", 3, "why")) == "a.csv:3: why"
    assert str(Problem("a.mid", 0, "why")) == "a.mid: why"


@given(st.floats(-100, 100), st.floats(0.1, 100), st.floats(0, 1))
def test_a_rating_keeps_its_place_on_the_scale(low: float, width: float, place: float) -> None:
    high = low + width
    value = min(max(low + place * width, low), high)
    mapped = rating(repr(value), low, high)
    assert -1 <= mapped <= 1
    assert mapped == pytest.approx(2 * place - 1, abs=1e-6)


@pytest.mark.parametrize("text", ["", "x", "nan", "inf", "0.9", "9.1"])
def test_what_is_no_rating_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="rating"):
        rating(text, 1, 9)


def test_a_curve_has_a_mean() -> None:
    assert Curve((0.0, 0.5), (1.0, 0.0), (-1.0, 0.5)).mean == (0.5, -0.25)


@pytest.mark.parametrize(
    ("times", "valence", "why"),
    [
        ((), (), "equally many"),
        ((0.0, 1.0), (0.5,), "equally many"),
        ((1.0, 1.0), (0.0, 0.0), "ascending"),
        ((-1.0, 1.0), (0.0, 0.0), "from 0 up"),
        ((0.0, math.nan), (0.0, 0.0), "from 0 up"),
        ((0.0, 1.0), (0.0, math.nan), "within -1 to 1"),
        ((0.0, 1.0), (0.0, 1.01), "within -1 to 1"),
    ],
)
def test_what_is_no_curve_is_refused(times: tuple[float, ...], valence: tuple[float, ...], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Curve(times, valence, (0.0,) * len(times))
