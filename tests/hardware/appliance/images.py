"""Images that look like Raspberry Pi OS, in miniature: the same partitions, names and loaders, and nothing to boot."""

import json
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from hardware.appliance.manifest import Entry, Manifest, sha256, write_manifest
from hardware.appliance.requirements import fingerprint
from hardware.appliance.systems import SYSTEMS
from hardware.appliance.wheelhouse import PROJECT

BOOT_SECTOR, BOOT_SECTORS = 8192, 98304
"""48 MiB: the smallest that FAT32 is made in with room for a payload."""
ROOT_SECTOR, ROOT_SECTORS = BOOT_SECTOR + BOOT_SECTORS, 16384
SIZE = (ROOT_SECTOR + ROOT_SECTORS) * 512
_CMDLINE = "console=serial0,115200 console=tty1 root=PARTUUID=4e639091-02 rootfstype=ext4 fsck.repair=yes rootwait"
CMDLINE = {
    "bookworm": f"{_CMDLINE} quiet init=/usr/lib/raspberrypi-sys-mods/firstboot\n",
    "trixie": f"{_CMDLINE} resize\n",
}
LOADERS = {
    "arm64": "usr/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1",
    "armhf": "usr/lib/arm-linux-gnueabihf/ld-linux-armhf.so.3",
}
TOOLS = ("sfdisk", "mkfs.vfat", "mcopy", "mke2fs", "debugfs", "lsblk")


def need_tools() -> None:
    """Skip where images can't be made, and fail there with LAMPYRIS_CARD=required; pytest tells the reason."""
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    reason = f"Flashing is NOT tested: that needs {', '.join(missing)}."
    if missing and os.environ.get("LAMPYRIS_CARD") == "required":
        pytest.fail(reason)
    if missing:
        pytest.skip(reason)


def make_image(
    path: Path, system: str = "bookworm", arch: str = "arm64", pi: bool = True, first_boot: bool = True
) -> Path:
    """An image. pi: Raspberry Pi OS, else plain Debian. first_boot: with what starts a first boot."""
    need_tools()
    folder = path.with_suffix(".files")
    boot, root = folder / "boot", folder / "root"
    boot.mkdir(parents=True)
    (boot / "cmdline.txt").write_text(CMDLINE.get(system, "quiet\n"))
    (boot / "config.txt").write_text("dtparam=audio=on\n[all]\n")
    files = {"usr/lib/os-release": f'ID=debian\nVERSION_CODENAME="{system}"\n', LOADERS[arch]: "a loader"}
    if pi:
        files["etc/rpi-issue"] = "Raspberry Pi reference 2025-05-13\n"
    if first_boot and system == "trixie":
        (boot / "user-data").write_text("#cloud-config\n")
        (boot / "meta-data").write_text("instance_id: rpios-image\n")
    elif first_boot:
        files["usr/lib/raspberrypi-sys-mods/imager_custom"] = "#!/bin/sh\n"
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    fat, ext = path.with_suffix(".fat"), path.with_suffix(".ext4")
    _sized(fat, BOOT_SECTORS)
    _sized(ext, ROOT_SECTORS)
    _do("mkfs.vfat", "-F", "32", "-s", "1", "-n", "bootfs", str(fat))
    _do("mcopy", "-i", str(fat), *map(str, sorted(boot.iterdir())), "::")
    _do("mke2fs", "-q", "-t", "ext4", "-d", str(root), "-L", "rootfs", str(ext))
    _sized(path, ROOT_SECTOR + ROOT_SECTORS)
    table = f"label: dos\nlabel-id: 0x4e639091\nstart={BOOT_SECTOR}, size={BOOT_SECTORS}, type=c\n"
    table += f"start={ROOT_SECTOR}, size={ROOT_SECTORS}, type=83\n"
    subprocess.run(["sfdisk", "--quiet", str(path)], input=table, text=True, check=True)
    with path.open("r+b") as image:
        for source, sector in ((fat, BOOT_SECTOR), (ext, ROOT_SECTOR)):
            image.seek(sector * 512)
            image.write(source.read_bytes())
            source.unlink()
    shutil.rmtree(folder)
    tell_hash(path)
    return path


def tell_hash(path: Path) -> None:
    """As the download page does: the hash in a file beside."""
    path.with_name(f"{path.name}.sha256").write_text(f"{sha256(path)}  {path.name}\n")


def make_wheelhouse(folder: Path, system: str = "bookworm", wanted: str | None = None) -> Path:
    """One small wheel and its manifest. wanted: the hash of other requirements than this release's."""
    folder.mkdir(parents=True)
    wheel = folder / "firefly-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("firefly-1.0.dist-info/METADATA", "Name: firefly\nVersion: 1.0\nLicense-Expression: MIT\n")
        archive.writestr("firefly-1.0.dist-info/licenses/LICENSE", "text\n")
    entry = Entry(wheel.name, sha256(wheel), wheel.stat().st_size, "MIT", "downloaded")
    write_manifest(folder, Manifest(system, SYSTEMS[system].python, wanted or fingerprint(PROJECT), (entry,)))
    return folder


def seed(content: bytes) -> dict:
    """The JSON in a file of cloud-init."""
    return dict(json.loads(content.decode().removeprefix("#cloud-config\n")))


def _sized(path: Path, sectors: int) -> None:
    with path.open("wb") as file:
        file.truncate(sectors * 512)


def _do(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
