"""Which microphones there are, and which one a name means."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hardware.board import read_board
from hardware.errors import HardwareError

I2S_CARD = "sndrpigooglevoi"
"""ALSA's name for the card of the overlay googlevoicehat-soundcard."""
DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Device:
    """index: PortAudio's, of this moment. name: PortAudio's. card: ALSA's name of the card, empty where it has none.

    slots: channels it can give. rate: what it prefers, samples per second. raw: opened without ALSA's conversions.
    """

    index: int
    name: str
    card: str
    slots: int
    rate: int
    raw: bool

    @property
    def shown(self) -> str:
        """All its names, printable."""
        text = f"{self.card}: {self.name}" if self.card else self.name
        return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def devices(portaudio: Any, proc: str | Path = "/proc") -> list[Device]:
    """All devices that can be heard. portaudio: see hardware.capture.portaudio.begin. A device that goes away while it
    is asked is not there."""
    found = []
    for index in range(portaudio.get_device_count()):
        try:
            told = portaudio.get_device_info_by_index(index)
        except OSError:
            continue
        if told["maxInputChannels"] < 1:
            continue
        name = told["name"]
        if isinstance(name, bytes):  # no UTF-8
            name = name.decode("utf-8", "replace")
        hardware = re.search(r"\(hw:(\d+),\d+\)", name)
        card = _card(Path(proc), int(hardware[1])) if hardware else ""
        found.append(
            Device(index, name, card, told["maxInputChannels"], round(told["defaultSampleRate"]), bool(hardware))
        )
    return found


def find(portaudio: Any, wanted: str, proc: str | Path = "/proc") -> Device:
    """The device whose name, or whose card's name, holds `wanted`; "default" is the one that the system prefers.

    A device that ALSA does not convert goes before one that it does. Raises HardwareError, with what there is, when
    none or more than one fits.
    """
    there = devices(portaudio, proc)
    if wanted.lower() == DEFAULT:
        try:
            index = portaudio.get_default_input_device_info()["index"]
        except OSError:
            index = None
        chosen = [device for device in there if device.index == index]
    else:
        word = wanted.strip().lower()
        fitting = [device for device in there if word and word in f"{device.card}\n{device.name}".lower()]
        fitting = [device for device in fitting if device.raw] or fitting
        chosen = [device for device in fitting if word in (device.card.lower(), device.name.lower())] or fitting
    if len(chosen) == 1:
        return chosen[0]
    if chosen:
        raise HardwareError(
            f"More than one microphone fits {wanted!r}: {_list(chosen)}; give more of the name with --mic."
        )
    if not there:
        raise HardwareError(
            f"No microphone fits {wanted!r}, because there is none at all; plug one in, or for an I2S microphone see "
            "docs/wiring.md."
        )
    raise HardwareError(f"No microphone fits {wanted!r}; give --mic a part of one of these names: {_list(there)}.")


def preferred(proc: str | Path = "/proc") -> str | None:
    """The microphone of a lamp that was told nothing: on a Raspberry Pi the I2S card, elsewhere none."""
    return I2S_CARD if read_board(proc).raspberry else None


def _list(some: Sequence[Device]) -> str:
    return ", ".join(repr(device.shown) for device in some)


def _card(proc: Path, number: int) -> str:
    try:
        return (proc / f"asound/card{number}/id").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
