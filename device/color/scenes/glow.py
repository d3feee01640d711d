"""The lamp's light: emotion, loudness and onsets become a frame of pixels that moves like something alive.

Brightness here is a share b of OKLab lightness; linear light scales with b³ (see device.color.oklch), so equal steps
of b look equal. While music plays

    b = 0.54 + 0.16 · A + 0.19 · loudness + onset lift (at most 0.07)

with A in [0, 1] from arousal and the loudness relative to a slow maximum of the music so far (device.color.loudness).
b rises at once but falls by no more than 0.19 a second. So however fast the onsets of a steady emotion come, the light
doesn't swing by a tenth of full luminance more than three times a second, the order of the general flash threshold of
WCAG 2.2, 2.3.1. The tests hold this for the palettes that ship; jumps of the emotion itself are slowed by the tracker.
"""

from math import isfinite, pi, tanh

import numpy as np

from device.color.drift import Drift
from device.color.fade import follow, toward
from device.color.loudness import Loudness
from device.color.oklch import linear_from_oklab
from device.color.palette import Palette
from device.emotion.emotion import Emotion

_LONGEST_STEP_S = 0.25  # after a gap the light goes on from where it was instead of jumping
_COLOR_S = 0.35
_CROSSFADE_S = 2.0
_BREATH_S = 5.0
_BREATH = (0.36, 0.49)  # b, out and in
_BASE = 0.54
_RISE_PER_S, _FALL_PER_S = 2.0, 0.19
_LIFT, _LIFT_RISE_S, _LIFT_FALL_S = 0.07, 0.04, 0.35
_LIVELY = 0.5  # the arousal at which A is 0.88


class Glow:
    """Turns what the lamp feels and hears into frames, float32 [pixels, 3], linear RGB in [0, 1].

    The result depends on the inputs and their times only, not on the frame rate (below 250 ms a frame), and is the
    same for the same seed. Raises ValueError for less than one pixel.
    """

    def __init__(self, palette: Palette, pixels: int, seed: int = 0) -> None:
        if pixels < 1:
            raise ValueError(f"a glow needs at least one pixel, not {pixels}")
        self.palette = palette
        self.pixels = pixels
        self._loudness = Loudness()
        self._drift = Drift(pixels, seed)
        place = np.linspace(-1.0, 1.0, pixels) if pixels > 1 else np.zeros(1)
        # 1 in the middle of the lamp, softly less toward its ends.
        self._middle = np.exp(-((place / 0.7) ** 2)).astype(np.float32)
        self.reset()

    def reset(self) -> None:
        """Back to a lamp that was just switched on: dark room, no music yet, breathing."""
        self._loudness.reset()
        self._drift.reset()
        self._last_s: float | None = None
        self._breath_s = 0.0
        self._valence = self._arousal = self._spread = 0.0
        self._lift = 0.0
        self._brightness = _BREATH[0]
        self._music = 0.0

    def process(self, emotion: Emotion, level_db: float, onset: float, sound: str, t_s: float) -> np.ndarray:
        """The frame at time t_s.

        emotion: smoothed (see device.emotion.tracker). level_db: dBFS, -inf allowed. onset: strength of a beginning
        note, 0 to 1, beyond is cut. sound: "music" or another class, which rests. t_s: seconds, never going back.
        Raises ValueError for a number that is NaN and for a time that goes back or is not finite.
        """
        dt_s = self._step(t_s)
        if onset != onset or level_db != level_db:
            raise ValueError("level_db and onset must not be NaN")
        music = sound == "music"
        dt = min(dt_s, _LONGEST_STEP_S)
        self._valence = follow(self._valence, emotion.valence, dt, _COLOR_S)
        self._arousal = follow(self._arousal, emotion.arousal, dt, _COLOR_S)
        self._spread = follow(self._spread, emotion.spread, dt, _COLOR_S)
        lively = 0.5 + 0.5 * tanh(self._arousal / _LIVELY)

        self._music = toward(self._music, 1.0 if music else 0.0, dt / _CROSSFADE_S, dt / _CROSSFADE_S)
        awake = self._music * self._music * (3.0 - 2.0 * self._music)
        loudness = self._loudness.process(level_db, music, dt_s)
        hit = _LIFT * min(1.0, max(0.0, onset)) if music else 0.0
        self._lift = follow(self._lift, hit, dt, _LIFT_RISE_S if hit > self._lift else _LIFT_FALL_S)
        wanted = _BASE + 0.16 * lively + 0.19 * loudness + self._lift
        self._brightness = toward(self._brightness, wanted, dt * _RISE_PER_S, dt * _FALL_PER_S)

        self._breath_s = (self._breath_s + dt) % _BREATH_S
        scale, turn = self._drift.process(awake * lively, dt)
        scale *= self._brightness * awake + self._breath() * (1.0 - awake) if awake < 1.0 else self._brightness
        feeling = self.palette.oklab(self._valence, self._arousal, self._spread)
        return self._paint(self.palette.silence + awake * (feeling - self.palette.silence), scale, turn)

    def _breath(self) -> np.ndarray:
        phase = 2 * pi * self._breath_s / _BREATH_S
        # The ends breathe a little after the middle.
        share = 0.5 - 0.5 * np.cos(phase - 0.6 * (1.0 - self._middle))
        return np.asarray(_BREATH[0] + (_BREATH[1] - _BREATH[0]) * share)

    def _step(self, t_s: float) -> float:
        if not isfinite(t_s):
            raise ValueError(f"the time must be finite, not {t_s}")
        last_s = t_s if self._last_s is None else self._last_s
        if t_s < last_s:
            raise ValueError(f"time goes back, from {last_s} s to {t_s} s")
        self._last_s = t_s
        return t_s - last_s

    def _paint(self, lab: np.ndarray, scale: np.ndarray, turn: np.ndarray) -> np.ndarray:
        """One OKLab color for all pixels, its hue turned by a small angle and its lightness scaled for each."""
        lightness, a, b = lab.tolist()
        pixels = np.empty((self.pixels, 3), dtype=np.float32)
        pixels[:, 0] = lightness
        pixels[:, 1] = a - b * turn  # a small angle: its sine is itself, its cosine 1
        pixels[:, 2] = b + a * turn
        pixels *= scale[:, None]
        # Dimming keeps a color in gamut, and turns are small: what is cut here is no more than the eye can see.
        return np.clip(linear_from_oklab(pixels), 0.0, 1.0, out=pixels)
