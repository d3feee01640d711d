"""A stand-in for the module rpi_ws281x 5.0.0 that refuses what the real one refuses.

What the real one answers with a crash of the interpreter, this one answers with Crash; what it loses in silence, with
Lost. tests/wire compares the two.
"""

import ctypes
from collections.abc import Callable, Sequence
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

RETURN_TEXTS = {
    -3: "Hardware revision is not supported",
    -5: "mmap() failed",
    -6: "Unable to map registers into userspace",
    -11: "Selected GPIO not possible",
}
PIN_CHANNELS = {12: 0, 18: 0, 13: 1, 19: 1, 21: 0, 10: 0}
"""The channel on which each pin can be used, of a board with 40 pins; 21 is PCM and 10 SPI."""


class Crash(AssertionError):
    """The real library would have ended the process with a segmentation fault."""


class Lost(AssertionError):
    """A frame was sent before the one before it had left, which the real library overwrites."""


class FakeExit:
    """Stands in for the module atexit."""

    def __init__(self) -> None:
        self.handlers: list[Callable[[], object]] = []

    def register(self, handler: Callable[[], object]) -> None:
        self.handlers.append(handler)

    def unregister(self, handler: Callable[[], object]) -> None:
        self.handlers = [kept for kept in self.handlers if kept != handler]

    def run(self) -> None:
        """What the interpreter does at its end."""
        while self.handlers:
            self.handlers.pop()()


class Pi:
    """What is behind the library: the board, and the frames that left it.

    known: whether the library knows the board's revision. root: whether /dev/mem may be mapped. clock: seconds.
    sent: what went onto the wire, uint8 [pixels, channels] each. failing: the number of show()s to fail from now on.
    cleaned: strips that were ended properly. structures: C structures that were not freed yet.
    """

    def __init__(
        self,
        clock: Callable[[], float] = lambda: 0.0,
        *,
        known: bool = True,
        root: bool = True,
        exit: FakeExit | None = None,
    ) -> None:
        self.clock, self.known, self.root = clock, known, root
        self.exit = exit or FakeExit()
        self.sent: list[NDArray[np.uint8]] = []
        self.times_s: list[float] = []
        self.failing = 0
        self.cleaned = 0
        self.structures = 0

    def library(self) -> ModuleType:
        """The module, to be put into sys.modules as rpi_ws281x."""
        pi = self

        class PixelStrip(_PixelStrip):
            def __init__(self, *arguments: Any, **named: Any) -> None:
                super().__init__(pi, *arguments, **named)

        module = ModuleType("rpi_ws281x")
        module.PixelStrip = PixelStrip  # type: ignore[attr-defined]
        module.ws = SimpleNamespace(  # type: ignore[attr-defined]
            WS2811_STRIP_RGB=0x00100800,
            WS2811_STRIP_GRB=0x00081000,
            SK6812_STRIP_RGBW=0x18100800,
            ws2811_channel_t_leds_get=lambda strip: strip.leds_address(),
            delete_ws2811_t=lambda structure: structure.free(),
        )
        return module


class _Structure:
    """The C structure of a strip, which must be freed once."""

    def __init__(self, pi: Pi) -> None:
        self._pi = pi
        pi.structures += 1

    def free(self) -> None:
        self._pi.structures -= 1
        assert self._pi.structures >= 0, "freed twice"


class _PixelStrip:
    def __init__(
        self,
        pi: Pi,
        num: int,
        pin: int,
        freq_hz: int = 800_000,
        dma: int = 10,
        invert: bool = False,
        brightness: int = 255,
        channel: int = 0,
        strip_type: int | None = None,
        gamma: Sequence[int] | None = None,
    ) -> None:
        self._pi, self._count, self._pin, self._dma, self._number = pi, num, pin, dma, channel
        self._shifts = 0x00081000 if strip_type is None else strip_type
        self._leds: _Structure | None = _Structure(pi)
        self._pixels: Any = None
        self._busy_until_s = float("-inf")
        self._channel = self
        pi.exit.register(self._cleanup)

    def begin(self) -> None:
        code = begin_code(self._pin, self._number, self._dma, self._pi.known, self._pi.root)
        if code:
            raise RuntimeError(f"ws2811_init failed with code {code} ({RETURN_TEXTS[code]})")
        self._pixels = (ctypes.c_uint32 * self._count)()

    def __setitem__(self, place: int, value: int) -> None:
        self._need("A pixel was set")
        if place < self._count:
            self._pixels[place] = value

    def leds_address(self) -> int:
        self._need("The pixels were asked for")
        return ctypes.addressof(self._pixels)

    def show(self) -> None:
        self._need("A frame was shown")
        if self._pi.failing:
            self._pi.failing -= 1
            raise RuntimeError("ws2811_render failed with code -10 (DMA error)")
        now_s = self._pi.clock()
        if now_s < self._busy_until_s:
            raise Lost(f"A frame came {self._busy_until_s - now_s:.6f} s before the last one had left.")
        channels = 4 if self._shifts & 0xF0000000 else 3
        # As the DMA buffer is always made for four bytes a pixel, the next render() may wait for all of them.
        self._busy_until_s = now_s + self._count * 40e-6 + 55e-6
        shifts = [self._shifts >> shift & 0xFF for shift in (16, 8, 0, 24)][:channels]
        frame = [[led >> shift & 0xFF for shift in shifts] for led in self._pixels]
        self._pi.sent.append(np.array(frame, dtype=np.uint8))
        self._pi.times_s.append(now_s)

    def _cleanup(self) -> None:
        if self._leds is None:
            return
        self._need("A strip was cleaned up")
        if self._pi.clock() < self._busy_until_s:
            raise Lost("The PWM was stopped while a frame was on its way.")
        self._leds.free()
        self._leds = self._pixels = None
        self._pi.cleaned += 1

    def _need(self, what: str) -> None:
        if self._pixels is None:
            raise Crash(f"{what} without a begin() that went well.")


def begin_code(pin: int, channel: int, dma: int, known: bool = True, root: bool = True) -> int:
    """What ws2811_init() returns: 0 when it went well."""
    if not known:
        return -3
    if PIN_CHANNELS.get(pin) != channel:
        return -11
    if not root:
        return -5
    return 0 if 0 <= dma <= 15 else -6
