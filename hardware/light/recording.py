"""RecordingStrip: keeps every frame, for tests and for looking at a lamp afterwards."""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from hardware.light.frame import checked_frame, checked_pixels


class RecordingStrip:
    """Keeps all frames that were shown. Raises HardwareError for less than one pixel."""

    keeps_limit = False

    def __init__(self, pixels: int) -> None:
        self.pixels = checked_pixels(pixels)
        self.closed = False
        self._frames: list[NDArray[np.float32]] = []

    @property
    def frames(self) -> NDArray[np.float32]:
        """All frames so far, a copy, [n, pixels, 3]; readable after close too."""
        return np.array(self._frames, np.float32).reshape(-1, self.pixels, 3)

    def show(self, frame: NDArray[Any]) -> None:
        """Keep a frame, [pixels, 3] in [0, 1]. Raises ValueError for any other and after close."""
        if self.closed:
            raise ValueError("The strip was used after it was closed.")
        self._frames.append(checked_frame(frame, self.pixels).copy())

    def close(self) -> None:
        """End the use; calling it again does nothing."""
        self.closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
