"""An image of Raspberry Pi OS: is it what was meant to be downloaded, and can it become a lamp?"""

import hashlib
import lzma
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hardware.appliance.fat import Fat, Partition, partitions
from hardware.appliance.manifest import sha256
from hardware.appliance.systems import SYSTEMS, System
from hardware.errors import HardwareError
from hardware.words import printable

BLOCK = 4 << 20
_LOADER = "/usr/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1"
_LOADER_32 = "/usr/lib/arm-linux-gnueabihf/ld-linux-armhf.so.3"
TAKE = "take Raspberry Pi OS Lite (64-bit), of Bookworm or Trixie"


@dataclass(frozen=True)
class Image:
    """A plain image file. boot, root: its partitions. cloud: first boot is by cloud-init, else by systemd.run."""

    path: Path
    size: int
    boot: Partition
    root: Partition
    system: System
    cloud: bool


def check_hash(image: Path, told: str | None) -> str:
    """The image's SHA-256. told: what it must be, else it is taken from the file beside, NAME.sha256.

    Raises HardwareError when it differs, or when nobody tells what it must be.
    """
    beside = image.with_name(f"{image.name}.sha256")
    if told is None:
        try:
            told = beside.read_text(encoding="ascii", errors="replace").split()[0]
        except (OSError, IndexError):
            raise HardwareError(
                f"Nobody tells what the hash of {image} must be; download {beside.name} to it, or give --sha256 HEX "
                "from the page that you have the image from."
            ) from None
    if not re.fullmatch(r"[0-9a-fA-F]{64}", told):
        raise HardwareError(f"{printable(told)!r} is no SHA-256, that has 64 hexadecimal digits; see --sha256.")
    try:
        found = sha256(image)
    except OSError as error:
        raise HardwareError(f"The image {image} can't be read ({error.strerror}); see --image.") from error
    if found != told.lower():
        raise HardwareError(
            f"{image} is damaged or another one: its SHA-256 is {found}, it must be {told.lower()}; download it again."
        )
    return found


def unpack(image: Path, digest: str, work: Path, say: Callable[[str], None]) -> Path:
    """The plain image: the file itself, or for .xz what is in it, kept below `work` for the next time.

    Raises HardwareError when it is damaged or the disk is full; nothing half unpacked is ever taken for whole.
    """
    if image.suffix != ".xz":
        return image
    plain, seal = work / f"{digest[:16]}.img", work / f"{digest[:16]}.sha256"
    if plain.exists() and seal.exists() and sha256(plain) == seal.read_text(encoding="ascii"):
        return plain
    say(f"Unpacking {image.name} …")
    part = plain.with_suffix(".part")
    hashed = hashlib.sha256()
    try:
        work.mkdir(parents=True, exist_ok=True)
        with lzma.open(image) as packed, part.open("wb") as out:
            while block := packed.read(BLOCK):
                hashed.update(block)
                out.write(block)
            out.flush()
            os.fsync(out.fileno())
        seal.write_text(hashed.hexdigest(), encoding="ascii")
        part.rename(plain)
    except (lzma.LZMAError, EOFError) as error:
        part.unlink(missing_ok=True)
        raise HardwareError(f"{image} can't be unpacked ({error}); download it again.") from error
    except OSError as error:
        part.unlink(missing_ok=True)
        raise HardwareError(
            f"{image} can't be unpacked into {work} ({error.strerror}); make room, or choose another with --work DIR."
        ) from error
    return plain


def inspect(path: Path) -> Image:
    """What is in a plain image. Raises HardwareError unless it is 64-bit Raspberry Pi OS that the lamp is made for."""
    boot, root = partitions(path)
    size = path.stat().st_size
    if root.start + root.size > size:
        raise HardwareError(f"{path} is cut off, its system partition ends beyond it; download it again.")
    names = Fat(path, boot.start).names()
    if "cmdline.txt" not in names or "config.txt" not in names:
        raise HardwareError(f"{path} isn't Raspberry Pi OS, its boot partition has no cmdline.txt; {TAKE}.")
    release = _cat(path, root, "/usr/lib/os-release") or _cat(path, root, "/etc/os-release")
    if _cat(path, root, "/etc/rpi-issue") is None or release is None:
        raise HardwareError(f"{path} isn't Raspberry Pi OS, it has no /etc/rpi-issue; {TAKE}.")
    if _kind(path, root, _LOADER) is None:
        bits = "32-bit" if _kind(path, root, _LOADER_32) is not None else "not 64-bit"
        raise HardwareError(f"{path} is {bits}, and the lamp's packages are for 64-bit; {TAKE}.")
    code = re.search(r'^VERSION_CODENAME="?(\w+)', release, re.MULTILINE)
    system = SYSTEMS.get(code[1] if code else "")
    if system is None:
        raise HardwareError(
            f"{path} is Raspberry Pi OS {code[1] if code else 'of no name'}, which isn't known; {TAKE}."
        )
    cloud = "user-data" in names or "meta-data" in names
    if not cloud and _kind(path, root, "/usr/lib/raspberrypi-sys-mods/imager_custom") is None:
        raise HardwareError(
            f"{path} has neither cloud-init's user-data nor raspberrypi-sys-mods, so its first boot can't be "
            f"prepared; {TAKE}."
        )
    return Image(path, size, boot, root, system, cloud)


def check_tools() -> None:
    """Raise HardwareError, with what to install, unless all programs are here that read and write images."""
    wanted = {"sfdisk": "fdisk", "mcopy": "mtools", "debugfs": "e2fsprogs", "lsblk": "util-linux"}
    missing = sorted({package for program, package in wanted.items() if not shutil.which(program)})
    if missing:
        raise HardwareError(f"Flashing needs {', '.join(missing)}; install with: sudo apt install {' '.join(missing)}")


def _cat(path: Path, root: Partition, name: str) -> str | None:
    done = _debugfs(path, root, f"cat {name}")
    return done if done and "File not found" not in done else None


def _kind(path: Path, root: Partition, name: str) -> str | None:
    """What the inode is, "regular" or so; None when there is none."""
    found = re.search(r"Type: (\w+)", _debugfs(path, root, f"stat {name}"))
    return found[1] if found else None


def _debugfs(path: Path, root: Partition, request: str) -> str:
    command = ["debugfs", "-R", request, f"{path}?offset={root.start}"]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False
    )
    return done.stdout
