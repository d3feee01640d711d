"""StripSettings: the section [strip] of lamp.toml, one definition for the lamp and for the writer.

Plain Python, because the writer loads nothing but numpy.
"""

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from hardware.errors import HardwareError
from hardware.words import nearest, printable

MOST_LEDS = 1000
DRIVERS = ("auto", "ws281x", "spi", "pio", "wled", "terminal", "recording", "null")
ORDERS = tuple(a + b + c + w for a, b, c in ("RGB", "RBG", "GRB", "GBR", "BRG", "BGR") for w in ("", "W"))
_LIMITS: dict[str, tuple[type, float, float]] = {
    "pixels": (int, 1, MOST_LEDS),
    "budget_ma": (float, 1, 60_000),
    "channel_ma": (float, 0.1, 100),
    "idle_ma": (float, 0, 10),
    "pin": (int, 0, 53),
    "dma": (int, 0, 15),
    "gamma": (float, 1, 4),
    "fps": (float, 10, 240),
}
_KINDS = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}


class SettingError(HardwareError):
    """A setting of the strip is wrong. key: which. what: what is wrong with it, without the full stop."""

    def __init__(self, key: str, what: str, path: str = "") -> None:
        end = "" if what.endswith("?") else "."
        super().__init__(f"The setting strip.{key}{f' in {path}' if path else ''} {what}{end}")
        self.key, self.what = key, what


@dataclass(frozen=True, kw_only=True)
class StripSettings:
    """The strip, its supply and how it is driven. Each has a default; the constructor raises SettingError.

    pixels: of the picture that the lamp paints. budget_ma, channel_ma, idle_ma: what the supply gives to the strip,
    what one channel of one pixel draws at full, and what a dark pixel; WS2812 practice at 5 V.
    driver: one of DRIVERS. pin, dma: of the driver's own choice when pin is None; GPIO numbers.
    i2s_microphone: whether one is wired to GPIO18–21, which are then its own.
    address: of a WLED controller on the network, or a device file other than the driver's usual one.
    order: of the bytes on the wire, with W for a strip with a white channel. white_balance: shares [3] in which red,
    green and blue together make white. gamma: applied once to linear light; WS2812 are linear, so 1.
    reverse: the picture from the other end. segments: where the pixels of the picture are on the strip, as pairs of
    first and last LED, the last lower to run backwards; empty means from 0 on.
    fps: frames a second that the writer sends.
    """

    pixels: int = 60
    budget_ma: float = 850.0
    channel_ma: float = 20.0
    idle_ma: float = 1.0
    driver: str = "auto"
    pin: int | None = None
    dma: int = 10
    i2s_microphone: bool = True
    address: str = ""
    order: str = "GRB"
    white_balance: tuple[float, ...] = (1.0, 1.0, 1.0)
    gamma: float = 1.0
    reverse: bool = False
    segments: tuple[tuple[int, int], ...] = ()
    fps: float = 60.0

    def __post_init__(self) -> None:
        for key, (kind, low, high) in _LIMITS.items():
            value = getattr(self, key)
            if key == "pin" and value is None:
                continue
            _check_kind(key, value, kind)
            if not low <= value <= high:  # NaN fails too
                raise SettingError(key, f"is wrong: expected {_KINDS[kind]} >= {low:g} and <= {high:g}")
            object.__setattr__(self, key, kind(value))
        for key, kind in (
            ("driver", str),
            ("address", str),
            ("order", str),
            ("i2s_microphone", bool),
            ("reverse", bool),
        ):
            _check_kind(key, getattr(self, key), kind)
        if self.driver not in DRIVERS:
            near = nearest(self.driver, DRIVERS)
            hint = f"did you mean {near}?" if near else f"expected one of {', '.join(DRIVERS)}"
            raise SettingError("driver", f"is wrong: {hint}")
        if not self.address.isprintable():
            raise SettingError("address", "is wrong: expected text without control characters")
        if self.order not in ORDERS:
            raise SettingError("order", f"is wrong: expected one of {', '.join(ORDERS)}")
        object.__setattr__(self, "white_balance", _balance(self.white_balance))
        object.__setattr__(self, "segments", _segments(self.segments, self.pixels))

    @property
    def leds(self) -> int:
        """LEDs on the strip, those that show no pixel included."""
        return max((max(segment) + 1 for segment in self.segments), default=self.pixels)


def read_strip(table: object, path: str) -> StripSettings:
    """The settings of the section [strip], as tomllib gives it. Raises SettingError that names path and key."""
    if not isinstance(table, Mapping):
        raise HardwareError(f"The setting strip in {path} is wrong: expected a table ([section]).")
    names = [field.name for field in fields(StripSettings)]
    for key in table:
        if key not in names:
            raise SettingError(printable(str(key)), f"doesn't exist; {_hint(str(key), names)}", path)
    try:
        return StripSettings(**table)
    except SettingError as error:
        raise SettingError(error.key, error.what, path) from None


def load_strip(path: str) -> StripSettings:
    """The section [strip] of a TOML file; the others are for the lamp.

    Raises HardwareError for a file it can't use, and as root for one that another user could have written.
    """
    import tomllib

    try:
        with open(path, encoding="utf-8") as file:
            _check_owner(file.fileno(), path)
            text = file.read()
    except (OSError, ValueError) as error:
        reason = "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else None
        reason = reason or getattr(error, "strerror", None) or str(error)
        raise HardwareError(f"The settings {printable(path)} can't be read ({reason}); check the path.") from error
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise HardwareError(f"The settings {path} are not TOML: {error}; correct that line.") from error
    return read_strip(data.get("strip", {}), path)


def _check_owner(file: int, path: str) -> None:
    """Whoever writes the settings of a writer that is root would choose what root writes to."""
    status = os.fstat(file)
    if os.geteuid() == 0 and (status.st_uid != 0 or status.st_mode & 0o022):
        name = shlex.quote(path)
        raise HardwareError(
            f"Others than root can change the settings {path}, so root doesn't use them; run: "
            f"sudo chown root {name} && sudo chmod 644 {name}."
        )


def _check_kind(key: str, value: object, kind: type) -> None:
    fits = isinstance(value, int | float) if kind is float else isinstance(value, kind)
    if not fits or (isinstance(value, bool) and kind is not bool):
        raise SettingError(key, f"is wrong: expected {_KINDS[kind]}")


def _balance(value: Any) -> tuple[float, ...]:
    if not isinstance(value, list | tuple) or len(value) != 3:
        raise SettingError("white_balance", "is wrong: expected three numbers, as in [1.0, 0.8, 0.6]")
    for share in value:
        _check_kind("white_balance", share, float)
        if not 0 < share <= 1:
            raise SettingError("white_balance", "is wrong: expected numbers > 0 and <= 1")
    return tuple(map(float, value))


def _segments(value: Any, pixels: int) -> tuple[tuple[int, int], ...]:
    wrong = SettingError("segments", "is wrong: expected pairs of first and last LED, as in [[0, 29], [59, 30]]")
    if not isinstance(value, list | tuple):
        raise wrong
    used: set[int] = set()
    count = 0
    for pair in value:
        if not isinstance(pair, list | tuple) or len(pair) != 2 or any(type(led) is not int for led in pair):
            raise wrong
        if not all(0 <= led < MOST_LEDS for led in pair):
            raise SettingError("segments", f"is wrong: expected LEDs from 0 to {MOST_LEDS - 1}")
        used.update(range(min(pair), max(pair) + 1))
        count += abs(pair[1] - pair[0]) + 1
    if len(used) < count:
        raise SettingError("segments", "is wrong: it names an LED twice")
    if value and count != pixels:
        raise SettingError("segments", f"is wrong: it names {count} LEDs for the {pixels} pixels of strip.pixels")
    return tuple((int(first), int(last)) for first, last in value)


def _hint(key: str, names: list[str]) -> str:
    near = nearest(key, names)
    return f"did you mean strip.{near}?" if near else f"there are: {', '.join(names)}"
