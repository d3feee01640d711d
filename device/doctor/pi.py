"""What only a Raspberry Pi has: its board, its heat, its supply and its boot configuration."""

import re
from collections.abc import Iterator

from device.doctor.finding import Finding, fail, ok, skip, warn
from device.doctor.host import Host
from hardware.board import Board
from hardware.light.settings import StripSettings

WARM_C, HOT_C = 75.0, 82.0
"""From 80 °C on the firmware slows the processor down (Raspberry Pi documentation, thermal)."""
THROTTLED = "/sys/devices/platform/soc/soc:firmware/get_throttled"
CONFIGS = ("/boot/firmware/config.txt", "/boot/config.txt")
OVERLAY = "googlevoicehat-soundcard"
_BITS = ("under-voltage", "slowed down", "throttled", "at its heat limit")
"""Of bits 0 to 3, now, and 16 to 19, since the start (Raspberry Pi documentation, vcgencmd get_throttled)."""
_MODELS = {
    "pi0": "Zero",
    "pi0w": "Zero W",
    "pi02": "Zero 2",
    "pi1": "Pi (Model|Compute Module Rev)",
    "pi2": "Pi 2",
    "pi3": "(Pi|Module) 3",
    "pi3+": "(Pi 3 Model .|Module 3) Plus",
    "pi4": r"(Pi|Module) (4|400)\b",
    "pi400": "Pi 400",
    "pi5": r"(Pi|Module) (5|500)\b",
    "pi500": "Pi 500",
    **{f"cm{number}": f"Compute Module {number}" for number in (1, 3, 4, 5)},
}
"""Sections of config.txt and the models that they are for (Raspberry Pi documentation, conditional filters)."""
_SUPPLY = "give the Pi a supply of its own (5 V, 3 A or more) with a short cable, and the strip another one"
_COOL = "give it air or a heat sink"


def check(host: Host, strip: StripSettings) -> Iterator[Finding]:
    """On another computer: that it is none, and no more."""
    board = host.board
    if not board.raspberry:
        yield skip("board", "no Raspberry Pi, so no temperature, supply and config.txt of one")
        return
    yield ok("board", str(board), model=board.model)
    yield _temperature(host)
    yield _power(host)
    yield _config(host, board, strip)


def _temperature(host: Host) -> Finding:
    millis = host.number("/sys/class/thermal/thermal_zone0/temp")
    if millis is None:
        return skip("temperature", "the kernel does not tell it")
    degrees = millis / 1000
    found, values = f"{degrees:.0f} °C", {"temperature_c": degrees}
    if degrees > HOT_C:
        return fail("temperature", f"{found}: it is slowed down", _COOL, **values)
    if degrees > WARM_C:
        return warn("temperature", f"{found}: near 80 °C, where it is slowed down", _COOL, **values)
    return ok("temperature", found, **values)


def _power(host: Host) -> Finding:
    text = host.text(THROTTLED) or host.run(("vcgencmd", "get_throttled")) or ""
    number = re.fullmatch(r"(?:throttled=)?(?:0x)?([0-9a-fA-F]+)\s*", text)
    if number is None:
        return skip("supply", "neither the kernel nor vcgencmd tells how it is")
    bits = int(number[1], 16)
    now = [word for bit, word in enumerate(_BITS) if bits >> bit & 1]
    since = [word for bit, word in enumerate(_BITS) if bits >> (16 + bit) & 1]
    values = {"throttled": hex(bits)}
    low = _BITS[0] in now + since
    if now:
        judge = fail if bits & 1 else warn
        return judge("supply", f"now {', '.join(now)}", _SUPPLY if low else _COOL, **values)
    if since:
        return warn("supply", f"since the start {', '.join(since)}", _SUPPLY if low else _COOL, **values)
    return ok("supply", "never too low, never slowed down since the start", **values)


def _config(host: Host, board: Board, strip: StripSettings) -> Finding:
    name = next((name for name in CONFIGS if host.text(name) is not None), None)
    if name is None:
        return skip("config.txt", f"neither {' nor '.join(CONFIGS)} can be read")
    active = list(_active(host.text(name) or "", board))
    named = [line.partition("=") for line in active]
    overlays = [value.split(",")[0] for key, _, value in named if key in ("dtoverlay", "device_tree_overlay")]
    parameters = [part for key, _, value in named if key == "dtparam" for part in value.split(",")]
    if strip.i2s_microphone and OVERLAY not in overlays:
        return fail(
            "config.txt",
            f"{name} does not switch the I2S microphone on",
            f"add dtoverlay={OVERLAY} under [all] and restart, or set strip.i2s_microphone = false if there is none",
        )
    if not board.rp1 and [part for part in parameters if part.startswith("audio=")][-1:] != ["audio=off"]:
        return warn(
            "config.txt",
            f"{name} leaves the analog audio on, which a strip by PWM can't share",
            "add dtparam=audio=off under [all] and restart",
        )
    return ok("config.txt", f"{name} is as the lamp needs it")


def _active(text: str, board: Board) -> Iterator[str]:
    """The lines that hold for this board, without spaces and comments."""
    holds = True
    for line in text.splitlines():
        line = re.sub(r"\s", "", line.partition("#")[0])
        if section := re.fullmatch(r"\[(.*)\]", line):
            holds = _holds(section[1].lower(), board.model)
        elif line and holds:
            yield line


def _holds(section: str, model: str) -> bool:
    """Whether a section's filter lets this board in; those that ask for anything but the model don't."""
    return section == "all" or (section in _MODELS and re.search(_MODELS[section], model) is not None)
