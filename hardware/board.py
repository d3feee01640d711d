"""Which Raspberry Pi this is, as the kernel tells it."""

import re
from dataclasses import dataclass
from pathlib import Path

_NEW_STYLE = 1 << 23  # of a revision: the bits are fields then, not a running number
_BCM2712 = 4  # the chip of the Pi 5 and its kin, whose pins hang on another chip, the RP1


@dataclass(frozen=True)
class Board:
    """model: as the kernel names it, empty when it names none. revision: the board's code, None when there is none."""

    model: str = ""
    revision: int | None = None

    @property
    def raspberry(self) -> bool:
        """Whether it is a Raspberry Pi of any kind."""
        return "Raspberry Pi" in self.model or self.revision is not None

    @property
    def rp1(self) -> bool:
        """Whether its pins are driven by an RP1: Pi 5, 500 and Compute Module 5."""
        if self.revision is not None:
            return bool(self.revision & _NEW_STYLE) and (self.revision >> 12) & 0xF >= _BCM2712
        return re.search(r"Raspberry Pi (5|500|Compute Module 5)\b", self.model) is not None

    def __str__(self) -> str:
        if not self.raspberry:
            return "this computer"
        code = "" if self.revision is None else f" (revision {self.revision:x})"
        return (self.model or "this Raspberry Pi") + code


def read_board(proc: str | Path = "/proc") -> Board:
    """The board from device-tree/ and cpuinfo under `proc`; an empty Board where neither says anything."""
    proc = Path(proc)
    model = _bytes(proc / "device-tree/model").rstrip(b"\0\n").decode(errors="replace")
    code = _bytes(proc / "device-tree/system/linux,revision")
    if len(code) == 4:
        return Board(model, int.from_bytes(code, "big"))
    # 32-bit kernels, and 64-bit ones before the device tree said it.
    line = re.search(rb"^Revision\s*: *([0-9a-fA-F]+)\s*$", _bytes(proc / "cpuinfo"), re.MULTILINE)
    return Board(model, int(line[1], 16) if line else None)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
