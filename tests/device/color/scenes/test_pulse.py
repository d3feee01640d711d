"""Pulse: beats are seen at once, and travel."""

import numpy as np
import pytest

from device.color.beats import APART_S, Beats
from device.color.scenes.pulse import Pulse
from device.emotion.emotion import Emotion
from tests.device.color.moods import CALM, JOY, LUMINANCE, PALETTE, frames


def struck(emotion: Emotion = JOY, pixels: int = 61, onset: float = 1.0) -> np.ndarray:
    """How much more luminance than without an onset, [frames, pixels], from the onset (50 ms long) on."""
    light = []
    for strength in (onset, 0.0):
        pulse = Pulse(PALETTE, pixels)
        frames(pulse, 5, emotion=emotion)
        first = frames(pulse, 0.05, start=5, emotion=emotion, onset=strength)
        light.append(np.concatenate([first, frames(pulse, 1.95, start=5.05, emotion=emotion)]) @ LUMINANCE)
    return light[0] - light[1]


def test_the_middle_answers_with_the_next_frame() -> None:
    more = struck()
    assert more[0, 30] > 0.03
    assert more[:12, 30].max() > 0.2


def test_it_travels_from_the_middle_to_both_ends_and_goes() -> None:
    more = struck()
    peaks = np.argmax(more, axis=0) / 60
    assert peaks[30] < 0.15
    assert 0.2 < peaks[0] - peaks[30] < 0.4
    assert (np.diff(peaks[30:]) >= 0).all()
    np.testing.assert_allclose(peaks, peaks[::-1], atol=0.018)  # the inner movement is not the same on both sides
    assert more.max(axis=0)[0] < more.max(axis=0)[30]
    assert np.abs(more[-1]).max() < 0.02


def test_calm_music_makes_smaller_waves() -> None:
    assert struck(CALM).max() < 0.6 * struck(JOY).max()


def test_onsets_move_nothing_in_silence() -> None:
    one, other = Pulse(PALETTE, 30), Pulse(PALETTE, 30)
    np.testing.assert_array_equal(
        frames(one, 3, sound="silence", onset=lambda t: float(t % 0.5 < 0.05)), frames(other, 3, sound="silence")
    )


def begun(onsets: list[float]) -> list[int]:
    """At which hops of 50 ms the envelope rises anew."""
    beats = Beats()
    levels = np.array([0.0, *[beats.process(onset, 0.05) for onset in onsets]])
    rises = np.diff(levels) > 0.01
    return [hop for hop in np.flatnonzero(rises).tolist() if hop == 0 or not rises[hop - 1]]


def test_every_beat_of_fast_music_is_taken() -> None:
    assert begun([1.0 if hop % 7 == 0 else 0.0 for hop in range(70)]) == list(range(0, 70, 7))  # 171 a minute


def test_a_hi_hat_between_drums_is_not() -> None:
    assert begun([{0: 1.0, 5: 0.4}.get(hop % 10, 0.0) for hop in range(80)])[1:] == list(range(10, 80, 10))


def test_music_without_strong_beats_is_followed_too() -> None:
    assert len(begun([0.25 if hop % 10 == 0 else 0.0 for hop in range(100)])) == 10


def test_nothing_is_faster_than_allowed() -> None:
    for seed in range(20):
        found = begun(list(np.random.default_rng(seed).uniform(0, 1, 400) ** 2))
        assert len(found) > 30
        assert np.diff(found).min() * 0.05 >= APART_S - 1e-9


@pytest.mark.parametrize("dt_s", [1 / 240, 1 / 60, 0.05])
def test_the_envelope_is_the_same_at_any_rate(dt_s: float) -> None:
    beats = Beats()
    steps = round(0.05 / dt_s)
    levels = []
    for onset in (1.0, *[0.0] * 9):
        for _ in range(steps):
            now = beats.process(onset, dt_s)
        levels.append(now)
    expected = [0.811, 0.964, 0.807, 0.675, 0.564, 0.472, 0.395, 0.330, 0.276, 0.231]
    np.testing.assert_allclose(levels, expected, atol=0.002)
