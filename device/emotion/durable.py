"""Writing so that a power cut leaves the old or the new, never a half: what is named is on the disk."""

import fcntl
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from device.errors import InputError


def write_file(path: Path, data: bytes, mode: int = 0o666, new: bool = False) -> None:
    """Write `data` and wait until it is on the disk. mode: rights of a file that is made (less the umask).

    new: never over a file that is there. Raises OSError (FileExistsError).
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | (os.O_EXCL if new else os.O_TRUNC), mode)
    try:
        left = memoryview(data)
        while left:
            left = left[os.write(handle, left) :]
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Wait until the names in `folder` are on the disk. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def part_of(path: Path) -> Path:
    """Where this process writes what is to become `path`."""
    return path.with_name(f".{path.name}-{os.getpid()}.part")


def replace_file(path: Path, data: bytes) -> None:
    """Put `data` in the place of `path`: there is the old or the new content at any time. Raises OSError."""
    part = part_of(path)
    try:
        write_file(part, data)
        os.replace(part, path)
    except BaseException:  # Ctrl-C too
        part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def replace_link(link: Path, target: str) -> None:
    """Make `link` lead to `target`: it leads to the old or to the new at any time. Raises OSError."""
    part = part_of(link)
    part.unlink(missing_ok=True)
    try:
        os.symlink(target, part)
        os.replace(part, link)
    except BaseException:  # Ctrl-C too
        part.unlink(missing_ok=True)
        raise
    sync_folder(link.parent)


def write_beside(folder: Path, files: Mapping[str, bytes]) -> Path:
    """A new folder beside `folder` with these files, whole on the disk: to be renamed. Raises OSError, leaves nothing
    then."""
    beside = Path(mkdtemp(prefix=f".{folder.name}-", suffix=".part", dir=folder.parent))
    try:
        for name, data in files.items():
            write_file(beside / name, data)
        beside.chmod(0o755)
        sync_folder(beside)
    except BaseException:  # Ctrl-C too
        rmtree(beside, ignore_errors=True)
        raise
    return beside


@contextmanager
def locked(folder: Path, wait_s: float) -> Iterator[None]:
    """Alone in `folder`, among those who ask. Raises InputError if another one is at work for longer than `wait_s`."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)  # the folder itself: no lock file is ever left
    try:
        deadline = time.monotonic() + wait_s
        while not _lock(handle):
            if time.monotonic() > deadline:
                raise InputError(f"Another command is changing {folder}; wait until it is done.")
            time.sleep(0.05)
        yield
    finally:
        os.close(handle)


def _lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
