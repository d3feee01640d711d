"""The light of a lamp whose microphone is away: soft, slow, and gone when it hears again."""

import numpy as np
import pytest

from device.color.no_ear import BREATH_S, NoEar

STEP_S = 1 / 60


def test_it_breathes_softly_and_comes_back() -> None:
    ear = NoEar()
    assert [ear.process(False, STEP_S) for _ in range(100)] == [1.0] * 100
    shares = np.array([ear.process(True, STEP_S) for _ in range(round(3 * BREATH_S / STEP_S))])
    assert 0.01 < shares.min() < 0.03
    assert shares.max() == pytest.approx(1.0, abs=0.01)
    # In perceived lightness, the cube root, never fast.
    assert np.abs(np.diff(np.cbrt(shares))).max() < 0.75 * STEP_S
    back = np.array([ear.process(False, STEP_S) for _ in range(91)])
    assert back[-1] == 1.0
    assert np.abs(np.diff(np.cbrt(back))).max() < 1.2 * STEP_S


def test_coming_and_going_does_not_flash() -> None:
    ear, rng = NoEar(), np.random.default_rng(0)
    shares = np.array([ear.process(bool(rng.integers(2)), STEP_S) for _ in range(6_000)])
    assert np.abs(np.diff(np.cbrt(shares))).max() < 1.2 * STEP_S


def test_reset_and_bad_times() -> None:
    ear = NoEar()
    ear.process(True, 1.0)
    ear.reset()
    assert ear.process(False, 0.0) == 1.0
    with pytest.raises(ValueError, match="dt_s"):
        ear.process(True, float("nan"))
