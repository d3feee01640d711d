import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.emotion.emotion import Emotion
from device.emotion.tracker import HURRY_S, Tracker

unit = st.floats(-1, 1)
emotions = st.builds(Emotion, unit, unit, st.floats(0, 2))
steps = st.floats(0, 30)


def run(tracker: Tracker, emotion: Emotion, sound: str, seconds: float, parts: int) -> Emotion:
    now = Emotion(0, 0, 0)
    for _ in range(parts):
        now = tracker.process(emotion, sound, seconds / parts)
    return now


def close(one: Emotion, other: Emotion) -> bool:
    return all(
        math.isclose(a, b, abs_tol=1e-9)
        for a, b in zip(
            (one.valence, one.arousal, one.spread), (other.valence, other.arousal, other.spread), strict=True
        )
    )


@given(emotions, st.floats(0.01, 20), st.integers(2, 40), st.sampled_from(["music", "silence"]))
def test_a_constant_input_does_not_depend_on_how_time_is_cut(emotion, seconds, parts, sound):
    whole, cut = Tracker(), Tracker()
    for tracker in (whole, cut):
        tracker.process(Emotion(0.7, -0.8, 0.4), "music", 5.0)
    assert close(run(whole, emotion, sound, seconds, 1), run(cut, emotion, sound, seconds, parts))


@given(st.lists(st.tuples(emotions, steps, st.sampled_from(["music", "silence", "speech"])), max_size=30))
def test_it_stays_on_the_plane(way):
    tracker = Tracker()
    for emotion, dt_s, sound in way:
        now = tracker.process(emotion, sound, dt_s)
        assert -1 <= now.valence <= 1
        assert -1 <= now.arousal <= 1
        assert 0 <= now.spread <= 2


def test_it_follows_the_exact_solution():
    tracker = Tracker(rise_s=0.5, fall_s=4.0, valence_s=2.0, spread_s=1.0)
    now = tracker.process(Emotion(0.6, 0.8, 0.2), "music", 1.0)
    assert now.arousal == pytest.approx(0.8 * (1 - math.exp(-1 / 0.5)))
    assert now.valence == pytest.approx(0.6 * (1 - math.exp(-1 / 2.0)))
    assert now.spread == pytest.approx(0.2 * (1 - math.exp(-1 / 1.0)))


def test_arousal_rises_faster_than_it_falls():
    tracker = Tracker()
    risen = tracker.process(Emotion(0, 1, 0), "music", 1.0).arousal
    tracker.process(Emotion(0, 1, 0), "music", 1000.0)
    fallen = 1.0 - tracker.process(Emotion(0, 0, 0), "music", 1.0).arousal
    assert risen > 2 * fallen > 0


def test_silence_lets_go_slowly_and_whatever_the_model_says():
    tracker = Tracker()
    tracker.process(Emotion(-0.8, 0.9, 0.3), "music", 100.0)
    soon = tracker.process(Emotion(math.nan, 1, 0), "silence", 1.0)
    assert soon.valence < -0.7
    assert soon.arousal > 0.8
    late = tracker.process(Emotion(1, 1, 0), "silence", 200.0)
    assert close(Emotion(0, 0, 0), Emotion(round(late.valence, 6), round(late.arousal, 6), round(late.spread, 6)))


def test_values_off_the_plane_count_as_its_edge():
    now = Tracker().process(Emotion(7, -7, -1), "music", 1e6)
    assert now == Emotion(1, -1, 0)


@pytest.mark.parametrize("emotion", [Emotion(math.nan, 0, 0), Emotion(0, math.inf, 0), Emotion(0, 0, math.nan)])
def test_music_without_a_number_is_refused_and_changes_nothing(emotion):
    tracker, twin = Tracker(), Tracker()
    for each in (tracker, twin):
        each.process(Emotion(0.5, 0.5, 0.1), "music", 1.0)
    with pytest.raises(ValueError, match="finite"):
        tracker.process(emotion, "music", 0.05)
    later = Emotion(-0.5, 0.2, 0.0)
    assert tracker.process(later, "music", 0.3) == twin.process(later, "music", 0.3)


@pytest.mark.parametrize("dt_s", [-0.1, math.nan, math.inf])
def test_a_wrong_step_is_refused(dt_s):
    with pytest.raises(ValueError, match="dt_s"):
        Tracker().process(Emotion(0, 0, 0), "music", dt_s)


@pytest.mark.parametrize("value", [0, -1, math.nan, math.inf])
def test_a_wrong_time_constant_is_refused(value):
    with pytest.raises(ValueError, match="fall_s"):
        Tracker(fall_s=value)


def test_reset_is_a_fresh_start():
    tracker = Tracker()
    tracker.process(Emotion(1, 1, 1), "music", 10.0)
    tracker.reset()
    emotion = Emotion(-0.4, 0.3, 0.2)
    assert tracker.process(emotion, "music", 0.2) == Tracker().process(emotion, "music", 0.2)


def test_a_hurry_is_quick_and_ends() -> None:
    glad, sad = Emotion(0.8, 0.8, 0.1), Emotion(-0.8, -0.8, 0.1)
    calm, hasty = Tracker(), Tracker()
    for tracker in (calm, hasty):
        tracker.process(glad, "music", 60.0)
    hasty.hurry()
    assert hasty.process(sad, "music", 1.0).arousal < -0.5 < 0.0 < calm.process(sad, "music", 1.0).arousal
    hasty.process(sad, "music", HURRY_S)
    assert hasty.process(glad, "music", 1.0).valence == pytest.approx(calm_after(sad, glad), abs=0.01)


def calm_after(before: Emotion, then: Emotion) -> float:
    tracker = Tracker()
    tracker.process(before, "music", 60.0)
    return tracker.process(then, "music", 1.0).valence


def test_a_hurry_is_the_same_in_any_steps_and_waits_for_music() -> None:
    one, many = Tracker(), Tracker()
    for tracker in (one, many):
        tracker.process(Emotion(0.8, 0.8, 0.1), "music", 60.0)
        tracker.hurry()
        tracker.process(Emotion(0.0, 0.0, 0.0), "silence", 1.0)
    target = Emotion(-0.8, -0.8, 0.3)
    whole = one.process(target, "music", 5.0)
    for _ in range(100):
        parts = many.process(target, "music", 0.05)
    assert parts.valence == pytest.approx(whole.valence)
    assert parts.arousal == pytest.approx(whole.arousal)
