"""A strip for people without one: it glows in the terminal."""

import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self, TextIO

import numpy as np

from hardware.errors import HardwareError
from hardware.light.bloom import Bloom
from hardware.light.frame import checked_frame, checked_pixels
from hardware.light.ink import Ink, background, choose_ink, fit, foreground
from hardware.light.srgb import decode_srgb, encode_srgb, srgb_bytes

ROOM = (12, 12, 15)
"""The dark behind everything, sRGB."""
TEXT = (206, 204, 210)
"""Text on it."""

Caption = Callable[[int, int], Sequence[str]]
"""Gives the lines to write under the strip for a width and a height at hand: (columns, lines) -> lines."""

# Another screen, so that the user's comes back untouched; no cursor; no wrapping while the window is resized.
_ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l"
_LEAVE = "\x1b[?2026l\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l"
_SHADES = np.array(list(" ░▒▓█"))
_NARROW = 50
_PATIENCE = 5.0
"""At least this many times as long as a drawing took until the next one begins."""
_ROWS, _ROWS_NARROW = 7, 3


class TerminalStrip:
    """Draws the strip as a diffused bar of light in a dark room, and the caption under it.

    It takes over the whole terminal (alternate screen) with the first frame and gives it back as it was on close; use
    it as a context manager so that this also holds after Ctrl-C. The width is asked for with every drawing and never
    exceeded. Frames that come faster than min_interval_s of `clock` are checked but not drawn.
    With Ink.PLAIN (not a terminal) it draws nothing at all.

    exposure: how many times brighter than the strip it is drawn, up to white: an eye before a real strip adapts to what
    its supply allows, a screen does not.
    out: a text stream. ink: by default what choose_ink finds. size: gives (columns, lines), by default of the terminal.
    """

    keeps_limit = False

    def __init__(
        self,
        pixels: int,
        out: TextIO,
        *,
        caption: Caption | None = None,
        ink: Ink | None = None,
        size: Callable[[], tuple[int, int]] | None = None,
        clock: Callable[[], float] = time.monotonic,
        min_interval_s: float = 1 / 30,
        exposure: float = 1.0,
    ) -> None:
        self.pixels = checked_pixels(pixels)
        self.caption = caption
        self.ink = choose_ink(out) if ink is None else ink
        self._out = out
        self._size = self._terminal_size if size is None else size
        self._clock = clock
        self._min_interval_s = min_interval_s
        self._exposure = np.float32(exposure)
        self._drawn_s: float | None = None
        self._pause_s = min_interval_s
        self._closed = False
        self._shape = (0, 0, 0)
        self._bloom: Bloom | None = None
        self._rows: list[str] = []

    def show(self, frame: np.ndarray) -> None:
        """See Strip.show. Raises ValueError after close too, HardwareError when the terminal is gone."""
        if self._closed:
            raise ValueError("The strip was used after it was closed.")
        frame = checked_frame(frame, self.pixels)
        if self.ink is Ink.PLAIN:
            return
        now_s = self._clock()
        if self._drawn_s is not None and now_s - self._drawn_s < self._pause_s:
            return
        first = self._drawn_s is None
        self._drawn_s = now_s
        self._write((_ENTER if first else "") + self._draw(frame))
        # A terminal at the end of a slow line takes its time: it gets fewer drawings, and the music isn't held up.
        took_s = self._clock() - now_s
        self._pause_s = max(self._min_interval_s, _PATIENCE * took_s)

    def give_back(self) -> None:
        """Leave the terminal as it was before the first frame; the next frame takes it over again."""
        if self._drawn_s is None or self._closed:
            return
        self._drawn_s = None
        self._rows = []
        with suppress(OSError):  # a terminal that is gone needs nothing back
            self._out.write(_LEAVE)
            self._out.flush()

    def close(self) -> None:
        """See Strip.close. The terminal is as it was before the first frame."""
        self.give_back()
        self._closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write(self, text: str) -> None:
        try:
            self._out.write(text)
            self._out.flush()
        except OSError as error:
            self._closed = True
            raise HardwareError(f"the terminal can't be written ({error}); choose another --strip") from error

    def _draw(self, frame: np.ndarray) -> str:
        columns, lines = (max(1, n) for n in self._size())
        narrow = columns < _NARROW
        wanted = _ROWS_NARROW if narrow else _ROWS
        caption = list(self.caption(columns, max(0, lines - 4))) if self.caption else []
        rows = max(1, min(wanted, lines - len(caption)))
        rows -= 1 - rows % 2  # odd, so that the core of the light is one whole row
        if self._shape != (columns, lines, rows):
            self._shape = (columns, lines, rows)
            self._bloom = Bloom(self.pixels, columns, 2 * rows, 1 if narrow else 6, decode_srgb(np.array(ROOM) / 255))
            self._rows = []
        assert self._bloom is not None
        picture = self._bloom.process(np.minimum(frame * self._exposure, np.float32(1.0)))
        base = background(self.ink, ROOM) + foreground(self.ink, TEXT)
        drawn = self._light(picture) + [base + fit(line, columns) for line in caption]
        drawn += [base + " " * columns] * (lines - len(drawn))
        drawn = drawn[:lines]
        old = self._rows or [""] * lines
        changed = [f"\x1b[{y + 1};1H{row}" for y, row in enumerate(drawn) if row != old[y]]
        self._rows = drawn
        # Marks of synchronized output keep terminals that know them from showing half a frame; others ignore them.
        return "\x1b[?2026h" + "".join(changed) + "\x1b[?2026l"

    def _light(self, picture: np.ndarray) -> list[str]:
        """Rows of characters for a picture of half rows."""
        if self.ink is Ink.SHADES:
            gray = encode_srgb(picture.reshape(-1, 2, *picture.shape[1:]).mean(axis=1)).max(axis=-1)
            return ["".join(row) for row in _SHADES[np.minimum((gray * len(_SHADES)).astype(int), len(_SHADES) - 1)]]
        rows = []
        codes = srgb_bytes(picture).tolist()
        for upper, lower in zip(codes[::2], codes[1::2], strict=True):
            parts: list[str] = []
            over = under = None
            for top, bottom in zip(upper, lower, strict=True):
                if top != over:
                    parts.append(foreground(self.ink, tuple(top)))
                if bottom != under:
                    parts.append(background(self.ink, tuple(bottom)))
                parts.append("▀")
                over, under = top, bottom
            rows.append("".join(parts))
        return rows

    def _terminal_size(self) -> tuple[int, int]:
        try:
            columns, lines = os.get_terminal_size(self._out.fileno())
        except OSError:
            return 80, 24
        return columns or 80, lines or 24
