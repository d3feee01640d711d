"""Breathe: for hours without much music, a slow breath in the color of the last emotion."""

import numpy as np

from device.color.breath import Breath
from device.color.fade import toward
from device.color.mood import DIM, Mood
from device.color.scenes.scene import Colors, Scene, frame_of

_BREATH_S = 7.0
_LAG = 1.3
_HOLLOW, _DEPTH = 1.3, 0.32  # longer out than in; what a breath adds to b
_LEARN_S, _FORGET_S = 4.0, 40.0  # how long the color of music takes to come, and to go in silence


class Breathe(Scene):
    """Takes no notice of beats and loudness; in silence the color fades to the palette's own rest."""

    def __init__(self, palette: Colors, pixels: int, seed: int = 0, mood: Mood | None = None) -> None:
        super().__init__(palette, pixels, seed, mood)
        self._breath = Breath(pixels, _BREATH_S, _LAG)
        self.begin()

    def begin(self) -> None:
        """See Scene.begin."""
        self._breath.reset()
        self._colored = self.mood.awake
        self._last = (self.mood.valence, self.mood.arousal, self.mood.spread)

    def paint(self) -> np.ndarray:
        """See Scene.paint."""
        mood, silence = self.mood, self.palette.silence
        if mood.music:
            # In silence the tracker leads the mood to neutral: the last one is what music left.
            self._last = (mood.valence, mood.arousal, mood.spread)
        wanted = 1.0 if mood.music else 0.0
        self._colored = toward(self._colored, wanted, mood.dt_s / _LEARN_S, mood.dt_s / _FORGET_S)
        self._breath.process(mood.dt_s)
        scale = DIM + _DEPTH * self._breath.share() ** _HOLLOW
        share = self._colored * self._colored * (3.0 - 2.0 * self._colored)
        return frame_of(silence + share * (self.palette.oklab(*self._last) - silence), scale)
