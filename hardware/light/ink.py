"""What a terminal can show, and the escape sequences for it."""

import os
import re
import unicodedata
from collections.abc import Mapping
from enum import Enum
from functools import lru_cache
from typing import TextIO

_BLOCKS = "▀░▒▓█━─│┼●"
_TRUE_COLOR_TERMS = ("direct", "kitty", "alacritty", "ghostty", "wezterm", "foot")
_ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_CUBE = (0, 95, 135, 175, 215, 255)

Rgb = tuple[int, ...]
"""8-bit sRGB: red, green, blue."""


class Ink(Enum):
    """How much a terminal can do, best first."""

    TRUE = "24-bit color"
    INDEXED = "256 colors"
    SHADES = "no color: brightness as block characters"
    PLAIN = "no terminal: lines of text"


def choose_ink(out: TextIO, env: Mapping[str, str] | None = None) -> Ink:
    """What to draw with on `out`, from what it is and the environment (os.environ by default).

    Not a terminal, TERM unset or dumb, or an encoding without block characters: PLAIN. NO_COLOR set and not empty
    (https://no-color.org): SHADES. COLORTERM truecolor or 24bit, or a TERM known for it: TRUE. Else INDEXED.
    """
    env = os.environ if env is None else env
    term = env.get("TERM", "dumb") or "dumb"
    if not out.isatty() or term == "dumb":
        return Ink.PLAIN
    try:
        _BLOCKS.encode(out.encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return Ink.PLAIN
    if env.get("NO_COLOR"):
        return Ink.SHADES
    if env.get("COLORTERM", "").lower() in ("truecolor", "24bit") or any(name in term for name in _TRUE_COLOR_TERMS):
        return Ink.TRUE
    return Ink.INDEXED


def foreground(ink: Ink, color: Rgb) -> str:
    """Escape that writes in this color from here on; empty without color."""
    return _color(ink, 38, color)


def background(ink: Ink, color: Rgb) -> str:
    """Escape that puts this color behind from here on; empty without color."""
    return _color(ink, 48, color)


def visible(text: str) -> str:
    """The text without its escape sequences."""
    return _ESCAPE.sub("", text)


def fit(text: str, columns: int) -> str:
    """The text cut or padded with spaces to exactly this many visible columns; escapes are kept, all of them."""
    parts, left, place = [], max(columns, 0), 0
    for escape in _ESCAPE.finditer(text):
        piece, left = _cut(text[place : escape.start()], left)
        parts += [piece, escape.group()]
        place = escape.end()
    piece, left = _cut(text[place:], left)
    return "".join([*parts, piece, " " * left])


def columns_of(character: str) -> int:
    """Columns of one character in a terminal: 2 for the wide ones of East Asia, 0 for marks on the one before."""
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _cut(text: str, columns: int) -> tuple[str, int]:
    """As much of the text as fits into `columns`, and the columns that are left."""
    if text.isascii():
        return text[:columns], columns - min(len(text), columns)
    for end, character in enumerate(text):
        width = columns_of(character)
        if width > columns:
            return text[:end], columns
        columns -= width
    return text, columns


def _color(ink: Ink, layer: int, color: Rgb) -> str:
    if ink is Ink.TRUE:
        return f"\x1b[{layer};2;{color[0]};{color[1]};{color[2]}m"
    if ink is Ink.INDEXED:
        return f"\x1b[{layer};5;{nearest_index(color)}m"
    return ""


@lru_cache(maxsize=4096)
def nearest_index(color: Rgb) -> int:
    """The entry of xterm's 256 colors (cube 16–231, grays 232–255) that is nearest in 8-bit sRGB."""
    steps = [min(range(6), key=lambda i: abs(_CUBE[i] - channel)) for channel in color]
    gray = min(23, max(0, round((sum(color) / 3 - 8) / 10)))
    cube_error = sum((_CUBE[i] - channel) ** 2 for i, channel in zip(steps, color, strict=True))
    gray_error = sum((8 + 10 * gray - channel) ** 2 for channel in color)
    if gray_error < cube_error:
        return 232 + gray
    return 16 + 36 * steps[0] + 6 * steps[1] + steps[2]
