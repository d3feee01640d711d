"""Scene: what is common to all ways of turning a mood into light."""

from abc import ABC, abstractmethod
from typing import Protocol

import numpy as np

from device.color.mood import Mood
from device.color.oklch import linear_from_oklab
from device.emotion.emotion import Emotion


class Colors(Protocol):
    """What a scene needs of a palette: see device.color.palette.Palette."""

    @property
    def silence(self) -> np.ndarray:
        """OKLab [3] of rest."""
        ...

    def oklab(self, valence: float, arousal: float, spread: float = 0.0) -> np.ndarray:
        """OKLab [3] of a point."""
        ...

    def oklabs(self, valence: np.ndarray, arousal: np.ndarray, spread: np.ndarray) -> np.ndarray:
        """OKLab [n, 3] of n points."""
        ...


class Scene(ABC):
    """Turns what the lamp feels and hears into frames, float32 [pixels, 3], linear RGB in [0, 1].

    The result depends on the inputs and their times only, not on the frame rate (below 250 ms a frame), and is the
    same for the same seed. Raises ValueError for less than one pixel.

    mood: one that others have too. Who gives it moves it on, and calls paint() instead of process().
    """

    def __init__(self, palette: Colors, pixels: int, seed: int = 0, mood: Mood | None = None) -> None:
        if pixels < 1:
            raise ValueError(f"a scene needs at least one pixel, not {pixels}")
        self.palette = palette
        self.pixels = pixels
        self.mood = Mood() if mood is None else mood

    def process(self, emotion: Emotion, level_db: float, onset: float, sound: str, t_s: float) -> np.ndarray:
        """The frame at time t_s.

        emotion: smoothed (see device.emotion.tracker). level_db: dBFS, -inf allowed. onset: strength of a beginning
        note, 0 to 1, beyond is cut. sound: "music" or another class, which rests. t_s: seconds, never going back.
        Raises ValueError for a number that is NaN, an emotion that is not finite, and for a time that goes back or is
        not finite.
        """
        self.mood.process(emotion, level_db, onset, sound, t_s)
        return self.paint()

    def reset(self) -> None:
        """Back to a lamp that was just switched on, the mood too."""
        self.mood.reset()
        self.begin()

    @abstractmethod
    def begin(self) -> None:
        """Forget what the scene itself holds, but not the mood: it comes on stage."""

    @abstractmethod
    def paint(self) -> np.ndarray:
        """The frame of the mood as it is now; moves the scene on by mood.dt_s."""


def frame_of(lab: np.ndarray, scale: np.ndarray, turn: np.ndarray | float = 0.0) -> np.ndarray:
    """Linear RGB, float32 [pixels, 3], of OKLab colors, [3] for all or [pixels, 3].

    scale [pixels]: factor of lightness, so light is scaled by its cube. turn: a small angle of hue, radians.
    """
    lightness, a, b = lab.tolist() if lab.ndim == 1 else lab.astype(np.float32).T
    pixels = np.empty((len(scale), 3), dtype=np.float32)
    pixels[:, 0] = lightness
    pixels[:, 1] = a - b * turn  # a small angle: its sine is itself, its cosine 1
    pixels[:, 2] = b + a * turn
    pixels *= scale[:, None]
    # Dimming keeps a color in gamut, and turns are small: what is cut here is no more than the eye can see.
    light = linear_from_oklab(pixels)
    # Not clip(), whose own bookkeeping takes longer than the cut.
    return np.minimum(np.maximum(light, 0.0, out=light), 1.0, out=light)
