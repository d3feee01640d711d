"""Pulse: every beat sends a wave of light from the middle of the strip to its ends."""

from collections import deque
from math import ceil

import numpy as np

from device.color.beats import Beats
from device.color.breath import Breath, places
from device.color.drift import Drift
from device.color.fade import toward
from device.color.mood import DIM, Mood
from device.color.scenes.glow import BREATH, BREATH_S
from device.color.scenes.scene import Colors, Scene, frame_of

_TRAVEL_S = 0.28  # from the middle to an end
_STEP_S = 1 / 60  # pulses are made at least this finely, so that they look the same at a low frame rate
_BASE, _PEAK = 0.44, 0.99
_SLEW_PER_S = 0.15  # of b between the beats: too slow to make a flash of a beat's own
_WORN = 0.45  # how much a wave has lost when it comes to an end
_CALM_HEIGHT = 0.45  # of the waves in the calmest music
_CREST = 0.3  # the crest is so much more arousal in color
_CALM = 0.5  # how much of the inner movement of a glow there is


class Pulse(Scene):
    """Beats (see device.color.beats) move the brightness from a low level up; without music it breathes.

    The middle of the strip answers an onset with the next frame. No pixel flashes more than three times in a second.
    """

    def __init__(self, palette: Colors, pixels: int, seed: int = 0, mood: Mood | None = None) -> None:
        super().__init__(palette, pixels, seed, mood)
        self._beats = Beats()
        self._drift = Drift(pixels, seed)
        self._breath = Breath(pixels, BREATH_S)
        away = np.abs(places(pixels))
        away -= away.min()  # an even number of pixels has none right in the middle
        self._delay_s = _TRAVEL_S * away
        self._left = 1.0 - _WORN * away
        self.begin()

    def begin(self) -> None:
        """See Scene.begin."""
        self._beats.reset()
        self._drift.reset()
        self._breath.reset()
        self._base = _BASE
        self._now_s = 0.0
        self._past = deque([(0.0, 0.0)])  # (time, envelope in the middle), as long as a wave travels

    def paint(self) -> np.ndarray:
        """See Scene.paint."""
        mood, silence = self.mood, self.palette.silence
        awake = mood.awake
        height = _CALM_HEIGHT + (1.0 - _CALM_HEIGHT) * mood.lively
        wave = height * self._wave(mood.onset, mood.dt_s)
        step = mood.dt_s * _SLEW_PER_S
        self._base = toward(self._base, _BASE + 0.08 * mood.lively + 0.08 * mood.loudness, step, step)
        self._breath.process(mood.dt_s)
        scale, turn = self._drift.process(_CALM * awake * mood.lively, mood.dt_s)
        rest = (DIM + BREATH * self._breath.share()) * (1.0 - awake) if awake < 1.0 else 0.0
        scale *= awake * (self._base + (_PEAK - self._base) * wave) + rest
        feeling = self.palette.oklab(mood.valence, mood.arousal, mood.spread)
        crest = self.palette.oklab(mood.valence, mood.arousal + _CREST, mood.spread)
        color = silence + awake * (feeling - silence)
        return frame_of(color + (awake * wave)[:, None] * (crest - feeling), scale.astype(np.float32), turn)

    def _wave(self, onset: float, dt_s: float) -> np.ndarray:
        """The wave's height at each pixel, 0 to 1, [pixels]."""
        steps = max(1, ceil(dt_s / _STEP_S - 1e-6))
        for _ in range(steps if dt_s > 0 else 0):
            self._now_s += dt_s / steps
            self._past.append((self._now_s, self._beats.process(onset, dt_s / steps)))
        while len(self._past) > 2 and self._past[1][0] < self._now_s - _TRAVEL_S:
            self._past.popleft()
        times, heights = zip(*self._past, strict=True)
        return np.asarray(self._left * np.interp(self._now_s - self._delay_s, times, heights))
