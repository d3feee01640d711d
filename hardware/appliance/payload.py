"""What a card carries beside the system: the project and its wheelhouse, as one file."""

import tarfile
from fnmatch import fnmatch
from pathlib import Path

from hardware.appliance.release import LEFT_OUT, MORE_PARTS, PARTS
from hardware.errors import HardwareError


def write_payload(project: Path, wheelhouse: Path, out: Path) -> None:
    """A tar of project/ and wheelhouse/. The same content gives the same bytes.

    Raises HardwareError for what is no whole checkout, and OSError when there is no room.
    """
    with tarfile.open(out, "w", format=tarfile.PAX_FORMAT) as tar:
        for part in (*PARTS, *MORE_PARTS):
            if (project / part).exists():
                tar.add(project / part, f"project/{part}", filter=_plain)
            elif part in PARTS:
                raise HardwareError(f"{project} is no whole checkout, {part} is missing; get it again.")
        tar.add(wheelhouse, "wheelhouse", filter=_plain)


def _plain(info: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Of root's, without the times and users of this machine."""
    if any(fnmatch(Path(info.name).name, pattern) for pattern in LEFT_OUT):
        return None
    if not (info.isfile() or info.isdir()):
        raise HardwareError(f"{info.name} is no plain file, so it isn't put on a card; remove it.")
    info.uid = info.gid = 0
    info.uname = info.gname = "root"
    info.mtime = 0
    info.mode = 0o755 if info.isdir() or info.mode & 0o100 else 0o644
    info.pax_headers = {}
    return info
