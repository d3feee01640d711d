"""A palette as a picture: the plane of emotions in full light, in a terminal or as pixels."""

import numpy as np

from device.color.oklch import linear_from_oklab
from device.color.palette import Anchor, Palette
from hardware.light.ink import Ink, background, foreground
from hardware.light.srgb import srgb_bytes, srgb_hex

_COLUMNS, _ROWS = 48, 16
_RESET = "\x1b[0m"
_SIDE, _RADIUS, _EDGE = 640, 16.0, 3.0  # of the PNG, in pixels


def terminal_lines(palette: Palette, ink: Ink) -> list[str]:
    """The plane and a list of the anchors; without color only the list."""
    lines = []
    if ink in (Ink.TRUE, Ink.INDEXED):
        dots = srgb_bytes(palette.plane(_COLUMNS, 2 * _ROWS))
        marks = {_cell(anchor): anchor for anchor in (palette.neutral, *palette.anchors)}
        for y in range(_ROWS):
            cells = []
            for x in range(_COLUMNS):
                upper, lower = tuple(dots[2 * y, x].tolist()), tuple(dots[2 * y + 1, x].tolist())
                mark = "●" if (y, x) in marks else "▀"
                front = (20, 20, 24) if (y, x) in marks else upper
                cells.append(f"{background(ink, lower)}{foreground(ink, front)}{mark}")
            lines.append("  " + "".join(cells) + _RESET)
        lines.append("")
    entries = [
        _entry(ink, anchor.name, anchor.lab, f"valence {anchor.valence:+.2f}  arousal {anchor.arousal:+.2f}")
        for anchor in (palette.neutral, *palette.anchors)
    ]
    return [*lines, *entries, _entry(ink, "silence", palette.silence, "")]


def pixels(palette: Palette) -> np.ndarray:
    """The plane with a ring around each anchor's place, 8-bit sRGB [640, 640, 3]."""
    picture = palette.plane(_SIDE // 4, _SIDE // 4).repeat(4, axis=0).repeat(4, axis=1)
    y, x = np.mgrid[:_SIDE, :_SIDE] + 0.5
    for anchor in (palette.neutral, *palette.anchors):
        away = np.hypot(x - (anchor.valence + 1) / 2 * _SIDE, y - (1 - anchor.arousal) / 2 * _SIDE)
        picture[away < _RADIUS] = np.clip(linear_from_oklab(anchor.lab), 0.0, 1.0)
        # Dark around bright colors and the other way round.
        picture[np.abs(away - _RADIUS) < _EDGE] = 0.0 if anchor.lab[0] > 0.6 else 1.0
    return srgb_bytes(picture)


def _cell(anchor: Anchor) -> tuple[int, int]:
    y = min(_ROWS - 1, int((1 - anchor.arousal) / 2 * _ROWS))
    return y, min(_COLUMNS - 1, int((anchor.valence + 1) / 2 * _COLUMNS))


def _entry(ink: Ink, name: str, lab: np.ndarray, place: str) -> str:
    light = np.clip(linear_from_oklab(lab), 0.0, 1.0)
    swatch = ""
    if ink in (Ink.TRUE, Ink.INDEXED):
        swatch = foreground(ink, tuple(srgb_bytes(light).tolist())) + "███" + _RESET + "  "
    return f"  {swatch}{name:<14}{srgb_hex(light)}  {place}".rstrip()
