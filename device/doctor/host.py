"""Host: the machine that is looked at, or a folder that stands in for it."""

import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hardware.board import Board, read_board

PATIENCE_S = 5.0


def run_command(command: Sequence[str]) -> str | None:
    """What a command prints; None if there is none of that name, or it fails or takes more than PATIENCE_S."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE_S, check=True
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return None
    return done.stdout


@dataclass(frozen=True)
class Host:
    """root: what stands for "/". run: a command to what it prints, or None. uid: who runs this.

    access: (path, mode) -> whether this user may, as os.access, which knows groups, lists and capabilities.
    """

    root: Path = Path("/")
    run: Callable[[Sequence[str]], str | None] = run_command
    access: Callable[[Path, int], bool] = os.access
    uid: int = field(default_factory=os.geteuid)

    def path(self, name: str) -> Path:
        """Where a file of this machine, as "/proc/version", is."""
        return self.root / name.lstrip("/")

    def text(self, name: str) -> str | None:
        """What is in it; None if it can't be read."""
        try:
            return self.path(name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None

    def number(self, name: str) -> int | None:
        """The whole number in it; None if there is none."""
        try:
            return int(self.text(name) or "")
        except ValueError:
            return None

    @property
    def proc(self) -> Path:
        """Where the kernel tells of itself."""
        return self.path("/proc")

    @property
    def board(self) -> Board:
        """Which Raspberry Pi it is, if any."""
        return read_board(self.proc)
