"""The trial of a bundle: a file that counts its starts until one of them has gone well.

STORE/ID.trial is there as long as the bundle ID is on trial. It is made when the bundle is put into use, counted up
before each start, and goes when the bundle has run for a while. What kills the lamp on the way (a crash in the runtime,
the power) leaves its start counted.
"""

from pathlib import Path

from device.emotion.bundle import read_plain
from device.emotion.durable import replace_file, sync_folder
from device.errors import InputError

SUFFIX = ".trial"
MOST_STARTS = 3
"""Not one: the power may be cut in the first seconds of a good bundle."""


def starts(store: Path, bundle_id: str) -> int | None:
    """How many starts of the bundle count so far; None if it is not on trial. Raises InputError."""
    path = store / (bundle_id + SUFFIX)
    try:
        if not path.exists():
            return None
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}): check the rights of its folder.") from error
    text = read_plain(path, 16, "install the bundle again").strip()
    if not text.isdigit():
        raise InputError(f"{path} is damaged (not a number): install the bundle again.")
    return int(text)


def note(store: Path, bundle_id: str, count: int) -> None:
    """The bundle is on trial, with so many starts. Raises OSError."""
    replace_file(store / (bundle_id + SUFFIX), b"%d\n" % count)


def end(store: Path, bundle_id: str) -> None:
    """The bundle has proved itself. Raises OSError."""
    (store / (bundle_id + SUFFIX)).unlink(missing_ok=True)
    sync_folder(store)
