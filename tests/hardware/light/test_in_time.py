"""What happens in time: interpolation, presence, beat."""

import numpy as np
import pytest
from numpy.typing import NDArray

from hardware.light.beat import Beat
from hardware.light.interpolate import Interpolator
from hardware.light.presence import FADE_IN_S, FADE_OUT_S, QUIET_S, Presence

TICK = 1 / 60


def level(value: float) -> NDArray[np.float32]:
    return np.full((2, 3), value, np.float32)


def shown(interpolator: Interpolator, t_s: float) -> float:
    return float(interpolator.process(t_s)[0, 0])


def test_frames_in_time_are_shown_at_once() -> None:
    interpolator = Interpolator(TICK)
    assert interpolator.process(0.0) is None
    for i in range(10):
        interpolator.take(level(i / 10), i * TICK)
        assert shown(interpolator, i * TICK + 0.001) == pytest.approx(i / 10)


def test_slow_frames_become_an_even_ramp() -> None:
    interpolator = Interpolator(TICK)
    values = []
    for i in range(40):  # one frame for every third that is shown
        if i % 3 == 0:
            interpolator.take(level(i / 40), i * TICK)
        values.append(shown(interpolator, i * TICK))
    steps = np.diff(values[24:])
    np.testing.assert_allclose(steps, 1 / 40, atol=0.004)
    assert values[-1] == pytest.approx(39 / 40, abs=0.09)  # 3.5 frames of the strip at most


def test_after_a_pause_a_frame_is_there_within_a_quarter_of_a_second() -> None:
    interpolator = Interpolator(TICK)
    interpolator.take(level(0.0), 0.0)
    for i in range(90):
        interpolator.process(i * TICK)
    interpolator.take(level(1.0), 1.5)
    assert shown(interpolator, 1.5) < 1.0
    assert shown(interpolator, 1.75) == 1.0


@pytest.mark.parametrize(
    ("every_s", "off_s"), [(1 / 25, 0.0), (1 / 30, 0.003), (0.03, 0.003), (1 / 40, 0.0), (1 / 40, 0.003)]
)
def test_slow_frames_in_no_step_with_the_beat_are_even_too(every_s: float, off_s: float) -> None:
    comes = np.cumsum(every_s + np.random.default_rng(4).uniform(-off_s, off_s, 500))
    interpolator = Interpolator(TICK)
    values, place = [0.0], 0
    for i in range(600):
        while comes[place] <= i * TICK:
            interpolator.take(level(comes[place]), comes[place])
            place += 1
        if interpolator.process(i * TICK) is not None:
            values.append(shown(interpolator, i * TICK))
    steps = np.diff(values[60:]) / TICK
    assert steps.std() < 0.25  # 0.5 to 0.7 without: a step is left out, the next one is double
    assert steps.min() > 0
    assert steps.max() < 1.5


def test_a_picture_of_another_length_is_not_mixed_with_the_old_one() -> None:
    interpolator = Interpolator(TICK)
    interpolator.take(level(1.0), 0.0)
    interpolator.take(np.zeros((5, 3), np.float32), 0.1)
    assert interpolator.process(0.1).shape == (5, 3)


def test_presence_comes_stays_and_goes_softly() -> None:
    presence = Presence()
    assert presence.process(0.0) == 0.0
    assert presence.dark
    presence.came(9.0)  # after a long time in the dark
    gains = [presence.process(9.0 + i * TICK) for i in range(round(FADE_IN_S / TICK) + 1)]
    assert gains[:2] == pytest.approx([0.0, (TICK / FADE_IN_S) ** 2])
    assert gains == sorted(gains)
    assert gains[-1] == 1.0
    assert presence.process(9.0 + QUIET_S) == 1.0
    assert presence.process(9.0 + QUIET_S + TICK) < 1.0
    assert not presence.dark
    presence.process(9.0 + QUIET_S + TICK + FADE_OUT_S)
    assert presence.dark


def test_presence_turns_round_in_the_middle_of_a_fade() -> None:
    presence = Presence()
    presence.came(0.0)
    presence.process(0.0)
    presence.process(1.0)
    presence.left()
    middle = presence.process(1.0 + FADE_OUT_S / 2)
    assert 0 < middle < 1
    presence.came(1.3)
    assert middle < presence.process(1.3) <= 1


def test_the_beat_is_steady_and_counts_what_it_missed() -> None:
    beat = Beat(TICK)
    beat.reset(10.0)
    for i in range(100):
        assert beat.next_s == pytest.approx(10.0 + i * TICK)
        beat.shown(beat.next_s + 0.003)  # a little late: the next one is not
    assert beat.late == 0
    beat.shown(beat.next_s + 2.5 * TICK)
    assert beat.late == 2
    assert beat.next_s == pytest.approx(10.0 + 103 * TICK)


def test_the_beat_leaves_the_strip_its_rest() -> None:
    beat = Beat(TICK, 0.01)
    beat.reset(0.0)
    beat.shown(0.0)
    beat.shown(0.03)
    assert beat.next_s == pytest.approx(2 * TICK)
    assert beat.due_s(False) == pytest.approx(0.04)
    assert Beat(TICK, 0.03).period_s == 0.03


@pytest.mark.parametrize("phase", [0.0, 0.2, 0.5, 0.9])
def test_the_beat_leans_to_the_frames_of_a_client_of_its_own_rate(phase: float) -> None:
    beat = Beat(TICK)
    beat.reset(0.0)
    waited, before = [], 0.0
    comes = [(i + phase) * TICK for i in range(400)]
    for t_s in comes:
        while beat.due_s(False) <= t_s:
            assert before == 0.0 or abs(beat.next_s - before - TICK) < 0.0201 * TICK  # two frames between
            before = beat.next_s
            beat.shown(beat.due_s(False))
        beat.came(t_s)
        waited.append(beat.next_s - t_s)
    assert 0.0003 < np.median(waited[-50:]) < 0.0007


def test_a_frame_of_such_a_client_is_shown_at_once_and_waited_for_if_it_is_late() -> None:
    beat = Beat(TICK)
    beat.reset(TICK)
    for i in range(1, 400):
        t_s = i * TICK
        beat.came(t_s)
        beat.shown(t_s)
    assert beat.due_s(True) < 400 * TICK
    assert 400 * TICK + 0.001 < beat.due_s(False) < 400 * TICK + 0.003
    beat.shown(400 * TICK)
    beat.shown(401 * TICK)
    assert beat.due_s(False) == beat.next_s  # it sends no more: no waiting


def test_the_beat_does_not_care_for_other_rates() -> None:
    beat = Beat(TICK)
    beat.reset(0.0)
    for i in range(10):
        beat.came(i / 25)
    assert beat.next_s == 0.0
