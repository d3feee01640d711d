"""Machine: what setup.sh finds, before it changes anything."""

import re
import shutil
from dataclasses import dataclass

from hardware.appliance.root import Root
from hardware.appliance.shell import Shell
from hardware.board import Board, read_board


@dataclass(frozen=True)
class Machine:
    """architecture: of the system's programs, as Debian calls it; a 64-bit kernel may run a 32-bit system.

    system: Debian's code name. python: major.minor of its python3, empty if it has none. board: of the Raspberry Pi.
    free_bytes: on the disk that /opt is on. overlaid: the disk is read-only under a layer in memory.
    running: systemd runs, so services can be started.
    """

    architecture: str
    system: str
    python: str
    board: Board
    free_bytes: int
    overlaid: bool
    running: bool


def read_machine(root: Root, shell: Shell) -> Machine:
    """Look at it; nothing is changed."""
    python = shell.ask("/usr/bin/python3", "-c", "import sys; print('%d.%d' % sys.version_info[:2])") or ""
    return Machine(
        architecture=(shell.ask("dpkg", "--print-architecture") or "").strip(),
        system=_release(root).get("VERSION_CODENAME", ""),
        python=python.strip(),
        board=read_board(root.path("/proc")),
        free_bytes=shutil.disk_usage(root.folder).free,
        overlaid=re.search(rb"(?m)^overlay\S* / overlay ", root.read("/proc/mounts") or b"") is not None,
        running=root.here and root.exists("/run/systemd/system"),
    )


def _release(root: Root) -> dict[str, str]:
    text = (root.read("/etc/os-release") or b"").decode(errors="replace")
    return dict(re.findall(r'(?m)^(\w+)="?([^"\n]*)"?$', text))
