"""spi: a strip on GPIO10, the data pin of SPI. Needs no root, only the group spi.

The wire of a WS2812 knows two symbols of 1.25 µs: a 0 is high for about 0.4 µs, a 1 for about 0.8. Three bits of SPI at
2.4 MHz make one symbol: 100 is a 0 (0.42 µs high), 110 a 1 (0.83 µs), both within the part's ±0.15 µs. Four bits at
3.2 MHz, the other usual way, come no nearer (0.31 µs; 0.63 or 0.94) and need a third more bytes, of which the kernel
takes only so many at once.

The encoder is ours and the file is written as it is, without rpi_ws281x's own SPI mode: that one needs a board that it
knows and /dev/gpiomem, sends a third more than needed, and says no more than "transfer error".
"""

import errno
import fcntl
import os
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hardware.errors import HardwareError
from hardware.light.device_file import open_device
from hardware.light.settings import StripSettings
from hardware.light.wire import RESET_S, WireStrip, frame_s

SPEED_HZ = 2_400_000
DEVICE = "/dev/spidev0.0"
BUFFER_SIZE = "/sys/module/spidev/parameters/bufsiz"
_PIN = 10

# From linux/spi/spidev.h: direction, size, 'k' and number of each request.
_SET_MODE = 0x40016B01
_SET_BITS_PER_WORD = 0x40016B03
_SET_SPEED_HZ = 0x40046B04
_MORE_ROOM = "append spidev.bufsiz=32768 to the line in /boot/firmware/cmdline.txt and restart"

_GAP = bytes(round(RESET_S * SPEED_HZ / 8))
"""The reset. One goes before each frame too: an idle SPI may hold its pin high, which would count as a first bit."""


def _symbols() -> NDArray[np.uint8]:
    """Table [256, 3]: the bytes that SPI sends for one byte of the strip, most significant bit first in both."""
    bits = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1)
    symbols = np.stack([np.ones_like(bits), bits, np.zeros_like(bits)], axis=2)
    return np.packbits(symbols.reshape(256, 24), axis=1)


class Encoder:
    """Turns frames, uint8 [pixels, channels], into what SPI sends: reset, three bytes for each byte, reset."""

    def __init__(self, pixels: int, channels: int) -> None:
        self._symbols = _symbols()
        self._message = np.zeros(2 * len(_GAP) + 3 * pixels * channels, dtype=np.uint8)
        self._light = self._message[len(_GAP) : -len(_GAP)].reshape(-1, 3)

    @property
    def size(self) -> int:
        """Bytes of every message."""
        return len(self._message)

    def process(self, frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The message, uint8 [size]; valid until the next call."""
        np.take(self._symbols, frame.reshape(-1), axis=0, out=self._light)
        return self._message


def open_strip(settings: StripSettings) -> "SpiStrip":
    """The strip of these settings; settings.address names another device file than /dev/spidev0.0.

    Raises HardwareError with a way out when it can't be driven so.
    """
    if settings.pin not in (None, _PIN):
        raise HardwareError(
            f"SPI sends on GPIO10, not on GPIO{settings.pin}; wire the strip there and set strip.pin = 10, or set "
            'strip.driver = "auto".'
        )
    return SpiStrip(settings.leds, len(settings.order), settings.address or DEVICE)


class SpiStrip(WireStrip):
    """A strip on the data pin of SPI. show() returns when the frame has been sent."""

    def __init__(self, pixels: int, channels: int, device: str = DEVICE, buffer_size: str = BUFFER_SIZE) -> None:
        super().__init__(pixels, channels, frame_s(pixels, channels) + RESET_S)
        self._encoder = Encoder(pixels, channels)
        self._device = device
        _check_room(self._encoder.size, buffer_size)
        self._file = _opened(device)
        try:
            fcntl.ioctl(self._file, _SET_MODE, b"\0")
            fcntl.ioctl(self._file, _SET_BITS_PER_WORD, b"\x08")
            fcntl.ioctl(self._file, _SET_SPEED_HZ, struct.pack("=I", SPEED_HZ))
        except OSError as error:
            os.close(self._file)
            raise HardwareError(
                f"{device} can't be set to {SPEED_HZ / 1e6:g} MHz ({error.strerror}); check that it is an SPI device."
            ) from error
        self._begin_dark()

    def _send(self, frame: NDArray[np.uint8]) -> None:
        message = self._encoder.process(frame)
        try:
            # In one piece: between two, the strip would take the pause for a reset.
            sent = os.write(self._file, message.data)
        except OSError as error:
            way_out = _MORE_ROOM if error.errno == errno.EMSGSIZE else "check that SPI is on"
            raise HardwareError(f"{self._device} can't be written ({error.strerror}); {way_out}.") from error
        if sent != len(message):
            raise HardwareError(f"{self._device} took {sent} of {len(message)} bytes; {_MORE_ROOM}.")

    def _release(self) -> None:
        os.close(self._file)


def _opened(device: str) -> int:
    try:
        return open_device(device)
    except FileNotFoundError as error:
        raise HardwareError(
            f"There is no {device}; put dtparam=spi=on into /boot/firmware/config.txt and restart."
        ) from error
    except OSError as error:
        raise HardwareError(
            f"{device} can't be opened ({error.strerror}); add the writer's user to the group spi."
        ) from error


def _check_room(size: int, buffer_size: str) -> None:
    try:
        room = int(Path(buffer_size).read_text())
    except (OSError, ValueError):
        return  # Built into the kernel without that file, it says so itself when a message is too long.
    if size > room:
        raise HardwareError(f"A frame for this strip is {size} bytes on SPI and the kernel takes {room}; {_MORE_ROOM}.")
