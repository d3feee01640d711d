"""Makes the emotion move like a mood: arousal rises fast and falls slowly, and silence lets go of it."""

from math import exp, isfinite

from device.emotion.emotion import Emotion

NEUTRAL = Emotion(0.0, 0.0, 0.0)

HURRY_S = 3.0
"""How long it hurries after another song began."""
QUICK_S = 0.5
"""Longest time constant in a hurry: no color jumps, yet the old song's is gone after 1.5 s."""


class Tracker:
    """Smooths emotions in time with first-order lags.

    Every step is the exact solution of dx/dt = (target - x) / tau over dt, so x += (target - x) * (1 - exp(-dt / tau)):
    a constant input gives the same result however its time is cut into steps.

    rise_s, fall_s: time constants of arousal when it goes up and down. valence_s, spread_s: of valence and spread.
    rest_s: time constant of the drift to neutral (0, 0), spread 0, while anything but music is heard.
    Raises ValueError for a time constant that is not a positive number.
    """

    def __init__(
        self,
        rise_s: float = 0.8,
        fall_s: float = 3.5,
        valence_s: float = 1.8,
        spread_s: float = 2.0,
        rest_s: float = 12.0,
    ) -> None:
        times = {"rise_s": rise_s, "fall_s": fall_s, "valence_s": valence_s, "spread_s": spread_s, "rest_s": rest_s}
        for name, value in times.items():
            if not (isfinite(value) and value > 0):
                raise ValueError(f"{name} must be a positive number of seconds, not {value}")
        self._rise_s, self._fall_s = rise_s, fall_s
        self._valence_s, self._spread_s, self._rest_s = valence_s, spread_s, rest_s
        self.reset()

    def reset(self) -> None:
        """Back to neutral."""
        self._now = NEUTRAL
        self._hurry_s = 0.0

    def hurry(self) -> None:
        """Another song: for the next HURRY_S of music follow quickly, at most QUICK_S behind."""
        self._hurry_s = HURRY_S

    def process(self, emotion: Emotion, sound: str, dt_s: float) -> Emotion:
        """The smoothed emotion after dt_s more seconds of `emotion`.

        `sound` is "music" or another class; for another class the emotion itself is not looked at.
        Valence and arousal beyond [-1, 1] count as the limit, a negative spread as 0.
        Raises ValueError for a dt_s that is negative or not finite, and for music whose emotion is not finite:
        a model that gives NaN is broken, and a lamp that goes on glowing would hide it. The state stays as it was.
        """
        if not (isfinite(dt_s) and dt_s >= 0):
            raise ValueError(f"dt_s must be a number of seconds >= 0, not {dt_s}")
        if sound == "music" and 0.0 < self._hurry_s < dt_s:
            quick_s = self._hurry_s
            self.process(emotion, sound, quick_s)
            return self.process(emotion, sound, dt_s - quick_s)
        now = self._now
        if sound != "music":
            valence_s = arousal_s = spread_s = self._rest_s
            emotion = NEUTRAL
        else:
            if not (isfinite(emotion.valence) and isfinite(emotion.arousal) and isfinite(emotion.spread)):
                raise ValueError(f"the emotion must be finite, not {emotion}")
            valence_s, spread_s = self._valence_s, self._spread_s
            arousal_s = self._rise_s if emotion.arousal > now.arousal else self._fall_s
            if self._hurry_s > 0.0:
                valence_s, arousal_s, spread_s = (min(tau, QUICK_S) for tau in (valence_s, arousal_s, spread_s))
                self._hurry_s = max(0.0, self._hurry_s - dt_s)
        self._now = Emotion(
            _approach(now.valence, min(1.0, max(-1.0, emotion.valence)), dt_s / valence_s),
            _approach(now.arousal, min(1.0, max(-1.0, emotion.arousal)), dt_s / arousal_s),
            _approach(now.spread, max(0.0, emotion.spread), dt_s / spread_s),
        )
        return self._now


def _approach(now: float, target: float, time_constants: float) -> float:
    # Written as a mean of the two, so that rounding cannot carry it beyond either.
    left = exp(-time_constants)
    return now * left + target * (1.0 - left)
