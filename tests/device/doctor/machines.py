"""Machines to look at, in a folder: a Raspberry Pi with all it has, and a computer that is none."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from device.doctor.host import Host

PI_4 = ("Raspberry Pi 4 Model B Rev 1.5", 0xB03115)
PI_5 = ("Raspberry Pi 5 Model B Rev 1.0", 0xC04170)


@dataclass
class Machine:
    """Files under `root`. closed: names this user may not touch. commands: what they print; others there are not."""

    root: Path
    uid: int = 1000
    closed: set[str] = field(default_factory=set)
    commands: dict[str, str] = field(default_factory=dict)

    def put(self, name: str, content: str | bytes = "") -> Path:
        path = self.root / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def board(self, model: str, revision: int) -> None:
        self.put("/proc/device-tree/model", model.encode() + b"\0")
        self.put("/proc/device-tree/system/linux,revision", revision.to_bytes(4, "big"))

    def card(self, number: int, name: str, long_name: str, owner: int | None = None) -> None:
        """A sound card, heard by process `owner`."""
        self.put("/proc/asound/cards", f" {number} [{name:<15}]: {long_name}\n                      {long_name}\n")
        self.put(f"/proc/asound/card{number}/id", f"{name}\n")
        status = "closed\n" if owner is None else f"state: RUNNING\nowner_pid   : {owner}\ntrigger_time: 1.2\n"
        self.put(f"/proc/asound/card{number}/pcm0c/sub0/status", status)

    @property
    def host(self) -> Host:
        return Host(self.root, self._run, self._access, self.uid)

    def _run(self, command: Sequence[str]) -> str | None:
        return self.commands.get(command[0])

    def _access(self, path: Path, mode: int) -> bool:
        assert mode & (os.R_OK | os.W_OK)
        return path.exists() and f"/{path.relative_to(self.root)}" not in self.closed


def raspberry(root: Path, board: tuple[str, int] = PI_4) -> Machine:
    """A Pi on which all is well."""
    machine = Machine(root)
    machine.board(*board)
    machine.card(1, "sndrpigooglevoi", "snd_rpi_googlevoicehat_soundcar")
    machine.put("/proc/meminfo", "MemTotal:  948304 kB\nMemAvailable:  512000 kB\n")
    machine.put("/proc/sys/kernel/osrelease", "6.12.62+rpt-rpi-v8\n")
    machine.put("/sys/class/thermal/thermal_zone0/temp", "48312\n")
    machine.put("/sys/devices/platform/soc/soc:firmware/get_throttled", "0\n")
    machine.put("/boot/firmware/config.txt", "[all]\ndtoverlay=googlevoicehat-soundcard\ndtparam=audio=off\n")
    for device in ("mem", "vcio", "snd/pcmC1D0c", "gpiochip0", "spidev0.0", "leds0"):
        machine.put(f"/dev/{device}")
    machine.put("/run/systemd/timesync/synchronized")
    return machine
