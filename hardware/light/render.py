"""Renderer: from the frames that came to the bytes for the driver."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hardware.light.correct import Corrector
from hardware.light.dither import Dither
from hardware.light.interpolate import Interpolator
from hardware.light.limit import CurrentLimiter
from hardware.light.presence import Presence
from hardware.light.protocol import FULL
from hardware.light.settings import StripSettings


class Renderer:
    """Holds the picture and gives it as bytes at any time: interpolate, fade, correct, limit, dither.

    order: of the bytes; by default as the settings say. period_s: between two calls of process.
    Raises HardwareError when the budget doesn't cover the dark strip.
    """

    def __init__(self, settings: StripSettings, order: str | None, period_s: float) -> None:
        self._corrector = Corrector(settings, order)
        channels = self._corrector.channels
        self.limiter = CurrentLimiter(
            settings.leds, settings.budget_ma, settings.channel_ma, settings.idle_ma, channels=channels
        )
        self._most_steps = self.limiter.most_steps
        self._dither = Dither(settings.leds, channels, period_s)
        self._interpolator = Interpolator(period_s)
        self._presence = Presence()
        self._dark = np.zeros((settings.leds, channels), np.uint8)

    @property
    def dark(self) -> bool:
        """Whether all is black and stays so until a frame comes."""
        return self._presence.dark

    def take(self, light: NDArray[Any], now_s: float) -> None:
        """A new frame, uint16 [n, 3]; copied."""
        self._interpolator.take(light.astype(np.float32) * np.float32(1 / FULL), now_s)
        self._presence.came(now_s)

    def left(self) -> None:
        """Nobody sends frames any more: fade to black."""
        self._presence.left()
        if self.dark:
            self._interpolator.reset()

    def process(self, now_s: float) -> NDArray[np.uint8]:
        """The bytes [leds, channels] to show now."""
        gain = self._presence.process(now_s)
        light = self._interpolator.process(now_s)
        if self.dark or light is None:
            self._interpolator.reset()  # what was shown before doesn't flash up with the next frame
            return self._dark
        if gain < 1:
            light = light * np.float32(gain)
        return self._dither.process(self.limiter.process(self._corrector.process(light)), self._most_steps)
