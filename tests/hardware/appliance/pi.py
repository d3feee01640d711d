"""A Raspberry Pi that is a folder: the files of Raspberry Pi OS that count, and the commands that change them."""

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

from hardware.appliance.manifest import Entry, Manifest, write_manifest
from hardware.appliance.requirements import fingerprint, requirements
from hardware.appliance.root import Root
from hardware.appliance.shell import Shell

PROJECT = Path(__file__).parents[3]
CONFIG = (
    b"# For more options see http://rptl.io/configtxt\ndtparam=audio=on\n[cm5]\ndtoverlay=dwc2,dr_mode=host\n\n[all]"
)
CMDLINE = b"console=serial0,115200 console=tty1 root=PARTUUID=1 rootfstype=ext4 rootwait"


def make_root(folder: Path, system: str = "bookworm", model: str = "Raspberry Pi 4 Model B Rev 1.4") -> Root:
    """What of Raspberry Pi OS Lite matters here."""
    files = {
        "etc/os-release": f'PRETTY_NAME="Debian GNU/Linux"\nVERSION_CODENAME={system}\nID=debian\n'.encode(),
        "etc/passwd": b"root:x:0:0:root:/root:/bin/bash\npi:x:1000:1000::/home/pi:/bin/bash\n",
        "etc/group": b"root:x:0:\naudio:x:29:pi\ngpio:x:986:pi\npi:x:1000:\n",
        "etc/hostname": b"raspberrypi\n",
        "etc/hosts": b"127.0.0.1\tlocalhost\n127.0.1.1\traspberrypi\n",
        "proc/device-tree/model": model.encode() + b"\0",
        "proc/sys/kernel/random/boot_id": b"first\n",
        "proc/mounts": b"/dev/mmcblk0p2 / ext4 rw 0 0\n",
        "boot/firmware/config.txt": CONFIG,
        "boot/firmware/cmdline.txt": CMDLINE,
        "packages": b"python3\npython3-venv\n",
    }
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    for name in ("etc/systemd/system", "usr/local/bin", "var/lib", "var/cache", "opt", "etc/modprobe.d"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    root = Root(folder)
    root.link("/etc/systemd/system/multi-user.target.wants/ssh.service", "/lib/systemd/system/ssh.service")
    return root


def make_checkout(folder: Path, change: str = "") -> Path:
    """A small lamp: only what setup.sh itself reads of one is real."""
    for name in ("device", "models/default", "models/gate", "docs"):
        (folder / name).mkdir(parents=True)
        (folder / name / "part.txt").write_text(f"{name} {change}\n")
    units = "hardware/appliance/units"
    shutil.copytree(PROJECT / units, folder / units)
    shutil.copyfile(PROJECT / "hardware/appliance/lamp.toml", folder / "hardware/appliance/lamp.toml")
    for name in ("pyproject.toml", "constraints.txt", "setup.sh"):
        shutil.copyfile(PROJECT / name, folder / name)
    return folder


def make_wheelhouse(folder: Path, checkout: Path, system: str = "bookworm", python: str = "3.11") -> Path:
    """Files of the right names and hashes, with nothing in them."""
    (folder / "debs").mkdir(parents=True)
    names = [f"{wheel_name(line)}-1-py3-none-any.whl" for line in requirements(checkout)]
    names.append("debs/libportaudio2_19.6.0-1_arm64.deb")
    entries = []
    for name in sorted(set(names)):
        (folder / name).write_text(name)
        entries.append(Entry(name, hashlib.sha256(name.encode()).hexdigest(), len(name), "MIT", "built"))
    write_manifest(folder, Manifest(system, python, fingerprint(checkout), tuple(entries)))
    return folder


def wheel_name(requirement: str) -> str:
    """What files call a package."""
    return re.split(r"[<>=;\s]", requirement)[0].replace("-", "_")


class PiShell(Shell):
    """Does to the folder what the commands do, and refuses what they refuse; any other command is an error here.

    ran: all that changed something. broken: words of a command that shall fail. doctor: what the doctor prints.
    """

    def __init__(self, root: Root, python: str = "3.11", architecture: str = "arm64") -> None:
        super().__init__(root)
        self.root, self.python, self.architecture = root, python, architecture
        self.ran: list[tuple[str, ...]] = []
        self.broken = ""
        self.doctor: str | tuple[int, str] = (2, "argument COMMAND: invalid choice: 'doctor'")

    def _run(self, command: tuple[str, ...], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
        name = "python" if command[0].startswith("/") else command[0].replace("-", "_")
        if self.broken and self.broken in " ".join(command):
            return subprocess.CompletedProcess(command, 1, "", "Error: it was told to fail\n")
        try:
            out = getattr(self, f"_{name}")(*command)
        except OSError as error:  # a program says it, and ends
            return subprocess.CompletedProcess(command, 1, "", f"{name}: {error}\n")
        if isinstance(out, str):
            return subprocess.CompletedProcess(command, 0, out, "")
        code, said = out
        return subprocess.CompletedProcess(command, code, "", said)

    def run(self, *command: str, **environment: str) -> str:
        out = super().run(*command, **environment)
        self.ran.append(command)
        return out

    def _lines(self, name: str) -> list[str]:
        return (self.root.read(name) or b"").decode().splitlines()

    def _set_lines(self, name: str, lines: list[str]) -> None:
        self.root.write(name, "".join(f"{line}\n" for line in lines).encode())

    def _dpkg(self, _: str, option: str, *files: str) -> str | tuple[int, str]:
        if option == "--print-architecture":
            return f"{self.architecture}\n"
        assert option == "--install"
        for file in files:
            if not self.root.path(file).is_file():
                return 2, f"dpkg: error: cannot access archive '{file}'"
        names = [os.path.basename(file).partition("_")[0] for file in files]
        self._set_lines("/packages", sorted({*self._lines("/packages"), *names}))
        return ""

    def _dpkg_query(self, *command: str) -> str | tuple[int, str]:
        return (
            "installed" if command[-1] in self._lines("/packages") else (1, f"no packages found matching {command[-1]}")
        )

    def _apt_get(self, *command: str) -> str | tuple[int, str]:
        action, names = command[1], [each for each in command[2:] if not each.startswith("--")]
        there = self._lines("/packages")
        if action == "install":
            self._set_lines("/packages", sorted({*there, *names}))
        elif action == "remove":
            gone = [name for name in names if name in there]
            if "--simulate" in command:
                needy = [f"Remv {name}-player [1]" for name in gone if f"{name}-player" in there]
                return "".join(f"{line}\n" for line in [*needy, *(f"Remv {name} [1]" for name in gone)])
            self._set_lines("/packages", [name for name in there if name not in gone])
        else:
            assert action == "update"
        return ""

    def _useradd(self, *command: str) -> str | tuple[int, str]:
        user = command[-1]
        if any(line.startswith(f"{user}:") for line in self._lines("/etc/passwd")):
            return 9, f"useradd: user '{user}' already exists"
        if not any(line.startswith(f"{user}:") for line in self._lines("/etc/group")):
            self._set_lines("/etc/group", [*self._lines("/etc/group"), f"{user}:x:999:"])
        self._set_lines(
            "/etc/passwd", [*self._lines("/etc/passwd"), f"{user}:x:999:999::/var/lib/lampyris:/usr/sbin/nologin"]
        )
        return ""

    def _usermod(self, _: str, append: str, groups: str, names: str, user: str) -> str | tuple[int, str]:
        assert (append, groups) == ("--append", "--groups")
        if not any(line.startswith(f"{user}:") for line in self._lines("/etc/passwd")):
            return 6, f"usermod: user '{user}' does not exist"
        lines = self._lines("/etc/group")
        for name in names.split(","):
            place = next((i for i, line in enumerate(lines) if line.startswith(f"{name}:")), None)
            if place is None:
                return 6, f"usermod: group '{name}' does not exist"
            head, _, members = lines[place].rpartition(":")
            lines[place] = f"{head}:{','.join(dict.fromkeys([*filter(None, members.split(',')), user]))}"
        self._set_lines("/etc/group", lines)
        return ""

    def _userdel(self, _: str, user: str) -> str | tuple[int, str]:
        lines = [line for line in self._lines("/etc/passwd") if not line.startswith(f"{user}:")]
        self._set_lines("/etc/passwd", lines)
        groups = []
        for line in self._lines("/etc/group"):
            head, _, members = line.rpartition(":")
            if not line.startswith(f"{user}:"):
                groups.append(f"{head}:{','.join(each for each in members.split(',') if each != user)}")
        self._set_lines("/etc/group", groups)
        return ""

    def _gpasswd(self, _: str, delete: str, user: str, group: str) -> str | tuple[int, str]:
        assert delete == "--delete"
        lines = self._lines("/etc/group")
        place = next(i for i, line in enumerate(lines) if line.startswith(f"{group}:"))
        head, _, members = lines[place].rpartition(":")
        if user not in members.split(","):
            return 3, f"gpasswd: user '{user}' is not a member of '{group}'"
        lines[place] = f"{head}:{','.join(each for each in members.split(',') if each != user)}"
        self._set_lines("/etc/group", lines)
        return ""

    def _groupdel(self, _: str, group: str) -> str | tuple[int, str]:
        lines = self._lines("/etc/group")
        if not any(line.startswith(f"{group}:") for line in lines):
            return 6, f"groupdel: group '{group}' does not exist"
        self._set_lines("/etc/group", [line for line in lines if not line.startswith(f"{group}:")])
        return ""

    def _systemctl(self, _: str, action: str, *words: str) -> str | tuple[int, str]:
        wants = "/etc/systemd/system/multi-user.target.wants"
        for unit in (word for word in words if not word.startswith("-")):
            if action == "enable":
                if not self.root.exists(f"/etc/systemd/system/{unit}"):
                    return 1, f"Failed to enable unit: Unit file {unit} does not exist."
                self.root.link(f"{wants}/{unit}", f"/etc/systemd/system/{unit}")
            elif action == "disable":
                self.root.remove(f"{wants}/{unit}")
                self.root.remove_empty(wants)
            else:
                assert action in ("restart", "stop", "try-restart")
        return ""

    def _python(self, python: str, *words: str) -> str | tuple[int, str]:
        if python == "/usr/bin/python3":
            if words[0] == "-c":
                return f"{self.python}\n"
            module, venv = words[1:]
            assert (words[0], module) == ("-m", "venv")
            self.root.write(f"{venv}/pyvenv.cfg", b"home = /usr/bin\n")
            self.root.write(f"{venv}/bin/python", b"python", 0o755)
            self.root.make_folder(f"{venv}/lib/python{self.python}/site-packages")
            return ""
        if not self.root.exists(python):
            return 127, f"chroot: failed to run command '{python}': No such file or directory"
        venv = python.removesuffix("/bin/python")
        packages = f"{venv}/lib/python{self.python}/site-packages"
        if words[:3] == ("-m", "pip", "install"):
            return self._pip(packages, words[3:])
        if words[:3] == ("-m", "pip", "check") or words[0] == "-c":
            return "" if self.root.names(packages) else (1, "ModuleNotFoundError: No module named 'pyaudio'")
        if words[3] == "doctor":
            return self.doctor
        assert words[:3] == ("-P", "-m", "device")
        source = (self.root.read(f"{packages}/lampyris.pth") or b"").decode().strip()
        if not source or not self.root.exists(f"{source}/device/part.txt"):
            return 1, f"{python}: No module named device"
        if words[3] == "listen":
            trace = words[words.index("--trace") + 1]
            hop = '{"t":1,"valence":0.1,"arousal":0.1,"rgb":[9,9,9]}\n'
            self.root.write(trace, ("{}\n" + 60 * hop).encode())
        return ""

    def _pip(self, packages: str, words: tuple[str, ...]) -> str | tuple[int, str]:
        assert "--no-index" in words, "an installation needs no network"
        folder = next(word for word in words if word.startswith("--find-links=")).partition("=")[2]
        wheels = {name.partition("-")[0] for name in self.root.names(folder)}
        for word in words:
            if not word.startswith("--"):
                name = wheel_name(word)
                if name not in wheels:
                    return 1, f"ERROR: No matching distribution found for {name}"
                self.root.write(f"{packages}/{name}/__init__.py", b"")
        return ""


def tree(folder: Path) -> dict[str, str]:
    """All that is in a folder: files by their content, links by where they lead."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = f"-> {os.readlink(path)}"
        elif path.is_file():
            found[name] = path.read_bytes().decode(errors="replace")
        else:
            found[name] = "folder"
    return found
