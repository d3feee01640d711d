"""Where bundles are installed, and what to say when nothing can be read or written there."""

import errno
import os
from pathlib import Path

from device.errors import InputError

_ELSEWHERE = "choose another one with --store DIR or LAMPYRIS_STORE"
_ADVICE = {
    errno.EACCES: "give yourself the right to it",
    errno.EPERM: "give yourself the right to it",
    errno.ENOSPC: "make room there",
    errno.EDQUOT: "make room there",
    errno.EROFS: "make it writable",
}


def default_store() -> Path | None:
    """Where bundles are installed unless told otherwise; None if this user has no home."""
    if store := os.environ.get("LAMPYRIS_STORE"):
        return store_at(store)
    data = os.environ.get("XDG_DATA_HOME", "")
    if not os.path.isabs(data):  # as the XDG standard has it
        data = os.path.expanduser("~/.local/share")
    return Path(data, "lampyris", "bundles") if os.path.isabs(data) else None


def store_at(text: str) -> Path:
    """The folder that was named; a ~ that no shell has expanded (as in a unit file, or in --store=~/x) is the home."""
    return Path(os.path.expanduser(text))


def check_place(folder: Path) -> None:
    """Raise InputError if this is no folder that can be read; it need not be there yet."""
    try:
        os.listdir(folder)
    except FileNotFoundError:
        return
    except OSError as error:
        raise trouble(folder, error, "read") from error


def trouble(folder: Path, error: OSError, what: str) -> InputError:
    """What to raise when the store can't be read or changed. what: which of the two."""
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        file = next((path for path in (folder, *folder.parents) if os.path.lexists(path)), folder)
        if not os.path.isdir(file):
            where = "it" if file == folder else str(file)
            return InputError(f"The store {folder} cannot be used, {where} is a file, not a folder: {_ELSEWHERE}.")
    advice = _ADVICE.get(error.errno or 0, "see what is wrong with the disk")
    return InputError(f"The store {folder} cannot be {what} ({error.strerror}): {advice}, or {_ELSEWHERE}.")
