"""Box: this very machine's system once more, under a systemd of its own, with changes that are thrown away."""

import os
import shutil
import subprocess
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

CONFIG, CMDLINE = b"dtparam=audio=on\n[all]", b"console=tty1 rootwait"


class Box:
    """A container of systemd-nspawn over the running Debian 12; needs root. As a context it is gone in the end.

    folder: for what is changed in it. shown: folders that it sees, read-only.
    """

    def __init__(self, folder: Path, *shown: Path) -> None:
        self._folder, self._shown = folder, shown
        self.root = folder / "root"
        self._container: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        shutil.rmtree(self._folder, ignore_errors=True)
        for name in ("root", "changes", "work"):
            (self._folder / name).mkdir(parents=True)
        layers = f"lowerdir=/,upperdir={self._folder}/changes,workdir={self._folder}/work"
        # Not called overlay: setup.sh refuses a system whose changes don't last.
        subprocess.run(["mount", "-t", "overlay", "box", "-o", layers, self.root], check=True)
        (self.root / "etc/machine-id").write_text(f"{uuid.uuid4().hex}\n")  # without one it would be a first boot
        boot = self.root / "boot/firmware"
        boot.mkdir(parents=True, exist_ok=True)
        (boot / "config.txt").write_bytes(CONFIG)
        (boot / "cmdline.txt").write_bytes(CMDLINE)
        for started in self.root.glob("etc/systemd/system/multi-user.target.wants/*"):
            started.unlink()  # nothing but the lamp
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.switch_off()
        subprocess.run(["umount", self.root], check=True)

    def boot(self) -> None:
        """Start it, until systemd has started all."""
        command = [
            "systemd-nspawn",
            "--directory",
            str(self.root),
            "--boot",
            "--console=pipe",
            "--machine=lampyris-box",
        ]
        # The writer's one capability; its device files are not here.
        command += ["--register=no", "--keep-unit", "--private-network", "--capability=CAP_SYS_RAWIO"]
        command += [f"--bind-ro={path}" for path in self._shown]
        with (self._folder / "console").open("wb") as console:
            self._container = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=console, stderr=subprocess.STDOUT, start_new_session=True
            )
        self.wait(lambda: self.ask("systemctl", "is-system-running").strip() in ("running", "degraded"), "it starts")

    def switch_off(self) -> None:
        """Stop it as `poweroff` does."""
        if self._container is not None:
            self.ask("systemctl", "--no-block", "poweroff")
            try:
                self._container.wait(60)
            except subprocess.TimeoutExpired:
                self._container.kill()
                self._container.wait()
            self._container = None

    def ask(self, *command: str) -> str:
        """Run a command in it, as root; what it prints and complains of, also if it fails."""
        assert self._container is not None
        pid = self._container.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        if not children:
            return ""
        enter = ["nsenter", "--target", children[0], "--all", "env", "-i", f"PATH={os.defpath}:/usr/sbin:/sbin"]
        done = subprocess.run(
            [*enter, *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        return done.stdout

    def wait(self, until: Callable[[], bool], what: str, seconds: float = 120) -> None:
        """Wait for it. Raises AssertionError."""
        end_s = time.monotonic() + seconds
        while not until():
            assert time.monotonic() < end_s, f"not within {seconds:g} s: {what}"
            time.sleep(0.5)

    def main_pid(self, unit: str) -> str:
        """Of a service; 0 if it doesn't run."""
        return self.ask("systemctl", "show", "--property=MainPID", "--value", unit).strip()

    def journal(self, unit: str) -> str:
        """What it said since the start of the box."""
        return self.ask("journalctl", "--boot", "--no-pager", "--output=cat", "--unit", unit)
