"""Keeps what a strip was told to show, in memory or in a file, for tests and for looking at it afterwards."""

import os
import stat
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
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
"""No O_TRUNC: what isn't ours must stay as it is."""


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
    """Records into the file named by settings.address, a new one or over an earlier recording of the same user.

    Raises HardwareError when none is named, or it is a link, another user's or no plain file.
    """
    path = settings.address
    if not path:
        raise HardwareError("The driver recording needs a file; name one with --address.")
    try:
        file = os.open(path, _FLAGS, 0o644)
        try:
            _check_own(os.fstat(file), path)
            os.ftruncate(file, 0)
            # Unbuffered, so that what was shown is in the file also when the process is killed.
            return RecordingDriver(settings.leds, open(file, "wb", buffering=0))
        except (OSError, HardwareError):
            os.close(file)
            raise
    except OSError as error:
        raise HardwareError(
            f"The recording {path} can't be written ({error.strerror}); choose another with --address."
        ) from error


def _check_own(status: os.stat_result, path: str) -> None:
    # A second name could be anywhere, so only one is allowed.
    if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid() or status.st_nlink != 1:
        raise HardwareError(f"{path} is no plain file of this user, so it isn't replaced; choose another --address.")


def read_recording(path: str | Path, pixels: int) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """The times [n] in seconds and the frames [n, pixels, 3] of a file; a frame that was cut off is left out."""
    record = np.dtype([("time", "<f8"), ("frame", np.uint8, (pixels, 3))])
    data = Path(path).read_bytes()
    records = np.frombuffer(data[: len(data) // record.itemsize * record.itemsize], record)
    return records["time"].copy(), records["frame"].copy()
