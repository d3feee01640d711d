import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from trainer.corpora.annotators import LEAST, agreed, moved, trimmed_mean

UNIT = st.floats(-1, 1, width=32).map(float)
CURVES = st.tuples(st.integers(LEAST, 12), st.integers(1, 6), st.just(2)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=UNIT)
)


@given(CURVES)
def test_the_common_curve_lies_within_what_was_said(curves: np.ndarray) -> None:
    common, dropped = agreed(curves)
    assert common.shape == curves.shape[1:]
    assert 0 <= dropped <= len(curves) - LEAST
    assert (common >= curves.min(axis=0) - 1e-12).all()
    assert (common <= curves.max(axis=0) + 1e-12).all()


@given(CURVES, st.randoms(use_true_random=False))
def test_the_order_of_the_annotators_does_not_matter(curves: np.ndarray, random: object) -> None:
    order = list(range(len(curves)))
    random.shuffle(order)  # type: ignore[attr-defined]
    np.testing.assert_allclose(agreed(curves[order])[0], agreed(curves)[0], atol=1e-12)


@given(arrays(np.float64, (8, 3), elements=UNIT), arrays(np.float64, (2, 3), elements=st.sampled_from([-1.0, 1.0])))
def test_a_fifth_at_the_ends_cannot_pull_the_mean_out_of_the_others(good: np.ndarray, odd: np.ndarray) -> None:
    common = trimmed_mean(np.concatenate([good, odd]))
    assert (common >= good.min(axis=0) - 1e-12).all()
    assert (common <= good.max(axis=0) + 1e-12).all()


def test_who_never_moved_is_dropped() -> None:
    still = np.full((2, 4, 2), 0.9)
    moving = np.linspace(-0.5, 0.5, 4)[None, :, None] * np.ones((3, 1, 2))
    assert moved(np.concatenate([still, moving])).tolist() == [False, False, True, True, True]
    common, dropped = agreed(np.concatenate([still, moving]))
    assert dropped == 2
    np.testing.assert_allclose(common, moving[0])


def test_where_hardly_anyone_moved_all_count() -> None:
    common, dropped = agreed(np.full((4, 3, 2), 0.25))
    assert dropped == 0
    np.testing.assert_allclose(common, 0.25)


def test_two_are_no_agreement() -> None:
    with pytest.raises(ValueError, match="only 2 usable annotators"):
        agreed(np.zeros((2, 3, 2)))
