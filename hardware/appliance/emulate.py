"""A root folder of the Raspberry Pi's system, in which programs of 64-bit Arm run on any Linux."""

import os
import platform
import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from hardware.appliance.systems import System
from hardware.errors import HardwareError

MIRROR = "http://deb.debian.org/debian"
_BINFMT = Path("/proc/sys/fs/binfmt_misc")
_BINFMT_D = Path("/usr/lib/binfmt.d/qemu-aarch64.conf")
"""How newer packages of the emulator say what systemd shall hand to it; in a container nobody reads that."""
_MOUNTS = (("proc", "proc"), ("sysfs", "sys"), ("tmpfs", "run"), ("tmpfs", "tmp"))
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def check_machine(system: System) -> None:
    """Raise HardwareError, with the way out, unless roots of the system can be made and entered here."""
    if platform.machine() not in ("x86_64", "aarch64"):
        raise HardwareError(
            f"An emulated Raspberry Pi needs an x86-64 or 64-bit Arm Linux, not {platform.machine()}; use another."
        )
    if os.geteuid() != 0:
        raise HardwareError("An emulated Raspberry Pi is a root folder to change into, for root alone; run it by sudo.")
    wanted = [("debootstrap", "debootstrap"), ("unshare", "util-linux")]
    missing = [package for program, package in wanted if not shutil.which(program)]
    if platform.machine() != "aarch64" and not _arm_runs():
        missing.append("qemu-user-static")
    if missing:
        raise HardwareError(
            f"An emulated Raspberry Pi needs {', '.join(missing)}; install with: apt install {' '.join(missing)}"
        )
    if platform.machine() != "aarch64":
        _check_qemu(system)


def _check_qemu(system: System) -> None:
    program = next((name for name in ("qemu-aarch64-static", "qemu-aarch64") if shutil.which(name)), "")
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout if program else ""
    found = re.search(r"version (\d+)", said)
    if found and int(found[1]) < system.qemu:
        raise HardwareError(
            f"The emulator here is qemu {found[1]}, in which the TFLite runtime of {system.name} crashes; install "
            f"version {system.qemu} or newer (Debian: the package qemu-user of trixie)."
        )


def _arm_runs() -> bool:
    """Whether this kernel hands programs of 64-bit Arm to an emulator; switches that on if it is only off."""
    if not (_BINFMT / "status").exists():
        subprocess.run(["mount", "-t", "binfmt_misc", "binfmt_misc", str(_BINFMT)], capture_output=True, check=False)
    if not (_BINFMT / "qemu-aarch64").exists() and shutil.which("update-binfmts"):
        subprocess.run(["update-binfmts", "--enable", "qemu-aarch64"], capture_output=True, check=False)
    if not (_BINFMT / "qemu-aarch64").exists() and (_BINFMT / "register").exists() and _BINFMT_D.exists():
        (_BINFMT / "register").write_text(_BINFMT_D.read_text(encoding="ascii"), encoding="ascii")
    return (_BINFMT / "qemu-aarch64").exists()


def make_root(system: System, folder: Path, cache: Path) -> None:
    """Make a minimal Debian with what Lite has of the lamp's needs, unless the folder is there already.

    It is made beside and then renamed: after a power loss it is begun again, from the packages in `cache`.
    Raises HardwareError when a package can't be had.
    """
    if folder.exists():
        return
    cache.mkdir(parents=True, exist_ok=True)
    part = folder.with_name(f"{folder.name}.part")
    remove_root(part)
    # In mounts and processes of its own: whatever ends it leaves nothing mounted, and nothing going on.
    command = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
    command += ["debootstrap", "--arch=arm64", "--variant=minbase", f"--include={','.join(system.lite)}"]
    _run([*command, f"--cache-dir={cache}", system.name, str(part), MIRROR], f"The root of {system.name}")
    part.rename(folder)


def copy_root(source: Path, folder: Path) -> None:
    """A second one, beside and then renamed; one that is there already stays."""
    if folder.exists():
        return
    part = folder.with_name(f"{folder.name}.part")
    remove_root(part)
    _run(["cp", "-a", "--reflink=auto", str(source), str(part)], f"A copy of {source}")
    part.rename(folder)


def remove_root(folder: Path) -> None:
    """Delete a root, unless something is still mounted below it: then HardwareError."""
    if not folder.exists():
        return
    below = f" {folder.resolve()}/"
    if below in Path("/proc/self/mounts").read_text(encoding="utf-8"):
        raise HardwareError(f"Something is mounted below {folder}; unmount it, then run it again.")
    shutil.rmtree(folder)


class Chroot:
    """Runs programs in a root. Nothing stays mounted and nothing goes on running when a command has ended.

    binds: folders of this machine that appear in it, by the path there. network: without, there is none at all.
    """

    def __init__(self, root: Path, binds: Mapping[str, Path] | None = None, network: bool = False) -> None:
        self.root, self.network = root, network
        self._binds = dict(binds or {})

    def run(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run to the end; what it says comes back, whatever its exit code."""
        return subprocess.run(
            self.command(*command),
            env={"PATH": _PATH, "HOME": "/root", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
            | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )

    def check(self, *command: str, **environment: str) -> str:
        """The same; what it wrote to standard output. Raises HardwareError with its last words when it fails."""
        done = self.run(*command, **environment)
        if done.returncode != 0:
            raise HardwareError(f"In {self.root}, {command[0]} failed ({done.returncode}): {_last_words(done)}")
        return done.stdout

    def command(self, *command: str) -> list[str]:
        """What runs it from outside: mounts, a host name and processes of its own, and no network unless asked."""
        root = self.root.resolve()
        lines = []
        for place, source in self._binds.items():
            (root / place.lstrip("/")).mkdir(parents=True, exist_ok=True)
            lines.append(shlex.join(["mount", "--bind", str(source.resolve()), f"{root}{place}"]))
        lines += [shlex.join(["mount", "-t", kind, kind, f"{root}/{place}"]) for kind, place in _MOUNTS]
        lines.append(f'exec chroot {shlex.quote(str(root))} "$@"')
        spaces = ["--mount", "--uts", "--pid", "--fork", "--kill-child", *([] if self.network else ["--net"])]
        return ["unshare", *spaces, "sh", "-ec", "\n".join(lines), "sh", *command]

    def borrow_network(self) -> None:
        """Let it reach what this machine reaches: its name servers, certificates and pip's settings."""
        for name in ("etc/resolv.conf", "etc/ssl/certs/ca-certificates.crt", "etc/pip.conf"):
            source, target = Path("/", name), self.root / name
            if source.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                target.unlink(missing_ok=True)
                shutil.copyfile(source, target)


def _run(command: Sequence[str], what: str) -> None:
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode != 0:
        raise HardwareError(f"{what} could not be made: {_last_words(done)}")


def _last_words(done: "subprocess.CompletedProcess[str]") -> str:
    lines = [line.strip() for line in (done.stdout + "\n" + done.stderr).splitlines() if line.strip()]
    return " | ".join(lines[-3:]) or "it said nothing"
