"""What the lamp asks of anything that glows: frames of linear light."""

from typing import Protocol

import numpy as np


class Strip(Protocol):
    """A row of pixels. A driver refuses what the real part would refuse (wrong shape, NaN, use after close).

    keeps_limit: whether it keeps to the current limit by itself; then it is limited there, and nowhere before.
    """

    pixels: int
    keeps_limit: bool

    def show(self, frame: np.ndarray) -> None:
        """Show one frame, float32 [pixels, 3], linear RGB in [0, 1], within the current limit unless it
        keeps to that by itself.

        Raises HardwareError when the strip cannot be written, ValueError for a frame of another shape or range.
        """
        ...

    def close(self) -> None:
        """Go dark and release the strip; calling it again does nothing."""
        ...
