"""A loop device that stands in for a card: flashed like one, and then booted as far as a chroot can."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hardware.appliance.fat import Fat, Partition, partitions
from tests.appliance.report import Report


@contextmanager
def attached(backing: Path, size: int) -> Iterator[Path]:
    """A loop device over a file of this size that held something else before."""
    with backing.open("wb") as file:
        file.write(bytes(range(256)) * 8192)
        file.truncate(size)
    with _loop(str(backing)) as device:
        yield device


@contextmanager
def booted(card: Path, folder: Path, report: Report) -> Iterator[Path]:
    """Its system, mounted at the folder, with what is on its boot partition in boot/firmware.

    The boot partition is copied in, and what changed is copied back, because a kernel may lack its file system.
    """
    boot, root = partitions(card)
    folder.mkdir(parents=True, exist_ok=True)
    with _loop("--offset", str(root.start), "--sizelimit", str(root.size), str(card)) as device:
        report.run(["mount", device, folder])
        try:
            firmware = folder / "boot/firmware"
            report.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", firmware])
            try:
                _copy(card, boot, firmware, report)
                yield folder
                _copy_back(card, boot, firmware)
            finally:
                report.run(["umount", firmware])
        finally:
            report.run(["umount", folder])


def _copy(card: Path, boot: Partition, firmware: Path, report: Report) -> None:
    report.run(
        ["mcopy", "-s", "-n", "-i", f"{card}@@{boot.start}", "::*", firmware],
        PATH="/usr/bin:/bin",
        MTOOLS_SKIP_CHECK="1",
    )


def _copy_back(card: Path, boot: Partition, firmware: Path) -> None:
    fat = Fat(card, boot.start)
    for path in sorted(firmware.rglob("*")):
        if path.is_file() and path.suffix != ".tar":
            fat.write(path.relative_to(firmware).as_posix(), path.read_bytes())


@contextmanager
def _loop(*arguments: str) -> Iterator[Path]:
    made = subprocess.run(["losetup", "--find", "--show", *arguments], capture_output=True, text=True, check=True)
    device = made.stdout.strip()
    try:
        yield Path(device)
    finally:
        subprocess.run(["losetup", "--detach", device], check=True)
