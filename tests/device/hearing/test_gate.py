"""The gate over simulated minutes: what is music, what is silence, and when it changes its mind."""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.errors import InputError
from device.hearing.gate import GateSettings, SoundGate

HOP_S = 0.05


def heard(gate: SoundGate, levels_db: Iterable[float], dt_s: float = HOP_S) -> list[str]:
    return [gate.process(float(level), dt_s) for level in levels_db]


def hops(seconds: float) -> int:
    return round(seconds / HOP_S)


@pytest.mark.parametrize("level_db", [-120.0, -math.inf, math.nan, -79.0])
def test_ten_minutes_of_digital_silence_or_less_than_quiet_are_silence(level_db: float) -> None:
    assert set(heard(SoundGate(), [level_db] * hops(600))) == {"silence"}


@pytest.mark.parametrize("level_db", [-55.0, -20.0, -3.0, 0.0, 5.0, math.inf])
def test_ten_minutes_of_steady_loud_music_stay_music(level_db: float) -> None:
    answers = heard(SoundGate(), [level_db] * hops(600))
    assert answers.index("music") == 2
    assert set(answers[2:]) == {"music"}


@given(st.integers(0, 2**32 - 1))
def test_ten_minutes_of_quiet_music_with_rests_stay_music(seed: int) -> None:
    # As the I2S microphones hear 60 dB SPL: a phrase around -60 dBFS that dies away to -80 every few seconds.
    rng = np.random.default_rng(seed)
    time_s = np.arange(hops(600)) * HOP_S
    levels = -62 + 5 * np.sin(time_s) + rng.normal(0, 2, len(time_s))
    levels[time_s % 6 > 5.2] = -80
    answers = heard(SoundGate(), levels)
    assert "silence" not in answers[hops(5) :]


@given(st.integers(0, 2**32 - 1))
def test_a_fan_becomes_silence_and_music_over_it_is_still_heard(seed: int) -> None:
    rng = np.random.default_rng(seed)
    fan = -67 + rng.normal(0, 0.5, hops(600))
    gate = SoundGate()
    answers = heard(gate, fan)
    assert set(answers[hops(180) :]) == {"silence"}
    assert set(heard(gate, -48 + rng.normal(0, 4, hops(60)))[hops(1) :]) == {"music"}
    # When the music ends, the fan is still known.
    assert heard(gate, fan[: hops(5)])[-1] == "silence"


def test_the_answer_changes_after_its_time() -> None:
    gate = SoundGate()
    assert heard(gate, [-20] * 4) == ["silence", "silence", "music", "music"]
    assert heard(gate, [-120] * 31) == ["music"] * 29 + ["silence"] * 2


def test_a_clap_is_not_music() -> None:
    assert set(heard(SoundGate(), ([-10, -20] + [-90] * 10) * 50)) == {"silence"}


def test_a_quiet_second_is_not_silence() -> None:
    gate = SoundGate()
    heard(gate, [-20] * hops(10))
    for _ in range(20):
        assert set(heard(gate, [-120] * hops(1.4) + [-30] * hops(0.1))) == {"music"}


def test_between_the_two_thresholds_the_answer_stays() -> None:
    gate = SoundGate()
    assert set(heard(gate, [-75] * hops(10))) == {"silence"}
    heard(gate, [-30] * hops(1))
    assert set(heard(gate, [-75] * hops(5))) == {"music"}


@given(st.floats(0.005, 0.15))
def test_the_times_hold_at_any_pace(dt_s: float) -> None:
    gate = SoundGate()
    first = heard(gate, [-20] * 60, dt_s).index("music")
    assert (first + 1) * dt_s == pytest.approx(0.15, abs=dt_s + 1e-5)
    gone = heard(gate, [-100] * 600, dt_s).index("silence")
    assert (gone + 1) * dt_s == pytest.approx(1.5, abs=dt_s + 1e-5)


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=200))
def test_the_threshold_stays_within_its_limits(levels_db: list[float]) -> None:
    gate = SoundGate()
    for level_db in levels_db:
        assert gate.process(level_db, 1.0) in ("music", "silence")
        assert -78 <= gate.threshold_db <= -57


def test_reset_gives_a_fresh_start() -> None:
    gate = SoundGate()
    levels = np.random.default_rng(0).uniform(-70, -20, 300)
    fresh = heard(gate, levels)
    gate.reset()
    assert heard(gate, levels) == fresh


@pytest.mark.parametrize("dt_s", [0.0, -1.0, math.nan, math.inf])
def test_impossible_times_are_refused(dt_s: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        SoundGate().process(-20, dt_s)


@pytest.mark.parametrize(
    "wrong",
    [{"quiet_db": -50.0}, {"quiet_db": -130.0}, {"noise_limit_db": 3.0}, {"leave_s": -1.0}, {"enter_s": math.nan}],
)
def test_impossible_settings_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="gate"):
        GateSettings(**wrong)


def test_a_lower_quiet_hears_a_quieter_room() -> None:
    gate = SoundGate(GateSettings(quiet_db=-90))
    assert heard(gate, [-80] * 5)[-1] == "music"
