"""pio: a strip on a Raspberry Pi 5, through the kernel's driver ws2812-pio and its file /dev/leds0.

What that driver does (drivers/misc/ws2812-pio-rp1.c), and what follows:
- It takes one frame of 4 bytes a pixel (red, green, blue, white) for each opening of the file; a second one is refused.
- It sends green before red. Frames here are in the strip's own order, so the first two bytes are exchanged for it.
- It applies a gamma of its own unless its brightness, which a lone byte sets, is 0. Kernels up to 6.12.55 take that 0
  for dark, so they are refused.
- A frame too short is shown 50 ms late and one too long in part, so the length is checked once, at the begin.
"""

import errno
import os
import platform
import re

import numpy as np
from numpy.typing import NDArray

from hardware.errors import HardwareError
from hardware.light.device_file import open_device
from hardware.light.settings import StripSettings
from hardware.light.wire import WireStrip

DEVICE = "/dev/leds0"
OLDEST_KERNEL = (6, 12, 56)
_RECORD = 4
_RAW = b"\0"


def open_strip(settings: StripSettings) -> "PioStrip":
    """The strip of these settings; the pin is the overlay's. settings.address names another file than /dev/leds0.

    Raises HardwareError with a way out when it can't be driven so.
    """
    check_kernel(platform.release())
    return PioStrip(settings.leds, len(settings.order), settings.address or DEVICE)


def check_kernel(release: str) -> None:
    """Raises HardwareError for a kernel (as `uname -r` names it) that can't pass frames on as they are."""
    found = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", release)
    if found and tuple(int(part or 0) for part in found.groups()) < OLDEST_KERNEL:
        needed = ".".join(map(str, OLDEST_KERNEL))
        raise HardwareError(
            f"The kernel {release} changes the light of a strip on its own; update to {needed} or newer with: "
            "sudo apt full-upgrade."
        )


class PioStrip(WireStrip):
    """A strip behind the kernel's file. show() returns before the frame has been sent."""

    def __init__(self, pixels: int, channels: int, device: str = DEVICE) -> None:
        super().__init__(pixels, channels)
        self._device = device
        self._records = np.zeros((pixels, _RECORD), dtype=np.uint8)
        self._fits(_RAW)
        dark = bytes(_RECORD * pixels)
        if self._fits(dark + bytes(_RECORD)) or not self._fits(dark):
            raise HardwareError(
                f"{device} is set up for another number of LEDs than the {pixels} of the settings; put "
                f"num_leds={pixels} into the line dtoverlay=ws2812-pio of /boot/firmware/config.txt and restart."
            )

    def _send(self, frame: NDArray[np.uint8]) -> None:
        self._records[:, 0], self._records[:, 1] = frame[:, 1], frame[:, 0]
        self._records[:, 2 : self.channels] = frame[:, 2:]
        if not self._fits(self._records.tobytes()):
            raise HardwareError(f"{self._device} refuses a frame of {self.pixels} LEDs; restart the writer.")

    def _release(self) -> None:
        """Nothing is held open between two frames."""

    def _fits(self, data: bytes) -> bool:
        """Write it to the file, opened anew; False when it is too long for it."""
        try:
            file = open_device(self._device)
            try:
                os.write(file, data)
            finally:
                os.close(file)
        except FileNotFoundError as error:
            raise HardwareError(
                f"There is no {self._device}; put dtoverlay=ws2812-pio,gpio=12,num_leds={self.pixels} into "
                "/boot/firmware/config.txt and restart."
            ) from error
        except PermissionError as error:
            raise HardwareError(
                f"{self._device} can't be written (permission denied); start the writer as root, or allow it with the "
                "udev rule in docs/wiring.md."
            ) from error
        except OSError as error:
            if error.errno in (errno.EFBIG, errno.ENOSPC):
                return False
            raise HardwareError(
                f"{self._device} can't be written ({error.strerror}); check the line dtoverlay=ws2812-pio of "
                "/boot/firmware/config.txt."
            ) from error
        return True
