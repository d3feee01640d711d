"""Breathe: slow, and it remembers what it last felt."""

import math

import numpy as np
import pytest

from device.color.oklch import oklab_from_linear
from device.color.scenes.breathe import Breathe
from device.emotion.emotion import Emotion
from tests.device.color.moods import JOY, LUMINANCE, PALETTE, SADNESS, frames


def hue(frame: np.ndarray) -> float:
    _, a, b = oklab_from_linear(frame.mean(axis=0).astype(np.float64))
    return math.atan2(b, a)


def palette_hue(lab: np.ndarray) -> float:
    return math.atan2(lab[2], lab[1])


def test_one_breath_takes_seven_seconds_whatever_the_music_does() -> None:
    shown = frames(Breathe(PALETTE, 60), 70, onset=lambda t: float(t % 0.4 < 0.05))[840:]
    light = (shown @ LUMINANCE).mean(axis=1)
    spectrum = np.abs(np.fft.rfft(light - light.mean()))
    assert np.argmax(spectrum) / 56 == pytest.approx(1 / 7, abs=0.01)
    assert light.max() > 2 * light.min() > 0
    assert np.abs(np.diff(light)).max() < 0.005


def test_in_silence_the_last_color_stays_and_fades_to_rest() -> None:
    breathe = Breathe(PALETTE, 60)
    frames(breathe, 15, emotion=SADNESS)
    felt, rest = palette_hue(PALETTE.oklab(-0.6, -0.6, 0.05)), palette_hue(PALETTE.silence)
    # The tracker leads the emotion to neutral in silence: no matter.
    soon = frames(breathe, 8, start=15, emotion=Emotion(0, 0, 0), level_db=-80, sound="silence")[-1]
    late = frames(breathe, 40, rate=20, start=23, emotion=Emotion(0, 0, 0), level_db=-80, sound="silence")[-1]
    assert math.cos(hue(soon) - felt) > 0.95
    assert math.cos(hue(late) - rest) > 0.99


def test_it_wakes_to_the_new_color_without_a_jump() -> None:
    breathe = Breathe(PALETTE, 60)
    frames(breathe, 60, rate=20, sound="silence")
    shown = frames(breathe, 8, start=60, emotion=JOY)
    assert np.abs(np.diff(shown, axis=0)).max() < 0.02
    assert math.cos(hue(shown[-1]) - palette_hue(PALETTE.oklab(0.6, 0.6, 0.05))) > 0.99
