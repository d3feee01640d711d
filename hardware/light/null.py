"""NullStrip: no light at all, with a real strip's manners."""

from typing import Any, Self

from numpy.typing import NDArray

from hardware.light.frame import checked_frame, checked_pixels


class NullStrip:
    """Takes frames and drops them. Raises HardwareError for less than one pixel."""

    keeps_limit = False

    def __init__(self, pixels: int) -> None:
        self.pixels = checked_pixels(pixels)
        self._closed = False

    def show(self, frame: NDArray[Any]) -> None:
        """Drop a frame, [pixels, 3] in [0, 1]. Raises ValueError for any other and after close."""
        if self._closed:
            raise ValueError("The strip was used after it was closed.")
        checked_frame(frame, self.pixels)

    def close(self) -> None:
        """End the use; calling it again does nothing."""
        self._closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
