"""Blend: a palette that can turn into another one slowly."""

from collections.abc import Callable

import numpy as np

from device.color.palette import Palette

FADE_S = 1.0


class Blend:
    """Looks like one palette to a scene; turn_to() mixes another one in, in OKLab, over a second."""

    def __init__(self, palette: Palette) -> None:
        self._from = self._to = palette
        self._share = 1.0

    @property
    def turning(self) -> bool:
        """Whether two palettes are mixed at the moment."""
        return self._share < 1.0

    @property
    def silence(self) -> np.ndarray:
        """See Palette."""
        before = self._from.silence
        return np.asarray(before + self._weight * (self._to.silence - before))

    def turn_to(self, palette: Palette) -> None:
        """Begin to become this palette. A turn that is under way must have ended (see `turning`)."""
        self._from, self._to, self._share = self._to, palette, 0.0

    def jump_to(self, palette: Palette) -> None:
        """Be this palette at once."""
        self._from, self._to, self._share = palette, palette, 1.0

    def process(self, dt_s: float) -> None:
        """Go on by dt_s seconds."""
        self._share = min(1.0, self._share + dt_s / FADE_S)

    def weigh(self, value: Callable[[Palette], float]) -> float:
        """The mean of a value of the palettes, by their shares."""
        before = value(self._from)
        return before + self._weight * (value(self._to) - before)

    def oklab(self, valence: float, arousal: float, spread: float = 0.0) -> np.ndarray:
        """See Palette.oklab."""
        color = self._to.oklab(valence, arousal, spread)
        if not self.turning:
            return color
        before = self._from.oklab(valence, arousal, spread)
        return np.asarray(before + self._weight * (color - before))

    def oklabs(self, valence: np.ndarray, arousal: np.ndarray, spread: np.ndarray) -> np.ndarray:
        """See Palette.oklabs."""
        color = self._to.oklabs(valence, arousal, spread)
        if not self.turning:
            return color
        before = self._from.oklabs(valence, arousal, spread)
        return np.asarray(before + self._weight * (color - before))

    @property
    def _weight(self) -> float:
        return self._share * self._share * (3.0 - 2.0 * self._share)
