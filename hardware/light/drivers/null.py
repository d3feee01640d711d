"""No light at all, with a real driver's manners."""

from typing import Any

from numpy.typing import NDArray

from hardware.light.settings import StripSettings
from hardware.light.wire import WireStrip


class NullDriver(WireStrip):
    """Takes frames, uint8 [pixels, 3], and drops them."""

    order = "RGB"

    def __init__(self, pixels: int) -> None:
        super().__init__(pixels, 3, rest_s=0.0)

    def _send(self, frame: NDArray[Any]) -> None:
        pass

    def _release(self) -> None:
        pass


def open_strip(settings: StripSettings) -> NullDriver:
    """The driver for these settings."""
    return NullDriver(settings.leds)
