"""Everything that would stop an installation, looked at before the first change."""

import os
from pathlib import Path

from hardware.appliance.machine import Machine
from hardware.appliance.manifest import Manifest, check_files
from hardware.appliance.place import CMDLINE, CONFIG
from hardware.appliance.requirements import fingerprint
from hardware.appliance.root import Root
from hardware.appliance.systems import SYSTEMS, System
from hardware.errors import HardwareError

UNPACKED = 5
"""Installed wheels take about four times their packed size; the rest is room to work."""
SPARE_BYTES = 200_000_000


def check_user(root: Root) -> None:
    """Only root may. Raises HardwareError."""
    if not root.frozen and os.geteuid() != 0:
        raise HardwareError("This changes the system, which only root may; run it again with sudo before it.")


def check_machine(root: Root, machine: Machine, any_board: bool) -> System:
    """The system that runs here. Raises HardwareError, with what to do, unless a lamp can be made of it.

    any_board: take a computer that is no Raspberry Pi too.
    """
    if not machine.board.raspberry and not any_board:
        raise HardwareError("This is no Raspberry Pi; to try the lamp on any computer: ./setup.sh demo.")
    if machine.architecture != "arm64" and not any_board:
        raise HardwareError(
            f"This system is {machine.architecture or 'no Debian'}, and the lamp needs a 64-bit one (arm64); write "
            "Raspberry Pi OS Lite (64-bit) to the card."
        )
    system = SYSTEMS.get(machine.system)
    if system is None:
        raise HardwareError(
            f"This is {machine.system or 'no system that names its release'}, and the lamp knows Raspberry Pi OS "
            f"{' and '.join(name.capitalize() for name in SYSTEMS)}; write one of these to the card."
        )
    if machine.python != system.python:
        raise HardwareError(
            f"{system.name.capitalize()} has Python {system.python} at /usr/bin/python3, but here it is "
            f"{machine.python or 'missing'}; put it right with: sudo apt install --reinstall python3."
        )
    if machine.overlaid:
        raise HardwareError(
            "The disk is read-only under a layer in memory, so whatever is installed would be gone at the next start; "
            "run: sudo ./setup.sh install --writable, restart, and install then."
        )
    for name in (CONFIG, CMDLINE):
        if not root.exists(name) and not any_board:
            raise HardwareError(f"There is no {name}; is this Raspberry Pi OS, and its boot partition mounted?")
    return system


def check_wheelhouse(folder: Path, manifest: Manifest, system: System, checkout: Path) -> None:
    """Raise HardwareError unless it is for this system and this checkout, and whole."""
    if (manifest.system, manifest.python) != (system.name, system.python):
        raise HardwareError(
            f"The wheelhouse {folder} is for {manifest.system} (Python {manifest.python}), and this is {system.name} "
            f"({system.python}); make another with: ./setup.sh wheelhouse --os {system.name}."
        )
    if manifest.wanted != fingerprint(checkout):
        raise HardwareError(
            f"The wheelhouse {folder} was made for another release of the lamp; make it again with: ./setup.sh "
            f"wheelhouse --os {system.name}."
        )
    check_files(folder, manifest)


def check_room(machine: Machine, manifest: Manifest) -> None:
    """Raise HardwareError unless a release fits on the disk."""
    needed = UNPACKED * sum(entry.size for entry in manifest.files) + SPARE_BYTES
    if machine.free_bytes < needed:
        raise HardwareError(
            f"The disk has {machine.free_bytes / 1e6:.0f} MB left, and a release wants {needed / 1e6:.0f}; make room, "
            "for example with: sudo apt clean."
        )
