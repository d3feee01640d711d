"""The text of lamp.toml that a lamp with certain choices has."""

from hardware.appliance.choices import I2S, Choices
from hardware.appliance.lamp_toml import TEMPLATE, new_keys, parse, with_explained, with_setting
from hardware.appliance.place import SETTINGS
from hardware.appliance.root import Root
from hardware.light.settings import StripSettings, read_strip


def settings_text(root: Root, choices: Choices, version: str) -> tuple[str, list[str]]:
    """The text, and the lines that explain settings which the present one doesn't know. Raises HardwareError.

    Only what differs is set: a default stays a default, and what the owner wrote stays his.
    """
    template = TEMPLATE.read_text(encoding="utf-8")
    old = root.read(SETTINGS)
    text = template if old is None else old.decode()
    strip = strip_of(text)
    wanted: list[tuple[str, str, int | bool]] = []
    if old is None or strip.pixels != choices.pixels:
        wanted.append(("strip", "pixels", choices.pixels))
    if choices.pin != (12 if strip.pin is None else strip.pin):
        wanted.append(("strip", "pin", choices.pin))
    if strip.i2s_microphone != (choices.mic == I2S):
        wanted.append(("strip", "i2s_microphone", choices.mic == I2S))
    if choices.button is not None:
        wanted.append(("panel", "button_pin", choices.button))
    for section, key, value in wanted:
        text = with_setting(text, section, key, value, SETTINGS)
    new = {} if old is None else new_keys(text, template)
    strip_of(text)
    return (with_explained(text, new, version) if new else text), list(new.values())


def strip_of(text: str) -> StripSettings:
    """The section [strip], checked. Raises HardwareError."""
    return read_strip(parse(text, SETTINGS).get("strip", {}), SETTINGS)
