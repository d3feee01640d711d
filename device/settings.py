"""Settings: everything a user may change, read from lamp.toml."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec

from device.color.scenes.names import SCENES
from device.errors import InputError
from device.hearing.gate import GateSettings
from hardware.errors import HardwareError
from hardware.light.settings import StripSettings, read_strip
from hardware.words import nearest, printable

Seconds = Annotated[float, msgspec.Meta(gt=0, le=3600)]


class LightSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """scene: how the light moves. palette: the name of one that ships, or the path of a TOML file.

    brightness: share of the full light.
    """

    scene: str = SCENES[0]
    palette: str = "lampyris"
    brightness: Annotated[float, msgspec.Meta(ge=0, le=1)] = 1.0

    def __post_init__(self) -> None:
        if self.scene not in SCENES:
            near = nearest(self.scene, SCENES)
            hint = f" (did you mean {near}?)" if near else ""
            raise InputError(
                f"there is no scene {printable(self.scene)}{hint}; set light.scene to one of {', '.join(SCENES)}."
            )


class TrackerSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Time constants of the mood in seconds: arousal up and down, valence, spread, and the drift to neutral at rest."""

    rise_s: Seconds = 0.8
    fall_s: Seconds = 3.5
    valence_s: Seconds = 1.8
    spread_s: Seconds = 2.0
    rest_s: Seconds = 12.0


Pin = Annotated[int, msgspec.Meta(ge=0, le=27)]


class PanelSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """GPIO numbers of a push button (to ground) and of a status LED; a lamp without them has none."""

    button_pin: Pin | None = None
    led_pin: Pin | None = None


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All settings; each has a default, so that an empty file is a good file."""

    strip: StripSettings = StripSettings()
    light: LightSettings = LightSettings()
    tracker: TrackerSettings = TrackerSettings()
    gate: GateSettings = GateSettings()
    panel: PanelSettings = PanelSettings()


def load_settings(path: str | Path) -> Settings:
    """Settings from a TOML file.

    Raises InputError when it can't be read, is not TOML, has a key that doesn't exist or a value out of range.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise InputError(f"The settings {path} can't be read ({reason}); check the path.") from error
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"The settings {path} are not TOML: {error}; correct that line.") from error
    _check_keys(data, Settings, str(path), "")
    try:
        # The writer, which has no msgspec, reads the same section: it is checked by the same code.
        strip = read_strip(data.pop("strip", {}), str(path))
        return msgspec.structs.replace(msgspec.convert(data, Settings), strip=strip)
    except HardwareError as error:
        raise InputError(str(error)) from error
    except InputError as error:
        raise InputError(f"In the settings {path}: {error}") from error
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at ")
        key = where.strip("`").removeprefix("$.") or "a value"
        for jargon, plain in _PLAIN_WORDS.items():
            what = what.replace(jargon, plain)
        raise InputError(f"The setting {key} in {path} is wrong: {what[:1].lower()}{what[1:]}.") from error


_PLAIN_WORDS = {"`object`": "a table ([section])", "`int`": "a whole number", "`float`": "a number", "`str`": "text"}


def _check_keys(data: Mapping[str, Any], kind: type[msgspec.Struct], path: str, prefix: str) -> None:
    fields = {field.name: field.type for field in msgspec.structs.fields(kind)}
    for key, value in data.items():
        if key not in fields:
            near = nearest(key, fields)
            hint = f"did you mean {prefix}{near}?" if near else f"there are: {', '.join(fields)}."
            raise InputError(f"The setting {prefix}{printable(key)} in {path} doesn't exist; {hint}")
        nested = fields[key]
        if isinstance(nested, type) and issubclass(nested, msgspec.Struct) and isinstance(value, Mapping):
            _check_keys(value, nested, path, f"{prefix}{key}.")
