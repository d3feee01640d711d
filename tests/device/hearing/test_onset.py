"""Onsets: beginnings are seen, a steady sound and a fading one are not."""

import pytest

from device.hearing.onset import Onset

HOP_S = 0.05


def test_a_sudden_rise_is_an_onset_and_a_steady_level_is_none() -> None:
    onset = Onset()
    levels = [-40.0] * 20 + [-15.0] * 20
    strengths = [onset.process(level, HOP_S) for level in levels]
    assert max(strengths[:20]) == 0.0
    assert strengths[20] == 1.0
    assert strengths[-1] == 0.0
    assert sum(strength > 0.5 for strength in strengths) < 8


def test_a_fade_or_a_small_wobble_is_none() -> None:
    onset = Onset()
    assert not any(onset.process(-20.0 - i, HOP_S) for i in range(40))
    onset.reset()
    assert not any(onset.process(-20.0 + i % 2, HOP_S) for i in range(40))


@pytest.mark.parametrize(("level_db", "dt_s"), [(float("nan"), 0.05), (-20.0, 0.0), (float("-inf"), 0.05)])
def test_what_is_no_level_is_refused(level_db: float, dt_s: float) -> None:
    with pytest.raises(ValueError, match="finite level"):
        Onset().process(level_db, dt_s)
