"""What drivers of real strips share: the strip's own pace, and the dark at the begin and the end."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hardware.errors import HardwareError
from hardware.light.frame import checked_bytes, checked_pixels

BYTE_S = 10e-6
"""One byte on the wire: 8 bits of 1.25 µs."""
RESET_S = 300e-6
"""How long the wire must rest low until a strip shows what it got; the older parts need 50 µs, the newer ones 280."""


def frame_s(pixels: int, channels: int) -> float:
    """Seconds from the begin of a frame to the earliest begin of the next: its bytes on the wire and the reset."""
    return pixels * channels * BYTE_S + RESET_S


class WireStrip:
    """The manners of a driver: _send says how a frame gets onto the wire, _release how it ends.

    pixels, channels: shape of a frame; 3 or 4 bytes a pixel. rest_s: least seconds between the begins of two frames.
    """

    order: str | None = None

    def __init__(self, pixels: int, channels: int, rest_s: float | None = None) -> None:
        self.pixels, self.channels = checked_pixels(pixels), channels
        self.rest_s = frame_s(pixels, channels) if rest_s is None else rest_s
        self._dark = np.zeros((pixels, channels), dtype=np.uint8)
        self._closed = False

    def show(self, frame: NDArray[Any]) -> None:
        """Show one frame, uint8 [pixels, channels].

        Raises HardwareError when the strip can't be written, ValueError for any other frame and after close.
        """
        if self._closed:
            raise ValueError("The strip was used after it was closed.")
        self._send(checked_bytes(frame, self.pixels, self.channels))

    def close(self) -> None:
        """Go dark and release the part; calling it again does nothing. Raises HardwareError when it can't go dark."""
        if self._closed:
            return
        self._closed = True
        try:
            self._send(self._dark)
        finally:
            self._release()

    def _begin_dark(self) -> None:
        """Put out what an earlier run may have left; a driver calls it when all else is ready."""
        try:
            self._send(self._dark)
        except HardwareError:
            self._closed = True
            self._release()
            raise

    def _send(self, frame: NDArray[np.uint8]) -> None:
        raise NotImplementedError

    def _release(self) -> None:
        raise NotImplementedError
