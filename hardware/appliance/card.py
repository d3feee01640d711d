"""A card in a reader: may it be overwritten?"""

import json
import os
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hardware.errors import HardwareError
from hardware.words import printable

LISTED = "see 'lsblk' for what there is"
_COLUMNS = "PATH,TYPE,SIZE,RO,RM,HOTPLUG,TRAN,MODEL,MOUNTPOINTS"


@dataclass(frozen=True)
class Card:
    """path: of the whole device. size: bytes. title: how the system describes it."""

    path: Path
    size: int
    title: str


def check_card(path: Path, needed: int, fixed: bool) -> Card:
    """The card, if it may be overwritten by `needed` bytes. fixed: also when the system takes it for a fixed disk.

    Raises HardwareError for what is no whole disk, read-only, in use by this system, fixed or too small.
    """
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise HardwareError(f"There is no {path} ({error.strerror}); {LISTED}.") from error
    if not stat.S_ISBLK(mode):
        raise HardwareError(f"{path} is no card but a file; prepare an image file with --into {path}.")
    found = _lsblk(path)
    if found["type"] not in ("disk", "loop"):
        raise HardwareError(f"{path} is a part of a disk; name the whole one; {LISTED}.")
    used = sorted(_mounts(found))
    if set(used) & {"/", "/boot", "/boot/firmware", "/boot/efi", "/usr", "/var", "/home", "[SWAP]"}:
        raise HardwareError(f"{path} is the disk of this very system ({', '.join(used)}); it isn't touched; {LISTED}.")
    if used:
        raise HardwareError(f"{path} is mounted at {', '.join(used)}; unmount it first: sudo umount {used[0]}")
    if found["ro"]:
        raise HardwareError(f"{path} is read-only; slide the little lock on the card's side up.")
    removable = found["rm"] or found["hotplug"] or found["tran"] in ("usb", "mmc", "sdio") or "mmcblk" in path.name
    if not (removable or fixed):
        raise HardwareError(
            f"{path} is a fixed disk by what it says; if you are sure that it is a card, say so with --fixed; {LISTED}."
        )
    size = int(found["size"])
    if size < needed:
        raise HardwareError(
            f"{path} is too small, it has {size / 1e9:.1f} GB and {needed / 1e9:.1f} GB are needed; take a larger card."
        )
    _check_alone(path)
    title = " ".join(str(found["model"] or "a card").split())
    return Card(path, size, f"{printable(title)}, {size / 1e9:.1f} GB")


def confirm(card: Card) -> None:
    """Let the user type the device's name. Raises HardwareError when it is another, or nobody is there to ask."""
    name = card.path.name
    if not sys.stdin.isatty():
        raise HardwareError(f"Nobody is there to agree that {card.path} is overwritten; say so with --yes.")
    try:
        told = input(f"All on {card.path} ({card.title}) will be lost. Type {name} to go on: ")
    except EOFError:
        told = ""
    if told.strip() not in (name, str(card.path)):
        raise HardwareError(f"{card.path} was left as it is, because {name} wasn't typed.")


def _lsblk(path: Path) -> dict[str, Any]:
    done = subprocess.run(
        ["lsblk", "--json", "--bytes", "--output", _COLUMNS, str(path)], capture_output=True, text=True, check=False
    )
    try:
        device: dict[str, Any] = json.loads(done.stdout)["blockdevices"][0]
    except (ValueError, KeyError, IndexError) as error:
        raise HardwareError(f"lsblk says nothing of {path}; {LISTED}.") from error
    return device


def _mounts(device: dict[str, Any]) -> set[str]:
    """Where it and all that is on it are mounted: partitions, and what is encrypted or joined on top of them."""
    found = {str(place) for place in device.get("mountpoints") or [] if place}
    for child in device.get("children") or []:
        found |= _mounts(child)
    return found


def _check_alone(path: Path) -> None:
    """The kernel's own word that nobody uses it."""
    try:
        os.close(os.open(path, os.O_RDONLY | os.O_EXCL | os.O_CLOEXEC))
    except OSError as error:
        if isinstance(error, PermissionError):
            raise HardwareError(f"{path} can't be opened ({error.strerror}); run it by sudo.") from error
        raise HardwareError(f"{path} is in use ({error.strerror}); close what uses it, and run it again.") from error
