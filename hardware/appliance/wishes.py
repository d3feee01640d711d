"""What the owner wants: by options, else as it was chosen before, else by a short dialogue, else by default."""

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from hardware.appliance.choices import I2S, Choices
from hardware.appliance.journal import Journal
from hardware.appliance.lamp_toml import parse
from hardware.appliance.place import SETTINGS
from hardware.appliance.root import Root
from hardware.errors import HardwareError
from hardware.light.settings import read_strip

Value = TypeVar("Value")
Ask = Callable[[str], str]


def chosen_before(root: Root, journal: Journal) -> Choices:
    """By the settings and the journal. Raises HardwareError for settings that are broken."""
    data = parse((root.read(SETTINGS) or b"").decode(errors="replace"), SETTINGS)
    strip = read_strip(data.get("strip", {}), SETTINGS)
    button = data.get("panel", {}).get("button_pin")
    kept = journal.chosen
    return Choices(
        pixels=strip.pixels,
        pin=12 if strip.pin is None else strip.pin,
        mic=str(kept.get("mic", I2S)),
        button=button if isinstance(button, int) else None,
        name=None if kept.get("name") is None else str(kept["name"]),
        network=kept.get("network") is True,
        wled=strip.driver == "wled",
        read_only=kept.get("read_only") is True,
    )


def with_options(choices: Choices, options: argparse.Namespace) -> Choices:
    """These, but for what the command line says. Raises HardwareError."""
    given = {
        "pixels": options.strip_pixels,
        "pin": options.pin,
        "mic": options.mic,
        "button": options.button,
        "name": options.name,
        "network": options.network,
        "read_only": options.read_only,
    }
    return replace(choices, **{key: value for key, value in given.items() if value is not None})


def by_dialogue(choices: Choices, options: argparse.Namespace, ask: Ask) -> Choices:
    """Ask for what no option says; a line left empty takes what is shown. Raises HardwareError if there is none."""
    if options.strip_pixels is None:
        choices = _ask(ask, "How many LEDs has the strip?", str(choices.pixels), _setter(choices, "pixels", int))
    if options.pin is None:
        choices = _ask(ask, "Which GPIO drives it?", str(choices.pin), _setter(choices, "pin", int))
    if options.mic is None:
        question = "Which microphone: i2s, or a part of its name (usb)?"
        choices = _ask(ask, question, choices.mic, _setter(choices, "mic", str))
    if options.button is None:
        setter = _setter(choices, "button", lambda text: None if text == "none" else int(text))
        choices = _ask(ask, "Which GPIO has a button to ground (3, 17, … or none)?", "none", setter)
    if options.name is None:
        setter = _setter(choices, "name", lambda text: None if text == "as it is" else text)
        choices = _ask(ask, "What is this machine called on the network?", "as it is", setter)
    return choices


def _setter(choices: Choices, key: str, read: Callable[[str], Any]) -> Callable[[str], Choices]:
    return lambda text: replace(choices, **{key: read(text)})


def _ask(ask: Ask, question: str, default: str, read: Callable[[str], Value]) -> Value:
    for _ in range(3):
        try:
            answer = ask(f"{question} [{default}] ").strip()
        except EOFError:
            break
        try:
            return read(answer or default)
        except HardwareError as error:
            print(error, file=sys.stderr)
        except ValueError:
            print(f"{answer!r} is no whole number.", file=sys.stderr)
    raise HardwareError("Nothing was changed, because a question has no answer; options answer it too, see --help.")
