"""Programs in a root of their own. This machine's own root serves, as every process gets mounts of its own."""

import os
import platform
import shutil
from pathlib import Path

import pytest

from hardware.appliance import emulate
from hardware.appliance.emulate import Chroot, check_machine, copy_root, remove_root
from hardware.appliance.systems import SYSTEMS
from hardware.errors import HardwareError

DYING = 'mkdir -p "$folder/proc"; mount -t proc proc "$folder/proc"; echo no such mirror >&2; exit 1\n'
needs_root = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("unshare"), reason="changing into a root needs root, and unshare"
)


@needs_root
def test_a_program_runs_alone_and_leaves_no_mount_behind() -> None:
    before = Path("/proc/self/mounts").read_text()
    chroot = Chroot(Path("/"))
    assert chroot.check("sh", "-c", "echo $$").strip() in ("1", "2")  # process numbers of its own
    assert chroot.check("ls", "/tmp").strip() == ""
    assert chroot.check("ls", "/sys/class/net").split() == ["lo"]  # no network
    assert Path("/proc/self/mounts").read_text() == before


@needs_root
def test_a_failure_is_told_with_its_last_words() -> None:
    with pytest.raises(HardwareError, match=r"sh failed \(3\): never mind"):
        Chroot(Path("/")).check("sh", "-c", "echo never mind >&2; exit 3")


@needs_root
def test_a_folder_of_this_machine_appears(tmp_path: Path) -> None:
    (tmp_path / "note").write_text("hello")
    before = sorted(Path("/mnt").iterdir())
    assert Chroot(Path("/"), {"/mnt": tmp_path}).check("cat", "/mnt/note") == "hello"
    assert sorted(Path("/mnt").iterdir()) == before


def test_a_copy_is_whole_or_not_there(tmp_path: Path) -> None:
    source = tmp_path / "a"
    source.mkdir()
    (source / "file").write_text("x")
    (tmp_path / "b.part").mkdir()  # left by a power loss
    (tmp_path / "b.part" / "half").write_text("")
    copy_root(source, tmp_path / "b")
    assert [path.name for path in (tmp_path / "b").iterdir()] == ["file"]
    assert not (tmp_path / "b.part").exists()
    remove_root(tmp_path / "b")
    assert not (tmp_path / "b").exists()


@needs_root
def test_a_root_that_could_not_be_made_leaves_nothing_mounted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tmp_path / "bin" / "debootstrap"
    tool.parent.mkdir()
    # The folder is the last argument but one; it mounts there, as the real one does, and dies.
    tool.write_text("#!/bin/sh\nfor last; do folder=$part part=$last; done\n" + DYING)
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tool.parent), prepend=":")
    for _ in range(2):
        with pytest.raises(HardwareError, match="The root of bookworm could not be made: no such mirror"):
            emulate.make_root(SYSTEMS["bookworm"], tmp_path / "root", tmp_path / "debs")
        assert str(tmp_path) not in Path("/proc/self/mounts").read_text()
        assert not (tmp_path / "root").exists()


def test_an_emulator_that_systemd_would_register_is_registered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "status").write_text("enabled")
    (tmp_path / "register").write_text("")
    (tmp_path / "qemu-aarch64.conf").write_text(":qemu-aarch64:M::\\x7fELF::/usr/bin/qemu:F\n")
    monkeypatch.setattr(emulate, "_BINFMT", tmp_path)
    monkeypatch.setattr(emulate, "_BINFMT_D", tmp_path / "qemu-aarch64.conf")
    monkeypatch.setattr(emulate.shutil, "which", lambda name: None)
    assert not emulate._arm_runs()  # nobody took it up
    assert (tmp_path / "register").read_text() == (tmp_path / "qemu-aarch64.conf").read_text()


def test_who_is_not_root_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emulate.os, "geteuid", lambda: 1000)
    with pytest.raises(HardwareError, match="run it by sudo"):
        check_machine(SYSTEMS["bookworm"])


def test_what_is_missing_is_named_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emulate.os, "geteuid", lambda: 0)
    monkeypatch.setattr(emulate.shutil, "which", lambda name: None)
    monkeypatch.setattr(emulate, "_arm_runs", lambda: False)
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    with pytest.raises(HardwareError, match="apt install debootstrap util-linux qemu-user-static"):
        check_machine(SYSTEMS["bookworm"])
    monkeypatch.setattr(platform, "machine", lambda: "armv7l")
    with pytest.raises(HardwareError, match="not armv7l"):
        check_machine(SYSTEMS["bookworm"])


def test_an_emulator_that_is_too_old_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    qemu = tmp_path / "qemu-aarch64-static"
    qemu.write_text("#!/bin/sh\necho qemu-aarch64 version 7.2.17\n")
    qemu.chmod(0o755)
    monkeypatch.setattr(emulate.os, "geteuid", lambda: 0)
    monkeypatch.setattr(emulate.shutil, "which", lambda name: str(qemu) if "static" in name else f"/bin/{name}")
    monkeypatch.setattr(emulate, "_arm_runs", lambda: True)
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    check_machine(SYSTEMS["bookworm"])
    with pytest.raises(HardwareError, match="qemu 7, in which the TFLite runtime of trixie crashes"):
        check_machine(SYSTEMS["trixie"])
