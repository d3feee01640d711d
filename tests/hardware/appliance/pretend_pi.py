"""A system to run first boots in: this machine's files under a layer that takes all changes, and what a Raspberry Pi
has beside them. Its programs write down how they were called, and refuse what the real ones refuse."""

import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

IMAGER_CUSTOM = """#!/bin/sh
# As raspberrypi-sys-mods has it: one of its commands, with as many arguments as that takes.
case "$1" in
set_hostname | set_wlan_country) [ $# -eq 2 ] || exit 1 ;;
enable_ssh) ;;
set_wlan) [ $# -ge 2 ] && [ $# -le 4 ] || exit 1 ;;
*) echo "Unsupported command: $1"; exit 1 ;;
esac
printf '%s|' imager_custom "$@" >>/calls
echo >>/calls
"""
USERCONF = """#!/bin/sh
# As userconf-pi has it: a name and what stands for the password in /etc/shadow.
[ $# -eq 2 ] || exit 1
printf '%s|' userconf "$@" >>/calls
echo >>/calls
"""
SYSTEMCTL = """#!/bin/sh
printf '%s|' systemctl "$@" >>/calls
echo >>/calls
"""
SHIM = """#!/bin/sh
# Loses the power before the program is called for the (limit)th time: all but this and the first process are gone.
count=$(($(/bin/cat /count) + 1))
echo $count >/count
if [ $count -eq "$(/bin/cat /limit)" ]; then
    kill -9 -1
    exit 9
fi
exec /bin/{name} "$@"
"""
SHIMMED = ("cat", "cp", "date", "ln", "mkdir", "mv", "rm", "sed", "sha256sum", "sync", "tail", "tar")


class PretendPi:
    """folder: empty, keeps what is changed. A call of run() is a boot; between them only the disk stays."""

    def __init__(self, folder: Path) -> None:
        if os.geteuid() != 0 or "overlay" not in Path("/proc/filesystems").read_text():
            pytest.skip("First boots are NOT tested: that needs root, and overlayfs.")
        self._folder = folder
        self.disk = folder / "upper"
        for name in ("upper", "work", "merged"):
            (folder / name).mkdir()
        self.program("/usr/lib/raspberrypi-sys-mods/imager_custom", IMAGER_CUSTOM)
        self.program("/usr/lib/userconf-pi/userconf", USERCONF)
        self.program("/shims/systemctl", SYSTEMCTL)
        for name in SHIMMED:
            self.program(f"/shims/{name}", SHIM.format(name=name))
        for name in ("/boot/firmware/lampyris", "/etc/systemd/system"):
            self.path(name).mkdir(parents=True)

    def path(self, name: str) -> Path:
        """Where a changed file of the system is."""
        return self.disk / name.lstrip("/")

    def program(self, name: str, text: str) -> None:
        self.path(name).parent.mkdir(parents=True, exist_ok=True)
        self.path(name).write_text(text)
        self.path(name).chmod(0o755)

    def calls(self) -> list[list[str]]:
        """What was called, in order."""
        text = self.path("/calls").read_text() if self.path("/calls").exists() else ""
        return [line.rstrip("|").split("|") for line in text.splitlines()]

    def run(self, script: str, power: int = 0) -> tuple[int, int]:
        """Run a script; its exit code, and how many programs it called. power: lost before the call of this number."""
        self.path("/count").write_text("0")
        self.path("/limit").write_text(str(power))
        layers = f"lowerdir=/,upperdir={self.disk},workdir={self._folder}/work"
        merged = self._folder / "merged"
        lines = [
            shlex.join(["mount", "-t", "overlay", "overlay", "-o", layers, str(merged)]),
            f"mount -t proc proc {merged}/proc",
            # Not exec: the first process of all can't be killed from within.
            f"chroot {merged} env PATH=/shims:/usr/sbin:/usr/bin:/sbin:/bin sh {script}; exit $?",
        ]
        command = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--net", "sh", "-c", "\n".join(lines)]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        return done.returncode, int(self.path("/count").read_text())

    def forget(self) -> None:
        """Give the room back."""
        shutil.rmtree(self._folder)
