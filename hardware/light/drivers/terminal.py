"""The strip drawn in the terminal: what the writer sends, to look at without one."""

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hardware.errors import HardwareError
from hardware.light.frame import checked_bytes
from hardware.light.ink import Ink
from hardware.light.settings import StripSettings
from hardware.light.terminal import TerminalStrip


class TerminalDriver:
    """Draws frames, uint8 [pixels, 3], with a TerminalStrip. See hardware.light.driver.Driver."""

    order: str | None = "RGB"
    rest_s = 0.0

    def __init__(self, strip: TerminalStrip) -> None:
        self.pixels = strip.pixels
        self._strip = strip

    def show(self, frame: NDArray[Any]) -> None:
        """Draw a frame. Raises ValueError for a wrong one and after close, HardwareError without a terminal."""
        self._strip.show(checked_bytes(frame, self.pixels, 3) * np.float32(1 / 255))

    def close(self) -> None:
        """Give the terminal back as it was; calling it again does nothing."""
        self._strip.close()


def open_strip(settings: StripSettings) -> TerminalDriver:
    """Takes over the terminal of standard output. Raises HardwareError when that is none.

    It is drawn brighter than it is, as far as the supply would let the whole strip glow: an eye adapts to a real one.
    """
    light_ma = settings.budget_ma - settings.idle_ma * settings.leds
    share = light_ma / (3 * settings.channel_ma * settings.leds)
    strip = TerminalStrip(settings.leds, sys.stdout, exposure=1 / min(1.0, share) if share > 0 else 1.0)
    if strip.ink is Ink.PLAIN:
        raise HardwareError(
            "The driver terminal draws on a terminal, and the output isn't one; choose another --driver."
        )
    return TerminalDriver(strip)
