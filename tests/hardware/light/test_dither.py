"""Dithering: exact in the mean, steady where it can be, never above the supply, and what it does to a slow fade."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from benchmarks.fade import fade_errors
from hardware.light.dither import BLINK_S, Dither
from hardware.light.limit import CurrentLimiter


@given(level=st.floats(0.0625, 255, width=32))
def test_the_mean_over_time_is_exact_and_neighbors_differ_by_one_step(level: float) -> None:
    dither = Dither(4)
    duty = np.full((4, 3), level / 255, np.float32)
    shown = np.array([dither.process(duty) for _ in range(512)])
    assert set(np.unique(shown)) <= {int(np.floor(level - 1e-4)), int(np.ceil(level + 1e-4))} | {round(level)}
    np.testing.assert_allclose(shown.mean(axis=0), level, atol=1.5 / 512 + 1e-4)


@pytest.mark.parametrize("level", [0, 1, 7, 128, 255])
def test_whole_steps_are_steady_whatever_was_before(level: int) -> None:
    dither = Dither(50)
    dither.process(np.full((50, 3), 0.3, np.float32))
    for _ in range(300):
        assert (dither.process(np.full((50, 3), level / 255, np.float32)) == level).all()


@pytest.mark.parametrize("fps", [10, 60, 240])
def test_what_would_only_blink_stays_dark(fps: int) -> None:
    dither = Dither(50, period_s=1 / fps)
    least = 1 / fps / BLINK_S  # lit in one frame of each half second
    for _ in range(100):
        assert not dither.process(np.full((50, 3), 0.9 * least / 255, np.float32)).any()
    shown = [dither.process(np.full((50, 3), 1.1 * least / 255, np.float32)).any(axis=1) for _ in range(fps)]
    assert np.any(shown, axis=0).all()


def test_a_diffused_strip_does_not_flicker_as_a_whole() -> None:
    dither = Dither(60)
    for level in (0.1, 0.25, 0.5, 3.3):
        sums = [int(dither.process(np.full((60, 3), level / 255, np.float32)).sum()) for _ in range(60)]
        assert np.ptp(sums) <= 8  # steps, of 180 channels


@given(
    duty=arrays(np.float32, (20, 4), elements=st.floats(0, 1, width=32)),
    budget_ma=st.floats(20.1, 2_000),
)
def test_the_bytes_keep_to_the_budget_in_every_frame(duty: np.ndarray, budget_ma: float) -> None:
    limiter = CurrentLimiter(20, budget_ma, channels=4)
    dither = Dither(20, 4)
    limited = limiter.process(duty)
    for _ in range(20):
        shown = dither.process(limited, limiter.most_steps)
        # The estimate once more, in whole steps.
        assert 20 * 1 + int(shown.sum(dtype=int)) / 255 * 20 <= budget_ma + 1e-9


def test_at_the_budget_little_light_is_lost() -> None:
    limiter, dither = CurrentLimiter(300), Dither(300)
    limited = limiter.process(np.full((300, 3), 0.9, np.float32))
    shown = [int(dither.process(limited, limiter.most_steps).sum(dtype=int)) for _ in range(200)]
    assert max(shown) <= limiter.most_steps
    assert np.mean(shown[50:]) > 0.99 * limiter.most_steps


def test_a_slow_fade_at_low_light_has_no_stairs() -> None:
    errors = fade_errors(seconds=60.0, end=0.03)
    plain, dithered = errors["plain"], errors["dithered"]
    assert plain.biggest_step == pytest.approx(1.0, abs=0.01)
    assert plain.rms == pytest.approx(1 / 12**0.5, abs=0.05)
    assert dithered.biggest_step < 0.05
    assert dithered.rms < plain.rms / 10
    assert errors["bare"].rms < plain.rms
