"""Keeps what a strip was told to show, in memory or in a file, for tests and for looking at it afterwards."""

import struct
import time
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from hardware.errors import HardwareError
from hardware.light.settings import StripSettings
from hardware.light.wire import WireStrip

_TIME = struct.Struct("<d")


class RecordingDriver(WireStrip):
    """Keeps all frames, uint8 [pixels, 3]; also the dark one of close.

    frames: in memory, in the order shown. out: where they go instead, each after the time in seconds of the steady
    clock as a float64.
    """

    order = "RGB"

    def __init__(self, pixels: int, out: BinaryIO | None = None) -> None:
        super().__init__(pixels, 3, rest_s=0.0)
        self.frames: list[NDArray[np.uint8]] = []
        self._out = out

    def _send(self, frame: NDArray[np.uint8]) -> None:
        if self._out is None:
            self.frames.append(frame.copy())
            return
        try:
            self._out.write(_TIME.pack(time.monotonic()) + frame.tobytes())
        except OSError as error:
            raise HardwareError(f"The recording can't be written ({error.strerror}); free some space.") from error

    def _release(self) -> None:
        if self._out is not None:
            self._out.close()


def open_strip(settings: StripSettings) -> RecordingDriver:
    """Records into the file named by settings.address, over what was there; in memory without."""
    if not settings.address:
        return RecordingDriver(settings.leds)
    try:
        # Unbuffered, so that what was shown is in the file also when the process is killed.
        out = open(settings.address, "wb", buffering=0)  # noqa: SIM115
    except OSError as error:
        raise HardwareError(
            f"The recording {settings.address} can't be written ({error.strerror}); choose another with --address."
        ) from error
    return RecordingDriver(settings.leds, out)


def read_recording(path: str | Path, pixels: int) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """The times [n] in seconds and the frames [n, pixels, 3] of a file; a frame that was cut off is left out."""
    record = np.dtype([("time", "<f8"), ("frame", np.uint8, (pixels, 3))])
    data = Path(path).read_bytes()
    records = np.frombuffer(data[: len(data) // record.itemsize * record.itemsize], record)
    return records["time"].copy(), records["frame"].copy()
