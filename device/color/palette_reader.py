"""Reads the text of a palette and finds everything that is wrong with it, not only the first mistake."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from math import atan2, degrees, hypot, radians
from typing import Any

import numpy as np

from device.color.oklch import in_gamut, into_gamut, oklab_from_linear, oklab_from_oklch, oklch_from_oklab
from device.color.palette import Anchor, Palette
from device.color.palette_text import Lines
from hardware.light.srgb import decode_srgb

# The sign of valence and arousal of the anchors that every palette must have.
QUADRANTS = {"joy": (1, 1), "anger": (-1, 1), "sadness": (-1, -1), "calm": (1, -1)}
_COLOR_KEYS = ("lightness", "chroma", "hue")
_RANGES = {
    "valence": (-1.0, 1.0),
    "arousal": (-1.0, 1.0),
    "lightness": (0.0, 1.0),
    "chroma": (0.0, 0.4),
    "hue": (0.0, 360.0),
}
_NEAREST_DISTANCE = 0.2
_NEAREST_ANGLE = 10.0


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake: one sentence that says what is wrong and what to do, and its line, from 1, where that is known."""

    sentence: str
    line: int | None = None


class PaletteReader:
    """Reads one palette. where: how sentences call it.

    After read(): problems, as they were found; palette, None if there are any; lines of the anchors by name.
    """

    def __init__(self, where: str) -> None:
        self._this = f"the palette {where}"
        self._lines = Lines("")
        self.problems: list[Problem] = []
        self.palette: Palette | None = None
        self.anchor_lines: dict[str, int | None] = {}

    def read(self, text: str) -> None:
        """Take in the text; never raises."""
        self._lines = Lines(text)
        try:
            data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            self._add(f"{self._this} is not TOML: {error}; correct that line")
            return
        self._check_keys(data, ("name", "description", "silence", "anchors"), self._this, None)
        for key in ("name", "description"):
            if not isinstance(data.get(key), str):
                self._add(f"{self._this} needs '{key}' as text; add it", None, key)
        silence = None
        if "silence" in data:
            silence = self._hex(data["silence"], f"'silence' in {self._this}", None, "silence")
        else:
            self._add(f"{self._this} needs 'silence', the color it rests in, such as \"#ff9a4d\"; add it")
        anchors = self._anchors(data.get("anchors"))
        if not self.problems and silence is not None:
            neutral = anchors.pop("neutral")
            self.palette = Palette(data["name"], neutral, tuple(anchors.values()), silence)

    def _anchors(self, entries: object) -> dict[str, Anchor]:
        if not (isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries)):
            self._add(f"{self._this} needs its anchors as [[anchors]] tables; add them")
            return {}
        anchors: dict[str, Anchor] = {}
        for index, entry in enumerate(entries):
            name = entry.get("name")
            if not (isinstance(name, str) and name):
                self._add(f'an anchor in {self._this} has no name; add name = "…"', index, "name")
                continue
            if name in self.anchor_lines:
                self._add(f"{self._this} has two anchors '{name}'; rename or remove one", index)
                continue
            self.anchor_lines[name] = self._lines.of(index)
            anchor = self._anchor(entry, name, index)
            if anchor is not None:
                anchors[name] = anchor
                self._check_place(anchor, [*anchors.values()][:-1], index)
        for name in ("neutral", *QUADRANTS):
            if name not in self.anchor_lines:
                self._add(
                    f"{self._this} has no anchor '{name}'; add it (a palette needs neutral, {', '.join(QUADRANTS)})"
                )
        return anchors

    def _anchor(self, entry: dict[str, Any], name: str, index: int) -> Anchor | None:
        this = f"the anchor '{name}' in {self._this}"
        self._check_keys(entry, ("name", "valence", "arousal", "color", *_COLOR_KEYS), this, index)
        valence, arousal = (self._number(entry, key, this, index) for key in ("valence", "arousal"))
        if "color" in entry:
            if any(key in entry for key in _COLOR_KEYS):
                self._add(f"{this} has both 'color' and OKLCH numbers; keep one of them", index, "color")
            lab = self._hex(entry["color"], this, index, "color")
        else:
            lab = self._oklch(entry, this, index)
        if valence is None or arousal is None or lab is None:
            return None
        return Anchor(name, valence, arousal, lab)

    def _oklch(self, entry: dict[str, Any], this: str, index: int) -> np.ndarray | None:
        lightness, chroma, hue = (self._number(entry, key, this, index) for key in _COLOR_KEYS)
        if lightness is None or chroma is None or hue is None:
            return None
        lab = oklab_from_oklch(np.array([lightness, chroma, radians(hue)]))
        if not in_gamut(lab):
            most = np.floor(oklch_from_oklab(into_gamut(lab))[1] * 1000) / 1000
            self._add(
                f"{this} is a color that can't be shown; at its lightness and hue chroma is at most {most:.3f}",
                index,
                "chroma",
            )
        return lab

    def _check_place(self, anchor: Anchor, others: list[Anchor], index: int) -> None:
        name, valence, arousal = anchor.name, anchor.valence, anchor.arousal
        if name == "neutral":
            if valence != 0 or arousal != 0:
                self._add(f"the anchor 'neutral' in {self._this} must be at valence 0, arousal 0", index)
            return
        signs = QUADRANTS.get(name)
        if signs and (valence * signs[0] <= 0 or arousal * signs[1] <= 0):
            self._add(f"the anchor '{name}' in {self._this} is not in its quadrant; check its signs", index)
        if hypot(valence, arousal) < _NEAREST_DISTANCE:
            self._add(
                f"the anchor '{name}' in {self._this} is nearer than {_NEAREST_DISTANCE} to the centre; move it out",
                index,
            )
        angle = degrees(atan2(arousal, valence))
        for other in others:
            apart = abs((angle - degrees(atan2(other.arousal, other.valence)) + 180) % 360 - 180)
            if other.name != "neutral" and apart < _NEAREST_ANGLE:
                self._add(
                    f"the anchors '{other.name}' and '{name}' in {self._this} lie in almost the same direction; "
                    f"keep them {_NEAREST_ANGLE:.0f} degrees apart",
                    index,
                )

    def _check_keys(self, data: dict[str, Any], known: Iterable[str], this: str, index: int | None) -> None:
        known = list(known)
        for key in data:
            if key not in known:
                told = f"{this} has an unknown key '{key}'{nearest(key, known)}; known are {', '.join(known)}"
                self._add(told, index, key)

    def _number(self, entry: dict[str, Any], key: str, this: str, index: int) -> float | None:
        if key not in entry:
            self._add(f"{this} needs '{key}'; add it", index)
            return None
        value, (low, high) = entry[key], _RANGES[key]
        # Written so that NaN fails too; a bool is an int for Python but not for a reader.
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            self._add(f"'{key}' of {this} is {value!r}; it must be a number from {low:g} to {high:g}", index, key)
            return None
        return float(value)

    def _hex(self, value: object, this: str, index: int | None, key: str) -> np.ndarray | None:
        digits = value[1:] if isinstance(value, str) and value.startswith("#") else ""
        if len(digits) != 6 or not set(digits) <= set("0123456789abcdefABCDEF"):
            self._add(f'{this} has the color {value!r}; write it as "#rrggbb"', index, key)
            return None
        code = np.array([int(digits[i : i + 2], 16) for i in (0, 2, 4)]) / 255.0
        return oklab_from_linear(decode_srgb(code))

    def _add(self, sentence: str, index: int | None = None, key: str | None = None) -> None:
        self.problems.append(Problem(sentence, self._lines.of(index, key)))


def nearest(word: str, known: list[str]) -> str:
    """' (did you mean …?)', or nothing when no known word is like it."""
    near = get_close_matches(word, known, n=1)
    return f" (did you mean '{near[0]}'?)" if near else ""
