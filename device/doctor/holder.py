"""Who has a microphone, by what ALSA tells in /proc/asound."""

import re
from pathlib import Path
from typing import NamedTuple

from hardware.capture.devices import DEFAULT
from hardware.words import printable


class Holder(NamedTuple):
    """card: ALSA's name of it. pid: of the process that hears it. command: its command line, "" if it isn't told."""

    card: str
    pid: int
    command: str

    @property
    def is_lamp(self) -> bool:
        """Whether it is a lamp that listens."""
        words = self.command.split(" ")
        return "listen" in words and any(Path(word).name == "lampyris" or word == "device" for word in words)


def holder_of(wanted: str, proc: Path) -> Holder | None:
    """Who hears the card whose name holds `wanted` ("default": any card); None if nobody does."""
    word = wanted.strip().lower()
    for status in sorted(proc.glob("asound/card*/pcm*c/sub*/status")):
        folder = status.parents[2]
        card = _text(folder / "id").strip()
        names = f"{card}\n{_long_name(proc, folder.name.removeprefix('card'))}".lower()
        owner = re.search(r"owner_pid\s*:\s*(\d+)", _text(status))
        if owner and (word == DEFAULT or (word and word in names)):
            pid = int(owner[1])
            command = printable(_text(proc / str(pid) / "cmdline").strip("\0").replace("\0", " "))
            return Holder(printable(card), pid, command)
    return None


def _long_name(proc: Path, number: str) -> str:
    """The rest of the card's entry in the list of cards, two lines."""
    found = re.search(rf"^\s*{re.escape(number)} \[.*\n.*$", _text(proc / "asound/cards"), re.MULTILINE)
    return found[0] if found else ""


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
