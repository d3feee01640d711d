"""Trail: the strip is the last minute of emotion, newest at its first pixel, flowing to the last."""

import numpy as np

from device.color.drift import Drift
from device.color.mood import DIM, PAST_S, Mood
from device.color.scenes.scene import Colors, Scene, frame_of

_HEAD_S = 2.0  # so young, the light still moves with the music
_OLD = 0.28  # by how much b is less after a minute
_REST = 0.05  # b of rest, over DIM
_CALM = 0.25  # how lively the slow waves over the whole are


class Trail(Scene):
    """Time runs evenly along the strip: what was felt 30 s ago stands in its middle."""

    def __init__(self, palette: Colors, pixels: int, seed: int = 0, mood: Mood | None = None) -> None:
        super().__init__(palette, pixels, seed, mood)
        self._drift = Drift(pixels, seed)
        self._ages_s = np.linspace(0.0, PAST_S, pixels) if pixels > 1 else np.zeros(1)
        self._fresh = np.exp(-((self._ages_s / _HEAD_S) ** 2))
        self._kept = 1.0 - _OLD * self._ages_s / PAST_S

    def begin(self) -> None:
        """See Scene.begin."""
        self._drift.reset()

    def paint(self) -> np.ndarray:
        """See Scene.paint."""
        mood, silence = self.mood, self.palette.silence
        valence, arousal, spread, awake, swell = mood.past.read(self._ages_s).T
        bright = swell + self._fresh * (mood.brightness - swell)
        rest = DIM + _REST
        light, _ = self._drift.process(_CALM, mood.dt_s)
        scale = (rest + awake * (bright - rest)) * self._kept * light
        feeling = self.palette.oklabs(valence, arousal, spread)
        return frame_of(silence + awake[:, None] * (feeling - silence), scale.astype(np.float32))
