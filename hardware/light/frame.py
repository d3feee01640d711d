"""What every strip refuses."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hardware.errors import HardwareError


def checked_pixels(pixels: int) -> int:
    """The number of pixels; HardwareError when there are none."""
    if pixels < 1:
        raise HardwareError(f"A strip needs at least one pixel, not {pixels}.")
    return pixels


def checked_frame(frame: NDArray[Any], pixels: int) -> NDArray[np.float32]:
    """The frame as float32 [pixels, 3]; ValueError for another shape, no floating type, or a value outside [0, 1]."""
    if frame.shape != (pixels, 3):
        raise ValueError(f"A frame for {pixels} pixels needs the shape [{pixels}, 3], not {frame.shape}.")
    if frame.dtype.kind != "f":
        raise ValueError(f"A frame holds linear light as floating-point numbers, not {frame.dtype}.")
    # Written so that NaN fails too.
    if not (frame.min() >= 0 and frame.max() <= 1):
        raise ValueError("A frame holds linear light from 0 to 1, and this one has a value outside it or NaN.")
    return frame.astype(np.float32, copy=False)
