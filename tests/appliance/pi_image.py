"""An image as Raspberry Pi OS comes in, over an emulated root of its Debian.

What is Raspberry Pi OS's own and not Debian's is pretended: /etc/rpi-issue, and in Bookworm imager_custom and userconf,
which write down how they are called. Trixie has the real cloud-init, with the settings of Raspberry Pi OS.
"""

import shutil
import subprocess
from pathlib import Path

from hardware.appliance.emulate import Chroot, copy_root, remove_root
from hardware.appliance.systems import System
from tests.appliance.report import Report
from tests.hardware.appliance.images import CMDLINE, tell_hash
from tests.hardware.appliance.pretend_pi import IMAGER_CUSTOM, USERCONF

CONFIG = "# For more options see http://rptl.io/configtxt\ndtparam=audio=on\ncamera_auto_detect=1\n[cm5]\ndtoverlay=dwc2\n[all]"
SECTOR = 512
BOOT_START, BOOT_SIZE = 16384 * SECTOR, 512 << 20
SPARE = 1200 << 20
"""Bytes free on the system's partition: a chroot can't enlarge it, as a first boot does."""
_CLOUD = """datasource_list: [NoCloud, None]
datasource:
  NoCloud:
    seedfrom: file:///boot/firmware/
# A chroot has no disk of its own to enlarge.
growpart: {mode: "off"}
resize_rootfs: false
"""


def make_pi_root(clean: Path, root: Path, system: System, report: Report) -> None:
    """A copy of the clean root with what Raspberry Pi OS adds; one that is there already stays."""
    if root.exists():
        return
    part = root.with_name(f"{root.name}-begun")
    remove_root(part)
    copy_root(clean, part)
    _write(part / "etc/rpi-issue", "Raspberry Pi reference 2026-01-01 (pretended)\n")
    _write(part / "boot/firmware/.keep", "")
    (part / "boot/firmware/.keep").unlink()
    if system.name == "trixie":
        inside = Chroot(part, network=True)
        inside.borrow_network()
        report.finished(inside.run("apt-get", "-qq", "update"))
        install = ("apt-get", "-qq", "-y", "--no-install-recommends", "install", "cloud-init", "netplan.io")
        report.finished(inside.run(*install))
        report.finished(inside.run("apt-get", "clean"))
        _write(part / "etc/cloud/cloud.cfg.d/99_raspberry-pi.cfg", _CLOUD)
    else:
        _write(part / "usr/lib/raspberrypi-sys-mods/imager_custom", IMAGER_CUSTOM, 0o755)
        _write(part / "usr/lib/userconf-pi/userconf", USERCONF, 0o755)
    part.rename(root)


def make_image(root: Path, system: System, out: Path) -> None:
    """The two partitions of Raspberry Pi OS in an image file, with its hash in a file beside."""
    boot = out.with_suffix(".boot")
    shutil.rmtree(boot, ignore_errors=True)
    boot.mkdir()
    (boot / "cmdline.txt").write_text(CMDLINE[system.name])
    (boot / "config.txt").write_text(CONFIG)
    if system.name == "trixie":
        (boot / "user-data").write_text("#cloud-config\n")
        (boot / "meta-data").write_text("dsmode: local\ninstance_id: rpios-image\n")
        (boot / "network-config").write_text("")
    used = int(_do("du", "--summarize", "--block-size=1", str(root)).split()[0])
    size = -(-(used + used // 5 + SPARE) // (4 << 20)) * (4 << 20)
    fat, ext = out.with_suffix(".fat"), out.with_suffix(".ext4")
    for path, length in ((fat, BOOT_SIZE), (ext, size), (out, BOOT_START + BOOT_SIZE + size)):
        with path.open("wb") as file:
            file.truncate(length)
    _do("mkfs.vfat", "-F", "32", "-n", "bootfs", str(fat))
    _do("mcopy", "-i", str(fat), *map(str, sorted(boot.iterdir())), "::")
    _do("mke2fs", "-q", "-t", "ext4", "-L", "rootfs", "-d", str(root), str(ext))
    table = f"label: dos\nstart={BOOT_START // SECTOR}, size={BOOT_SIZE // SECTOR}, type=c\n"
    table += f"start={(BOOT_START + BOOT_SIZE) // SECTOR}, size={size // SECTOR}, type=83\n"
    subprocess.run(["sfdisk", "--quiet", str(out)], input=table, text=True, check=True)
    for source, place in ((fat, BOOT_START), (ext, BOOT_START + BOOT_SIZE)):
        _do("dd", f"if={source}", f"of={out}", "bs=4M", f"seek={place}", "oflag=seek_bytes", "conv=notrunc,sparse")
        source.unlink()
    shutil.rmtree(boot)
    tell_hash(out)


def _write(path: Path, text: str, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


def _do(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
