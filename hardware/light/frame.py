"""What every strip refuses."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hardware.errors import HardwareError


def checked_pixels(pixels: int, most: int | None = None) -> int:
    """The number of pixels; HardwareError when there are none, or more than `most`."""
    if pixels < 1:
        raise HardwareError(f"A strip needs at least one pixel, not {pixels}.")
    if most is not None and pixels > most:
        raise HardwareError(f"A strip has at most {most} pixels, not {pixels}; set fewer.")
    return pixels


def checked_frame(frame: NDArray[Any], pixels: int, channels: int = 3) -> NDArray[np.float32]:
    """The frame as float32 [pixels, channels].

    Raises ValueError for another shape, no floating type, or a value outside [0, 1].
    """
    if frame.shape != (pixels, channels):
        raise ValueError(f"A frame for {pixels} pixels needs the shape [{pixels}, {channels}], not {frame.shape}.")
    if frame.dtype.kind != "f":
        raise ValueError(f"A frame holds linear light as floating-point numbers, not {frame.dtype}.")
    # Written so that NaN fails too.
    if not (frame.min() >= 0 and frame.max() <= 1):
        raise ValueError("A frame holds linear light from 0 to 1, and this one has a value outside it or NaN.")
    return frame.astype(np.float32, copy=False)


def checked_bytes(frame: NDArray[Any], pixels: int, channels: int) -> NDArray[np.uint8]:
    """The frame as it is, uint8 [pixels, channels]; ValueError for another shape or type of number."""
    if frame.shape != (pixels, channels) or frame.dtype != np.uint8:
        raise ValueError(
            f"A frame for this strip is of bytes [{pixels}, {channels}], not of {frame.dtype} {list(frame.shape)}."
        )
    return frame
