"""The few packages of Debian that Raspberry Pi OS Lite lacks, for a Pi without a network."""

import shutil
from pathlib import Path

from hardware.appliance.emulate import Chroot
from hardware.appliance.systems import System


def gather_debs(clean: Chroot, system: System, folder: Path) -> list[Path]:
    """The system's libraries and all that they need beyond a fresh system, into the folder.

    clean: a fresh root with a network and a folder for packages at /debs.
    """
    clean.borrow_network()
    inside = clean.root / "debs-now"
    shutil.rmtree(inside, ignore_errors=True)
    (inside / "partial").mkdir(parents=True)
    clean.check("apt-get", "-qq", "update")
    clean.check(
        *("apt-get", "-qq", "-y", "--no-install-recommends", "--download-only"),
        *("-o", "Dir::Cache::archives=/debs-now", "install", *system.libraries),
    )
    debs = []
    folder.mkdir(parents=True, exist_ok=True)
    for deb in sorted(inside.glob("*.deb")):
        # apt writes the colon of an epoch as %3a; a plain name survives every file system.
        debs.append(folder / deb.name.replace("%3a", "-"))
        shutil.copyfile(deb, debs[-1])
    return debs


def deb_copyright(clean: Chroot, deb: Path) -> bytes:
    """The package's own account of its authors and licenses; empty when it has none."""
    scratch = clean.root / "debs-now" / "opened"
    shutil.rmtree(scratch, ignore_errors=True)
    shutil.copyfile(deb, clean.root / "debs-now" / "one.deb")
    clean.check("dpkg-deb", "-x", "/debs-now/one.deb", "/debs-now/opened")
    found = sorted(path for path in (scratch / "usr/share/doc").glob("*/copyright") if path.is_file())
    return found[0].read_bytes() if found else b""
