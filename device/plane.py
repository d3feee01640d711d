"""The valence–arousal plane as a small picture of characters."""

from collections.abc import Sequence

import numpy as np

from device.color.palette import Palette
from device.emotion.emotion import Emotion
from hardware.light.ink import Ink, background, foreground
from hardware.light.srgb import srgb_bytes
from hardware.light.terminal import ROOM, TEXT

# (row, first column or, when negative, last column from the right) of the words.
_WORDS = {"anger": (0, 1), "joy": (0, -1), "sadness": (-1, 1), "calm": (-1, -1)}
_FIELD, _GLOW, _TRAIL = 0.06, 0.55, 0.22  # brightness of the map itself, of the light around the point, of its trail
_AXIS, _WORD = 0.16, 0.45  # what lines and words add


class Plane:
    """A map of the palette in the dark, lit around the present point and where it came from.

    Every cell is two half rows, so the picture is columns x 2 * rows dots. Without color it is drawn in characters.
    """

    columns = 25
    rows = 9

    def __init__(self, palette: Palette, ink: Ink) -> None:
        self._ink = ink
        self._palette = palette
        self._map = palette.plane(self.columns, 2 * self.rows)
        self._x = np.linspace(-1.0, 1.0, self.columns)
        self._y = 1.0 - (np.arange(2 * self.rows) + 0.5) / self.rows

    def lines(self, emotion: Emotion, trail: Sequence[tuple[float, float, float]]) -> list[str]:
        """The picture, `rows` lines of `columns` characters. trail: (freshness 0 to 1, valence, arousal) each."""
        cells = self._characters(emotion, trail)
        if self._ink not in (Ink.TRUE, Ink.INDEXED):
            return ["".join(row) for row in cells]
        light = self._map * (_FIELD + self._glow(emotion, trail))[..., None]
        own = self._palette.color(emotion.valence, emotion.arousal)
        at_y = int(np.argmin(np.abs(self._y - emotion.arousal)))
        at_x = int(np.argmin(np.abs(self._x - emotion.valence)))
        light[at_y, at_x] = own + 0.35 * (1.0 - own)
        cells[at_y // 2][at_x] = " "
        behind = (light[::2] + light[1::2]) / 2
        dots = srgb_bytes(light).tolist()
        backs = srgb_bytes(behind).tolist()
        words = srgb_bytes(behind + _WORD * self._map[::2]).tolist()
        axes = srgb_bytes(behind + _AXIS * self._map[::2]).tolist()
        end = background(self._ink, ROOM) + foreground(self._ink, TEXT)
        lines = []
        for y, marks in enumerate(cells):
            parts = []
            for x, mark in enumerate(marks):
                if mark == " ":
                    front, back, mark = dots[2 * y][x], dots[2 * y + 1][x], "▀"
                else:
                    front, back = (words if mark.isalpha() else axes)[y][x], backs[y][x]
                parts.append(f"{background(self._ink, tuple(back))}{foreground(self._ink, tuple(front))}{mark}")
            lines.append("".join(parts) + end)
        return lines

    def _characters(self, emotion: Emotion, trail: Sequence[tuple[float, float, float]]) -> list[list[str]]:
        middle_y, middle_x = self.rows // 2, self.columns // 2
        cells = [[" "] * self.columns for _ in range(self.rows)]
        cells[middle_y] = ["─"] * self.columns
        for row in cells:
            row[middle_x] = "│"
        cells[middle_y][middle_x] = "┼"
        if self._ink in (Ink.SHADES, Ink.PLAIN):
            for freshness, valence, arousal in trail:
                y, x = self._cell(valence, arousal)
                cells[y][x] = "•" if freshness > 0.6 else "·"
        for word, (y, x) in _WORDS.items():
            start = x if x > 0 else self.columns - len(word) + x
            cells[y][start : start + len(word)] = word
        if self._ink in (Ink.SHADES, Ink.PLAIN):
            y, x = self._cell(emotion.valence, emotion.arousal)
            cells[y][x] = "●"
        return cells

    def _cell(self, valence: float, arousal: float) -> tuple[int, int]:
        y = round((1.0 - min(1.0, max(-1.0, arousal))) / 2 * (self.rows - 1))
        return y, round((min(1.0, max(-1.0, valence)) + 1.0) / 2 * (self.columns - 1))

    def _glow(self, emotion: Emotion, trail: Sequence[tuple[float, float, float]]) -> np.ndarray:
        """[2 * rows, columns], how much light the point and its trail throw on the map."""
        light = _GLOW * self._spot(emotion.valence, emotion.arousal, 0.16)
        for freshness, valence, arousal in trail:
            np.maximum(light, _TRAIL * freshness**1.5 * self._spot(valence, arousal, 0.10), out=light)
        return light

    def _spot(self, valence: float, arousal: float, size: float) -> np.ndarray:
        return np.outer(np.exp(-(((self._y - arousal) / size) ** 2)), np.exp(-(((self._x - valence) / size) ** 2)))
