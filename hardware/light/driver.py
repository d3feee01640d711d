"""What the writer asks of the part that drives a strip: frames of bytes."""

from typing import Any, Protocol

from numpy.typing import NDArray


class Driver(Protocol):
    """The last step before the wire. It changes no value: limiting, correction and dithering are done before.

    pixels: LEDs on the strip.
    order: "RGB" for a driver that takes logical red, green, blue and sorts them itself (wled, terminal, recording,
    null); None for one that puts the bytes on the wire as they are, in the order that the settings name.
    rest_s: the least seconds from the begin of one frame to the begin of the next.
    """

    pixels: int
    order: str | None
    rest_s: float

    def show(self, frame: NDArray[Any]) -> None:
        """Show one frame, uint8 [pixels, 3], or [pixels, 4] on a strip with a white channel.

        Raises HardwareError with one sentence when the part can't be written, ValueError for another shape or type of
        number and after close.
        """
        ...

    def close(self) -> None:
        """Go dark and release the part; calling it again does nothing. Raises HardwareError when it can't go dark."""
        ...
