"""Errors that follow the music, and errors that gather."""

import numpy as np
import pytest

from convert.drift import MOST_GROWTH, MOST_REST, Drift, measure, rehearsal
from device.emotion.gate_table import sparkline

STEP_S = 0.4
ONCE = 1500
"""Frames in ten minutes."""


def _told(seed: int = 0) -> np.ndarray:
    """What a reference says over a rehearsal: the same twice, then still."""
    rng = np.random.default_rng(seed)
    once = np.tanh(np.cumsum(0.1 * rng.standard_normal((ONCE, 4)), axis=0)).astype(np.float32)
    return rehearsal(once, STEP_S)


def _measured(error: np.ndarray) -> Drift:
    told = _told()
    return measure(told, (told + error).astype(np.float32), ONCE, STEP_S)


def test_a_rehearsal_is_twice_the_music_and_some_of_it_held() -> None:
    frames = np.arange(2 * ONCE, dtype=np.float32).reshape(ONCE, 2)
    played = rehearsal(frames, STEP_S)
    assert played.shape == (2 * ONCE + 6 * 75, 2)
    assert (played[:ONCE] == frames).all()
    assert (played[ONCE : 2 * ONCE] == frames).all()
    holds = played[2 * ONCE :].reshape(6, 75, 2)
    assert (holds == holds[:, :1]).all()
    assert (holds[[0, -1], 0] == frames[[0, -1]]).all()
    assert len(np.unique(holds[:, 0, 0])) == 6


def test_an_error_that_follows_the_music_does_not_grow() -> None:
    told = _told()
    drift = _measured(0.02 * np.sin(40 * told))
    assert drift.growth == pytest.approx(1.0, abs=0.01)
    assert drift.largest == pytest.approx(0.02, rel=0.01)
    assert drift.seconds == len(told) * STEP_S
    assert drift.rest == pytest.approx(1.0, abs=0.5)
    assert len(drift.curve) == 23


@pytest.mark.parametrize("rate", [1e-5, 1e-3])
def test_an_error_that_gathers_does(rate: float) -> None:
    error = rate * np.arange(len(_told()))[:, None] * np.ones(4)
    drift = _measured(error)
    assert drift.growth > 2 > MOST_GROWTH
    assert list(drift.curve) == sorted(drift.curve)
    assert sparkline(drift.curve)[0] == "▁"
    assert sparkline(drift.curve)[-1] == "█"


def test_a_state_that_does_not_come_to_rest_is_found() -> None:
    error = 0.001 * np.sin(40 * _told())
    error[2 * ONCE :] = 0.005
    drift = _measured(error)
    assert drift.growth == pytest.approx(1.0, abs=0.01)
    assert drift.rest == pytest.approx(5.0 * np.sqrt(2), rel=0.1)
    assert drift.rest > MOST_REST
    # On its way it may be off: only the second half of a hold counts.
    error[2 * ONCE :] = 0.0
    error[2 * ONCE :].reshape(6, 75, 4)[:, :37] = 0.005
    assert _measured(error).rest < 0.01


def test_rounding_is_no_drift() -> None:
    error = 1e-6 * np.arange(len(_told()))[:, None] ** 0.5 * np.ones(4)
    drift = _measured(error)
    assert (drift.growth, drift.rest) == (1.0, 1.0)


def test_what_is_no_number_is_infinitely_far() -> None:
    error = np.zeros((len(_told()), 4))
    error[-1, 0] = np.nan
    drift = _measured(error)
    assert drift.largest == drift.rms == np.inf
    assert drift.rest > MOST_REST
    assert sparkline(drift.curve)[-1] == "?"


def test_short_music_will_do() -> None:
    frames = rehearsal(np.ones((4, 2), np.float32), STEP_S)
    drift = measure(frames, frames, 4, STEP_S)
    assert (drift.largest, drift.growth) == (0.0, 1.0)
