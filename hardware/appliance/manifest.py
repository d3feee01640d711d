"""The list of what a wheelhouse or a card's payload holds, with hashes."""

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hardware.errors import HardwareError
from hardware.words import printable

NAME = "manifest.json"
FORMAT = 1
_AGAIN = "build it again with: ./setup.sh wheelhouse"


@dataclass(frozen=True)
class Entry:
    """path: below the folder, with /. sha256: hexadecimal. size: bytes. license: as the package itself names it.

    origin: "downloaded" from the registry, "built" here, or "debian" for a package of Debian.
    """

    path: str
    sha256: str
    size: int
    license: str
    origin: str


@dataclass(frozen=True)
class Manifest:
    """system: code name of the system it is for. python: major.minor. wanted: hash of what was asked for.

    files: in the order of their paths.
    """

    system: str
    python: str
    wanted: str
    files: tuple[Entry, ...]


def sha256(path: Path) -> str:
    """The file's SHA-256, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write it into the folder, beside and then renamed, so that it is whole or not there."""
    part = folder / f"{NAME}.part"
    text = json.dumps({"format": FORMAT, **asdict(manifest)}, indent=1) + "\n"
    with part.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.rename(folder / NAME)


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a folder. Raises HardwareError when there is none that can be read."""
    path = folder / NAME
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["format"] != FORMAT:
            raise HardwareError(f"{path} is of format {found['format']}, this release reads {FORMAT}; {_AGAIN}.")
        files = tuple(_entry(each) for each in found["files"])
        return Manifest(str(found["system"]), str(found["python"]), str(found["wanted"]), files)
    except FileNotFoundError:
        raise HardwareError(f"{folder} is no wheelhouse, it has no {NAME}; {_AGAIN}.") from None
    except OSError as error:
        raise HardwareError(f"{path} can't be read ({error.strerror}); give yourself the right to it.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise HardwareError(f"{path} is damaged ({printable(str(error))}); {_AGAIN}.") from error


def check_files(folder: Path, manifest: Manifest) -> None:
    """Raise HardwareError unless the folder holds what its manifest lists, every byte of it, and no other wheel."""
    for entry in manifest.files:
        path = folder / entry.path
        try:
            good = path.stat().st_size == entry.size and sha256(path) == entry.sha256
        except OSError as error:
            raise HardwareError(f"{path} can't be read ({error.strerror}); {_AGAIN}.") from error
        if not good:
            raise HardwareError(f"{path} is not as it was built, its hash differs; {_AGAIN}.")
    listed = {entry.path for entry in manifest.files}
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder).as_posix()
        if path.suffix in (".whl", ".deb") and relative not in listed:
            raise HardwareError(f"{path} is not in the manifest, so it isn't trusted; remove it, or {_AGAIN}.")


def _entry(found: dict[str, Any]) -> Entry:
    entry = Entry(
        str(found["path"]), str(found["sha256"]), int(found["size"]), str(found["license"]), str(found["origin"])
    )
    if entry.path.startswith("/") or ".." in entry.path.split("/"):
        raise ValueError(f"the path {entry.path!r} leads out of the folder")
    return entry
