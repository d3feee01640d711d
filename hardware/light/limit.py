"""CurrentLimiter: keeps a strip within what its supply can give."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hardware.errors import HardwareError
from hardware.light.frame import checked_frame, checked_pixels


class CurrentLimiter:
    """Dims a whole frame, all pixels and channels alike, when it would draw more than the budget; so the hue stays.

    A WS2812 pixel draws a little when dark, and every channel in proportion to its duty, which is its linear light:
    milliamperes = idle_ma * pixels + channel_ma * sum of the frame.

    budget_ma: what the strip may draw in all. channel_ma: of one channel of one pixel at full duty. idle_ma: of a dark
    pixel. channels: of a pixel, 4 with a white one. limited_frames: frames that were dimmed.
    The estimate is of the frame as given: who rounds it to 8 bits keeps to most_steps.

    Raises HardwareError when the budget doesn't cover the dark strip, for less than one pixel, and for numbers that are
    not finite and positive (idle_ma may be 0).
    """

    def __init__(
        self,
        pixels: int,
        budget_ma: float = 850.0,
        channel_ma: float = 20.0,
        idle_ma: float = 1.0,
        channels: int = 3,
    ) -> None:
        self.pixels = checked_pixels(pixels)
        if not (0 < budget_ma < math.inf and 0 < channel_ma < math.inf and 0 <= idle_ma < math.inf):
            raise HardwareError("The current budget and a channel's current must be positive numbers of milliamperes.")
        self._dark_ma = idle_ma * pixels
        if budget_ma <= self._dark_ma:
            raise HardwareError(
                f"{pixels} pixels draw about {self._dark_ma:g} mA even when dark, which a budget of {budget_ma:g} mA "
                "does not cover; use fewer pixels or a stronger supply."
            )
        self.budget_ma = budget_ma
        self._channels = channels
        self._channel_ma = channel_ma
        self.limited_frames = 0

    def estimate_ma(self, frame: NDArray[Any]) -> float:
        """What the strip would draw showing this frame, [pixels, channels] of linear light, in milliamperes."""
        return self._dark_ma + self._channel_ma * float(frame.sum(dtype=np.float64))

    @property
    def most_steps(self) -> int:
        """The sum of all channels, in 255ths of full, that the budget allows."""
        return math.floor((self.budget_ma - self._dark_ma) / self._channel_ma * 255)

    def process(self, frame: NDArray[Any]) -> NDArray[np.float32]:
        """A frame [pixels, channels] in [0, 1] to one that keeps to the budget. Raises ValueError for any other."""
        frame = checked_frame(frame, self.pixels, self._channels)
        light_ma = self.estimate_ma(frame) - self._dark_ma
        allowed_ma = self.budget_ma - self._dark_ma
        if light_ma <= allowed_ma:
            return frame
        self.limited_frames += 1
        # A hair less, so that rounding to float32 cannot lead over the budget.
        return frame * np.float32(allowed_ma / light_ma * (1 - 2.0**-21))

    def reset(self) -> None:
        """Count the dimmed frames from zero again."""
        self.limited_frames = 0
