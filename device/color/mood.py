"""Mood: what all scenes share, how the lamp feels now and how it felt in the last minute.

Brightness here is a share b of OKLab lightness; linear light scales with b³ (see device.color.oklch), so equal steps
of b look equal. While music plays

    b = 0.54 + 0.16 · A + 0.19 · loudness + onset lift (at most 0.07)

with A in [0, 1] from arousal and the loudness relative to a slow maximum of the music so far (device.color.loudness).
b rises at once but falls by no more than 0.11 a second. So however fast the onsets of a steady emotion come, no light
that follows b makes more than three flashes in a second, general ones or red ones (WCAG 2.2, 2.3.1; red is the stricter
of the two). The tests hold this for the palettes that ship; jumps of the emotion itself are slowed by the tracker.
"""

from math import isfinite, tanh

from device.color.fade import follow, toward
from device.color.loudness import Loudness
from device.color.memory import Memory
from device.emotion.emotion import Emotion

PAST_S = 60.0
DIM = 0.36
"""b of a lamp at rest that has breathed out."""
_LONGEST_STEP_S = 0.25  # after a gap the light goes on from where it was instead of jumping
_COLOR_S = 0.35
_CROSSFADE_S = 2.0
_BASE = 0.54
_RISE_PER_S, _FALL_PER_S = 2.0, 0.11
_LIFT, _LIFT_RISE_S, _LIFT_FALL_S = 0.07, 0.04, 0.35
_SWELL_S = 0.8
_LIVELY = 0.5  # the arousal at which A is 0.88


class Mood:
    """Follows what is felt and heard; process() moves it on, its attributes are what scenes paint.

    dt_s: the last step, seconds, cut to 0.25. valence, arousal, spread: the emotion, a little smoother.
    lively: A above. music: whether it plays. awake: 0 at rest to 1 in music. loudness: 0 to 1. onset: of the last
    step, 0 to 1, 0 without music. brightness: b above.
    past: a Memory of the last minute: valence, arousal, spread, awake, and b without the fast lift of onsets.
    """

    def __init__(self) -> None:
        self._loudness = Loudness()
        self.past = Memory((0.0, 0.0, 0.0, 0.0, DIM), PAST_S)
        self.reset()

    def reset(self) -> None:
        """Back to a lamp that was just switched on: dark room, no music yet."""
        self._loudness.reset()
        self.past.reset()
        self._last_s: float | None = None
        self._clock_s = self._lift = self._music = 0.0
        self._swell = DIM
        self.dt_s = 0.0
        self.valence = self.arousal = self.spread = 0.0
        self.lively = 0.5
        self.music = False
        self.awake = self.loudness = self.onset = 0.0
        self.brightness = DIM

    def process(self, emotion: Emotion, level_db: float, onset: float, sound: str, t_s: float) -> None:
        """Go on to time t_s; see Scene.process for all arguments and errors."""
        if onset != onset or level_db != level_db:
            raise ValueError("level_db and onset must not be NaN")
        if not (isfinite(emotion.valence) and isfinite(emotion.arousal) and isfinite(emotion.spread)):
            raise ValueError(f"the emotion must be finite, not {emotion}")
        dt_s = self._step(t_s)
        self.dt_s = dt = min(dt_s, _LONGEST_STEP_S)
        self._clock_s += dt
        self.music = sound == "music"
        self.valence = follow(self.valence, emotion.valence, dt, _COLOR_S)
        self.arousal = follow(self.arousal, emotion.arousal, dt, _COLOR_S)
        self.spread = follow(self.spread, emotion.spread, dt, _COLOR_S)
        self.lively = 0.5 + 0.5 * tanh(self.arousal / _LIVELY)

        self._music = toward(self._music, 1.0 if self.music else 0.0, dt / _CROSSFADE_S, dt / _CROSSFADE_S)
        self.awake = self._music * self._music * (3.0 - 2.0 * self._music)
        self.loudness = self._loudness.process(level_db, self.music, dt_s)
        self.onset = min(1.0, max(0.0, onset)) if self.music else 0.0
        hit = _LIFT * self.onset
        self._lift = follow(self._lift, hit, dt, _LIFT_RISE_S if hit > self._lift else _LIFT_FALL_S)
        level = _BASE + 0.16 * self.lively + 0.19 * self.loudness
        self.brightness = toward(self.brightness, level + self._lift, dt * _RISE_PER_S, dt * _FALL_PER_S)
        self._swell = follow(self._swell, level, dt, _SWELL_S)
        self.past.process(self._clock_s, (self.valence, self.arousal, self.spread, self.awake, self._swell))

    def _step(self, t_s: float) -> float:
        if not isfinite(t_s):
            raise ValueError(f"the time must be finite, not {t_s}")
        last_s = t_s if self._last_s is None else self._last_s
        if t_s < last_s:
            raise ValueError(f"time goes back, from {last_s} s to {t_s} s")
        self._last_s = t_s
        return t_s - last_s
