"""The noises that are made up: sound of the right length, no two alike, each with what its name promises."""

from collections.abc import Callable

import numpy as np
import pytest

from trainer.ear import made_up as kinds
from trainer.ear.made_up import KINDS, Curve, made_up

RATE = 24_000
COUNT = 4 * RATE


def flatness(sound: Curve) -> float:
    """Geometric over arithmetic mean of the power spectrum below 10 kHz, 0 (a tone) to 1 (white)."""
    power = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))[: 10 * len(sound) // 24]) ** 2 + 1e-20
    return float(np.exp(np.log(power).mean()) / power.mean())


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize("seed", range(6))
def test_each_sounds_for_as_long_as_asked_and_is_not_the_one_before(
    make: Callable[[int, int, np.random.Generator], Curve], seed: int
) -> None:
    sound = make(COUNT, RATE, np.random.default_rng(seed))
    assert sound.shape == (COUNT,)
    assert np.isfinite(sound).all()
    assert np.std(sound) > 1e-3
    again, other = (make(COUNT, RATE, np.random.default_rng(at)) for at in (seed, seed + 100))
    assert np.array_equal(again, sound)
    assert abs(np.corrcoef(sound, other)[0, 1]) < 0.6


def test_all_kinds_are_drawn_and_none_clips() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        sound = made_up(RATE, RATE, rng)
        assert sound.dtype == np.float32
        assert np.abs(sound).max() == pytest.approx(0.5, rel=1e-3)


def test_tones_are_tones_and_air_is_none() -> None:
    rng = np.random.default_rng(1)
    tones = [flatness(make(COUNT, RATE, rng)) for make in (kinds.siren, kinds.beeps, kinds.horn) for _ in range(5)]
    air = [flatness(kinds.air(COUNT, RATE, rng)) for _ in range(5)]
    assert np.median(tones) < 0.01 < np.median(air)


def test_nothing_folds_back() -> None:
    sound = kinds.siren(COUNT, RATE, np.random.default_rng(2))
    power = np.abs(np.fft.rfft(sound * np.hanning(COUNT))) ** 2
    hz = np.fft.rfftfreq(COUNT, 1 / RATE)
    assert power[hz > 11_000].sum() < 1e-4 * power.sum()
