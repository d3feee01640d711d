"""ws281x: a strip on a PWM pin of a Raspberry Pi up to the 4, through the C library rpi_ws281x. Needs root.

Traps of the library (5.0.0), all of them handled here:
- A strip that was made but never begun crashes the interpreter at its end, and a pixel set before begin() at once. So
  the library's exit handler is taken off at once, and one of ours, which goes dark first, is put there after begin().
- render() fills the DMA buffer before it waits for the last transfer, which loses frames. So this driver waits.
- Its buffer has room for four bytes a pixel, whatever the strip; so a frame takes 40 µs a pixel even with three.
"""

import atexit
import contextlib
import ctypes
import os
import re
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hardware.board import Board, read_board
from hardware.errors import HardwareError
from hardware.light.settings import StripSettings
from hardware.light.wire import WireStrip, frame_s

PWM_CHANNELS = {12: 0, 18: 0, 13: 1, 19: 1}
_I2S_PINS = range(18, 22)
_HIGHEST_DMA = 14  # the library has an offset for 15 too, but that one belongs to the GPU
_SD_CARD_DMA = 5
_TYPE_NAMES = {3: "WS2811_STRIP_RGB", 4: "SK6812_STRIP_RGBW"}  # the types that leave the bytes in their order

# A pixel is the number 0xWWRRGGBB, in little-endian memory; for those types R goes first onto the wire, then G, B, W.
_PLACES = (2, 1, 0, 3)


def open_strip(settings: StripSettings) -> "Ws281xStrip":
    """The strip of these settings on this machine; the pin is GPIO12 unless they name one.

    Raises HardwareError with the reason and a way out when it can't be driven so.
    """
    pin = 12 if settings.pin is None else settings.pin
    check_wiring(pin, settings.dma, settings.i2s_microphone)
    check_board(read_board())
    _check_access("/dev/mem", "/sys/module/snd_bcm2835")
    return Ws281xStrip(settings.leds, len(settings.order), pin, settings.dma)


def check_wiring(pin: int, dma: int, i2s_microphone: bool) -> None:
    """Raises HardwareError for a pin or a DMA channel that must not be used."""
    if i2s_microphone and pin in _I2S_PINS:
        raise HardwareError(
            f"GPIO{pin} belongs to the I2S microphone, which takes GPIO18–21; wire the strip to GPIO12 and set "
            "strip.pin = 12, or strip.i2s_microphone = false if there is none."
        )
    if pin not in PWM_CHANNELS:
        raise HardwareError(
            f"GPIO{pin} has no PWM for a strip; wire it to GPIO12 and set strip.pin = 12, or to GPIO10 and set "
            'strip.driver = "spi".'
        )
    if dma == _SD_CARD_DMA:
        raise HardwareError("DMA channel 5 serves the SD card, which would lose data; set strip.dma = 10.")
    if not 0 <= dma <= _HIGHEST_DMA:
        raise HardwareError(f"There is no DMA channel {dma} for a strip; set strip.dma = 10.")


def check_board(board: Board) -> None:
    """Raises HardwareError for a board whose PWM the library can't drive at all."""
    if not board.raspberry:
        raise HardwareError(
            "This computer is not a Raspberry Pi, so it has no pin for a strip; choose the driver terminal or wled."
        )
    if board.rp1:
        raise HardwareError(
            f"The pins of {board} hang on another chip, which this driver doesn't know; "
            'set strip.driver = "pio" (docs/wiring.md says how to switch it on).'
        )


def _check_access(memory: str, analog_audio: str) -> None:
    # By really opening it, because capabilities and groups decide too.
    try:
        os.close(os.open(memory, os.O_RDWR | os.O_SYNC))
    except PermissionError as error:
        raise HardwareError(
            f"PWM needs root, for {memory}; start the writer as root, or wire the strip to GPIO10 and set "
            'strip.driver = "spi", which needs none.'
        ) from error
    except OSError as error:
        raise HardwareError(
            f"{memory} can't be opened ({error.strerror}), which PWM needs; use the SPI wiring."
        ) from error
    if os.path.exists(analog_audio):
        raise HardwareError(
            "The Pi's analog audio uses the PWM that the strip needs; put dtparam=audio=off into "
            "/boot/firmware/config.txt and restart."
        )


class Ws281xStrip(WireStrip):
    """A strip on a PWM pin. show() waits until the strip can take the frame, and returns while it is being sent.

    clock, sleep: seconds, as time.monotonic and time.sleep.
    Raises HardwareError when the library refuses or is missing.
    """

    def __init__(
        self,
        pixels: int,
        channels: int,
        pin: int = 12,
        dma: int = 10,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(pixels, channels, frame_s(pixels, 4))
        self._clock, self._sleep = clock, sleep
        self._due_s = clock()
        library = _library()
        self._strip = _begun(library, pixels, channels, pin, dma)
        self._words = _words(library, self._strip, pixels)
        # An interpreter that ends without close() leaves a dark strip too.
        atexit.register(self._end)
        self._begin_dark()

    def _send(self, frame: NDArray[np.uint8]) -> None:
        self._words[:, _PLACES[: self.channels]] = frame
        self._rest()
        try:
            self._strip.show()
        except RuntimeError as error:
            raise HardwareError(
                f"The strip can't be written ({_code(error)[1]}); check that nothing else uses PWM and its DMA channel."
            ) from error
        finally:
            self._due_s = self._clock() + self.rest_s

    def _release(self) -> None:
        atexit.unregister(self._end)
        # The library stops the PWM as soon as the DMA ends, with the last words still on their way.
        self._rest()
        del self._words
        self._strip._cleanup()

    def _end(self) -> None:
        with contextlib.suppress(HardwareError):
            self.close()

    def _rest(self) -> None:
        while (wait_s := self._due_s - self._clock()) > 0:
            self._sleep(wait_s)


def _library() -> Any:
    try:
        import rpi_ws281x
    except ImportError as error:
        raise HardwareError(
            "The library rpi-ws281x is missing; install it with: pip install 'lampyris[pi]', or use the SPI wiring."
        ) from error
    return rpi_ws281x


def _begun(library: Any, pixels: int, channels: int, pin: int, dma: int) -> Any:
    kind = getattr(library.ws, _TYPE_NAMES[channels])
    strip = library.PixelStrip(pixels, pin, dma=dma, channel=PWM_CHANNELS[pin], strip_type=kind)
    atexit.unregister(strip._cleanup)
    try:
        strip.begin()
    except RuntimeError as error:
        # As _cleanup() does it, but for stopping what wasn't begun; without, SWIG complains on the user's screen.
        library.ws.delete_ws2811_t(strip._leds)
        strip._leds = strip._channel = None
        code, text = _code(error)
        if code == -3:
            raise HardwareError(
                f"The library rpi-ws281x doesn't know {read_board()}; update it, or wire the strip to GPIO10 and set "
                'strip.driver = "spi".'
            ) from error
        raise HardwareError(
            f"The strip on GPIO{pin} can't be begun ({text}); start the writer as root, and check strip.pin and "
            "strip.dma."
        ) from error
    return strip


def _words(library: Any, strip: Any, pixels: int) -> NDArray[np.uint8]:
    """The library's own pixels as memory, uint8 [pixels, 4], gone after _cleanup().

    Its call for a single pixel takes thirty times as long in all (x86, 300 pixels: 122 µs instead of 4).
    """
    address = int(library.ws.ws2811_channel_t_leds_get(strip._channel))
    memory = (ctypes.c_uint8 * (4 * pixels)).from_address(address)
    return np.ctypeslib.as_array(memory).reshape(pixels, 4)


def _code(error: RuntimeError) -> tuple[int, str]:
    found = re.search(r"code (-?\d+) \((.*)\)", str(error))
    return (int(found[1]), found[2]) if found else (0, str(error))
