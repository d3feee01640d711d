"""Glow: the whole lamp in the color of the emotion, with a gentle inner movement."""

import numpy as np

from device.color.breath import Breath
from device.color.drift import Drift
from device.color.mood import DIM, Mood
from device.color.scenes.scene import Colors, Scene, frame_of

BREATH_S = 5.0
BREATH = 0.13
"""What a breath at rest adds to b."""


class Glow(Scene):
    """Follows loudness and onsets softly (see device.color.mood), and breathes when there is no music."""

    def __init__(self, palette: Colors, pixels: int, seed: int = 0, mood: Mood | None = None) -> None:
        super().__init__(palette, pixels, seed, mood)
        self._drift = Drift(pixels, seed)
        self._breath = Breath(pixels, BREATH_S)

    def begin(self) -> None:
        """See Scene.begin."""
        self._drift.reset()
        self._breath.reset()

    def paint(self) -> np.ndarray:
        """See Scene.paint."""
        mood = self.mood
        awake = mood.awake
        self._breath.process(mood.dt_s)
        scale, turn = self._drift.process(awake * mood.lively, mood.dt_s)
        rest = (DIM + BREATH * self._breath.share()) * (1.0 - awake) if awake < 1.0 else 0.0
        scale *= mood.brightness * awake + rest
        feeling = self.palette.oklab(mood.valence, mood.arousal, mood.spread)
        return frame_of(self.palette.silence + awake * (feeling - self.palette.silence), scale, turn)
