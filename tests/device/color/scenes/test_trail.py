"""Trail: time runs along the strip."""

import numpy as np
import pytest

from device.color.oklch import oklab_from_linear
from device.color.scenes.trail import Trail
from device.emotion.emotion import Emotion
from device.emotion.tracker import Tracker
from tests.device.color.moods import ANGER, CALM, JOY, PALETTE, SADNESS, frames


def feelings(frame: np.ndarray) -> list[Emotion]:
    """For each pixel the one of four emotions whose hue is nearest."""
    choices = (JOY, ANGER, SADNESS, CALM)
    hues = [np.arctan2(*PALETTE.oklab(e.valence, e.arousal)[:0:-1]) for e in choices]
    lab = oklab_from_linear(frame.astype(np.float64))
    hue = np.arctan2(lab[:, 2], lab[:, 1])
    return [choices[int(np.argmin([1 - np.cos(h - each) for each in hues]))] for h in hue]


@pytest.mark.parametrize("pixels", [60, 61, 300])
def test_what_was_felt_then_stands_there(pixels: int) -> None:
    trail, start = Trail(PALETTE, pixels), 0.0
    for emotion, seconds in ((SADNESS, 20), (JOY, 15), (ANGER, 10), (CALM, 15)):
        frame = frames(trail, seconds, start=start, emotion=emotion)[-1]
        start += seconds
    found = feelings(frame)

    def at(age_s: float) -> Emotion:
        return found[round(age_s / 60 * (pixels - 1))]

    # Away from the borders, where one color becomes another one.
    assert {at(age) for age in (0, 5, 12)} == {CALM}
    assert {at(age) for age in (17, 20, 23)} == {ANGER}
    assert {at(age) for age in (27, 30, 33, 38)} == {JOY}
    assert {at(age) for age in (43, 50, 56)} == {SADNESS}


def test_it_flows_evenly() -> None:
    trail, tracker, shown = Trail(PALETTE, 300), Tracker(), []
    for i in range(40 * 60):
        emotion = tracker.process(JOY if i < 1200 else SADNESS, "music", 1 / 60)
        shown.append(trail.process(emotion, -14.0, 0.0, "music", i / 60))
    shown = np.array(shown[1500:])
    blue = shown[..., 2] - shown[..., 0]
    front = np.array([_crossing(row) for row in blue])
    speed = np.diff(front)[60:]
    # 300 pixels in 60 s are 5 a second.
    assert np.mean(speed) * 60 == pytest.approx(299 / 60, rel=0.05)
    assert speed.min() > 0.3 * speed.mean()
    assert speed.max() < 2 * speed.mean()
    assert np.abs(np.diff(shown, axis=0)).max() < 0.02


def _crossing(row: np.ndarray) -> float:
    """Where along the strip blue turns into red, between pixels too."""
    last = int(np.flatnonzero(row > 0)[-1])
    return last + row[last] / (row[last] - row[last + 1])


def test_a_minute_later_it_is_forgotten() -> None:
    trail = Trail(PALETTE, 60)
    frames(trail, 10, emotion=ANGER)
    assert set(feelings(frames(trail, 70, rate=20, start=10, emotion=CALM)[-1])) == {CALM}


def test_silence_stands_in_it_too() -> None:
    trail = Trail(PALETTE, 60)
    frames(trail, 20)
    frames(trail, 20, start=20, sound="silence", level_db=-80)
    light = frames(trail, 20, start=40)[-1].mean(axis=1)
    assert light[30] < 0.4 * min(light[8], light[50])
