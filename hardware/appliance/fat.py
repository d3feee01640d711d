"""The boot partition of a card or an image file, by mtools: without a mount, and without the kernel's file systems."""

import json
import os
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from hardware.errors import HardwareError
from hardware.words import printable

SECTOR = 512
_FAT_TYPES = ("b", "c", "e", "0b", "0c", "0e")
_LINUX = "83"


@dataclass(frozen=True)
class Partition:
    """start, size: bytes."""

    start: int
    size: int


def partitions(disk: Path) -> tuple[Partition, Partition]:
    """The boot partition and the system's. Raises HardwareError when it isn't parted as Raspberry Pi OS is."""
    done = subprocess.run(["sfdisk", "--json", str(disk)], capture_output=True, text=True, check=False)
    try:
        table = json.loads(done.stdout)["partitiontable"]
        sector = int(table.get("sectorsize", SECTOR))
        found = [
            (str(each["type"]).lower(), Partition(int(each["start"]) * sector, int(each["size"]) * sector))
            for each in sorted(table["partitions"], key=lambda each: int(each["start"]))
        ]
    except (ValueError, KeyError, TypeError):
        found = []
    if len(found) != 2 or found[0][0] not in _FAT_TYPES or found[1][0] != _LINUX:
        raise HardwareError(
            f"{disk} isn't an image of Raspberry Pi OS: that has a FAT partition and a Linux partition in an MBR; "
            "take Raspberry Pi OS Lite (64-bit)."
        )
    return found[0][1], found[1][1]


class Fat:
    """The FAT file system at `start` bytes into a device or a file. Names are below its root, with /."""

    def __init__(self, disk: Path, start: int) -> None:
        self._disk = disk
        self._drive = f"{disk}@@{start}"

    def names(self, folder: str = "") -> list[str]:
        """What a folder holds, folders with a / at the end; empty when there is no such folder."""
        done = self._run("mdir", "-b", f"::{folder}")
        return sorted(line.strip().removeprefix("::/") for line in done.stdout.splitlines() if line.strip())

    def read(self, name: str) -> bytes | None:
        """A file's content, None when there is none."""
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder, "copy")
            done = self._run("mcopy", "-n", f"::{name}", str(copy))
            return copy.read_bytes() if done.returncode == 0 and copy.exists() else None

    def write(self, name: str, content: bytes) -> None:
        """Put a file there, in place of one of that name, with the folders above it. Raises HardwareError."""
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder, "copy")
            copy.write_bytes(content)
            self.copy_in(copy, name)

    def copy_in(self, source: Path, name: str) -> None:
        """The same with the content of a file."""
        above = name.split("/")[:-1]
        for depth in range(1, len(above) + 1):
            folder = "/".join(above[:depth])
            if f"{folder}/" not in self.names("/".join(above[: depth - 1])):
                self._check("mmd", f"::{folder}")
        self._check("mcopy", "-o", str(source), f"::{name}")

    def free(self) -> int:
        """Bytes that are free. Raises HardwareError when this is no FAT file system."""
        done = self._check("mdir", "::")
        found = re.search(r"([\d ]+) bytes free", done.stdout)
        return int(found[1].replace(" ", "")) if found else 0

    def sync(self) -> None:
        """Wait until all of it is on the card."""
        handle = os.open(self._disk, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def _check(self, program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        done = self._run(program, *arguments)
        if done.returncode != 0:
            said = printable((done.stderr.strip() or done.stdout.strip()).replace("\n", "; "))
            raise HardwareError(f"The boot partition of {self._disk} can't be written ({said}); flash it again.")
        return done

    def _run(self, program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        # The check would refuse partitions of odd geometry; and no settings of the user's, which could map drives.
        environment = os.environ | {"MTOOLS_SKIP_CHECK": "1", "MTOOLSRC": "/dev/null", "LC_ALL": "C.UTF-8"}
        return subprocess.run(
            [program, "-i", self._drive, *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
