"""Reads palettes from TOML: those that ship beside this file, by name, and anyone's own, by path."""

import tomllib
from collections.abc import Iterable
from difflib import get_close_matches
from math import atan2, degrees, hypot, radians
from pathlib import Path
from typing import Any

import numpy as np

from device.color.oklch import in_gamut, into_gamut, oklab_from_linear, oklab_from_oklch, oklch_from_oklab
from device.color.palette import Anchor, Palette
from device.errors import InputError
from hardware.light.srgb import decode_srgb

SHIPPED = Path(__file__).with_name("palettes")
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


def palette_names() -> list[str]:
    """The names of the palettes that ship."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def load_palette(name_or_path: str) -> Palette:
    """The palette of that name, or, for a text that ends in .toml, of that file.

    Raises InputError when there is none, or when the file is not a good palette.
    """
    path = Path(name_or_path)
    if path.suffix != ".toml":
        names = palette_names()
        if name_or_path not in names:
            raise InputError(
                f"there is no palette '{name_or_path}'{_nearest(name_or_path, names)}; "
                f"choose one of {', '.join(names)}, or give the path of a .toml file"
            )
        path = SHIPPED / f"{name_or_path}.toml"
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:  # ValueError: not UTF-8, or a name that no file can have
        reason = getattr(error, "strerror", None) or "it is not a text file"
        raise InputError(f"the palette {str(path)!r} can't be read ({reason}); check the path") from error
    return parse_palette(text, str(path))


def parse_palette(text: str, where: str) -> Palette:
    """A palette from TOML text; `where` is how errors call it. Raises InputError as load_palette does."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"the palette {where} is not TOML: {error}; correct that line") from error
    _check_keys(data, ("name", "description", "silence", "anchors"), f"the palette {where}")
    for key in ("name", "description"):
        if not isinstance(data.get(key), str):
            raise InputError(f"the palette {where} needs '{key}' as text; add it")
    if "silence" not in data:
        raise InputError(f"the palette {where} needs 'silence', the color it rests in, such as \"#ff9a4d\"; add it")
    silence = _hex_lab(data["silence"], f"'silence' in the palette {where}")
    entries = data.get("anchors")
    if not (isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries)):
        raise InputError(f"the palette {where} needs its anchors as [[anchors]] tables; add them")
    anchors = {}
    for entry in entries:
        anchor = _anchor(entry, where)
        if anchor.name in anchors:
            raise InputError(f"the palette {where} has two anchors '{anchor.name}'; rename or remove one")
        anchors[anchor.name] = anchor
    _check_places(anchors, where)
    neutral = anchors.pop("neutral")
    return Palette(data["name"], neutral, tuple(anchors.values()), silence)


def _anchor(entry: dict[str, Any], where: str) -> Anchor:
    name = entry.get("name")
    if not (isinstance(name, str) and name):
        raise InputError(f'an anchor in the palette {where} has no name; add name = "…"')
    this = f"the anchor '{name}' in the palette {where}"
    _check_keys(entry, ("name", "valence", "arousal", "color", *_COLOR_KEYS), this)
    valence, arousal = _number(entry, "valence", this), _number(entry, "arousal", this)
    if "color" in entry:
        if any(key in entry for key in _COLOR_KEYS):
            raise InputError(f"{this} has both 'color' and OKLCH numbers; keep one of them")
        return Anchor(name, valence, arousal, _hex_lab(entry["color"], this))
    lightness, chroma, hue = (_number(entry, key, this) for key in _COLOR_KEYS)
    lab = oklab_from_oklch(np.array([lightness, chroma, radians(hue)]))
    if not in_gamut(lab):
        most = np.floor(oklch_from_oklab(into_gamut(lab))[1] * 1000) / 1000
        raise InputError(
            f"{this} is a color that can't be shown; at its lightness and hue chroma is at most {most:.3f}"
        )
    return Anchor(name, valence, arousal, lab)


def _check_places(anchors: dict[str, Anchor], where: str) -> None:
    for name in ("neutral", *QUADRANTS):
        if name not in anchors:
            raise InputError(
                f"the palette {where} has no anchor '{name}'; add it (a palette needs neutral, {', '.join(QUADRANTS)})"
            )
    seen: list[tuple[float, str]] = []
    for name, anchor in anchors.items():
        valence, arousal = anchor.valence, anchor.arousal
        if name == "neutral":
            if valence != 0 or arousal != 0:
                raise InputError(f"the anchor 'neutral' in the palette {where} must be at valence 0, arousal 0")
            continue
        signs = QUADRANTS.get(name)
        if signs and (valence * signs[0] <= 0 or arousal * signs[1] <= 0):
            raise InputError(f"the anchor '{name}' in the palette {where} is not in its quadrant; check its signs")
        if hypot(valence, arousal) < _NEAREST_DISTANCE:
            raise InputError(
                f"the anchor '{name}' in the palette {where} is nearer than {_NEAREST_DISTANCE} to the centre; "
                "move it out"
            )
        angle = degrees(atan2(arousal, valence))
        for other, other_name in seen:
            if abs((angle - other + 180) % 360 - 180) < _NEAREST_ANGLE:
                raise InputError(
                    f"the anchors '{other_name}' and '{name}' in the palette {where} lie in almost the same direction; "
                    f"keep them {_NEAREST_ANGLE:.0f} degrees apart"
                )
        seen.append((angle, name))


def _check_keys(data: dict[str, Any], known: Iterable[str], this: str) -> None:
    known = list(known)
    for key in data:
        if key not in known:
            raise InputError(f"{this} has an unknown key '{key}'{_nearest(key, known)}; known are {', '.join(known)}")


def _number(entry: dict[str, Any], key: str, this: str) -> float:
    if key not in entry:
        raise InputError(f"{this} needs '{key}'; add it")
    value, (low, high) = entry[key], _RANGES[key]
    # Written so that NaN fails too; a bool is an int for Python but not for a reader.
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise InputError(f"'{key}' of {this} is {value!r}; it must be a number from {low:g} to {high:g}")
    return float(value)


def _hex_lab(value: object, this: str) -> np.ndarray:
    digits = value[1:] if isinstance(value, str) and value.startswith("#") else ""
    if len(digits) != 6 or not set(digits) <= set("0123456789abcdefABCDEF"):
        raise InputError(f'{this} has the color {value!r}; write it as "#rrggbb"')
    code = np.array([int(digits[i : i + 2], 16) for i in (0, 2, 4)]) / 255.0
    return oklab_from_linear(decode_srgb(code))


def _nearest(word: str, known: list[str]) -> str:
    near = get_close_matches(word, known, n=1)
    return f" (did you mean '{near[0]}'?)" if near else ""
