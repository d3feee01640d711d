"""Puts an image on a card, and reads back whether it is there."""

import errno
import fcntl
import hashlib
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from hardware.errors import HardwareError

BLOCK = 4 << 20
_BLKFLSBUF = 0x1261  # <linux/fs.h>: forget what is cached of a block device


class Progress:
    """Tells on a terminal how far it is, elsewhere only every quarter."""

    def __init__(self, what: str, total: int, say: Callable[[str], None]) -> None:
        self._what, self._total, self._say = what, max(total, 1), say
        self._step = 1 if sys.stdout.isatty() else 25
        self._told = 0

    def process(self, done: int) -> None:
        """done: bytes of all."""
        percent = 100 * done // self._total
        if percent >= self._told + self._step:
            self._told = percent - percent % self._step
            self._say(f"{self._what} {self._told:3d} %")


def write_image(image: Path, size: int, target: Path, say: Callable[[str], None]) -> None:
    """Write `size` bytes of the image to a device or file. Its first block, with the partition table, comes last.

    So a card that lost its power halfway has no partitions: nothing boots from it, and nobody takes it for done.
    Raises HardwareError when the card fails or is full.
    """
    progress = Progress("Writing", size, say)
    try:
        with image.open("rb") as source, _opened(target) as out:
            first = source.read(min(BLOCK, size))
            _put(out, bytes(len(first)))
            os.fsync(out.fileno())
            done = len(first)
            while done < size:
                block = source.read(min(BLOCK, size - done))
                if not block:
                    raise HardwareError(f"{image} ended early; it was changed meanwhile. Run it again.")
                _put(out, block)
                done += len(block)
                if done % (16 * BLOCK) == 0:
                    os.fsync(out.fileno())  # else all of it waits in memory, and the progress lies
                progress.process(done)
            os.fsync(out.fileno())
            out.seek(0)
            _put(out, first)
            os.fsync(out.fileno())
    except OSError as error:
        raise HardwareError(f"Writing to {target} failed ({_why(error)}), run it again.") from error


def read_back(image: Path, size: int, target: Path, say: Callable[[str], None]) -> str:
    """Compare what is on the card with the image, byte by byte; its SHA-256. Raises HardwareError where they differ."""
    progress = Progress("Reading back", size, say)
    hashed = hashlib.sha256()
    try:
        with image.open("rb") as source, target.open("rb", buffering=0) as card:
            _forget(card.fileno())
            done = 0
            while done < size:
                wanted = source.read(min(BLOCK, size - done))
                found = b""
                while len(found) < len(wanted) and (more := card.read(len(wanted) - len(found))):
                    found += more
                if found != wanted:
                    raise HardwareError(
                        f"{target} does not hold what was written to it, from {done >> 20} MiB on: the card or its "
                        "reader is broken; take another."
                    )
                hashed.update(found)
                done += len(wanted)
                progress.process(done)
    except OSError as error:
        raise HardwareError(f"Reading back {target} failed ({_why(error)}); take another card or reader.") from error
    return hashed.hexdigest()


def _opened(target: Path) -> BinaryIO:
    """For writing, alone: a mounted device is refused by the kernel. A file is made if there is none."""
    block = target.exists() and stat.S_ISBLK(target.stat().st_mode)
    flags = os.O_WRONLY | os.O_CLOEXEC | (os.O_EXCL if block else os.O_CREAT)
    return os.fdopen(os.open(target, flags, 0o644), "wb", buffering=0)


def _put(out: BinaryIO, block: bytes) -> None:
    left = memoryview(block)
    while left:
        left = left[out.write(left) :]


def _forget(handle: int) -> None:
    """What is read next comes from the card, not from memory."""
    if stat.S_ISBLK(os.fstat(handle).st_mode):
        fcntl.ioctl(handle, _BLKFLSBUF, 0)
    else:
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)


def _why(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return "no space is left; make room or take a larger card"
    return error.strerror or str(error)
