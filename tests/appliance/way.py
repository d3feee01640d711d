"""Way: from an image of a system to a lamp that shines, and back."""

import os
import signal
import subprocess
import time
from pathlib import Path

from hardware.appliance.emulate import Chroot, remove_root
from hardware.appliance.fat import Fat, partitions
from hardware.appliance.first_boot import FOLDER, PLACE, SERVICE
from hardware.appliance.flash import ROOM
from hardware.appliance.manifest import read_manifest, sha256
from hardware.appliance.place import CURRENT, LIGHT, LISTENER, RELEASES
from hardware.appliance.systems import System
from hardware.appliance.wheelhouse import default_wheelhouse
from tests.appliance import wire
from tests.appliance.fake_card import attached, booted
from tests.appliance.pi_image import CONFIG, make_image, make_pi_root
from tests.appliance.report import Report, must
from tests.hardware.appliance.images import seed

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFireflyFireflyFireflyFireflyFireflyFire01 me@desk"
SSID, PASSWORD = "Li'l $net", "correct horse"
BOOT = f"/boot/firmware/{FOLDER}"
_PATIENCE_S = 3600


class Way:
    """work: keeps the roots and the image for the next time. What goes wrong raises."""

    def __init__(self, system: System, project: Path, work: Path, report: Report) -> None:
        self._system, self._project, self._work, self._report = system, project, work, report
        self._image = work / f"test-{system.name}.img"
        self._wheelhouse = default_wheelhouse(system.name)

    def go(self) -> None:
        """All of it, in order."""
        report = self._report
        report.step("wheelhouse built, proved offline", self._wheels)
        report.step("image like Raspberry Pi OS", self._make_image)
        backing = self._work / f"test-{self._system.name}.card"
        try:
            with attached(backing, self._image.stat().st_size + ROOM) as card:
                report.step("card flashed by setup.sh, read back", lambda: self._flash(card))
                report.step("card inspected", lambda: self._inspect(card))
                with booted(card, self._work / f"test-{self._system.name}", report) as root:
                    binds = {"/lampyris-tests/tests": self._project / "tests", "/wheelhouse": self._wheelhouse}
                    lamp = Chroot(root, binds)
                    report.step("first boot: who the lamp is", lambda: self._first_boot(lamp))
                    report.step("second boot: power lost in the installation", lambda: self._power_loss(lamp))
                    report.step("third boot: installed without network", lambda: self._install(lamp))
                    report.step("installed again: nothing to do", lambda: self._again(lamp))
                    report.step("from sound to wire, as on this machine", lambda: self._shine(lamp))
                    report.step("taken back by --uninstall", lambda: self._uninstall(lamp))
        finally:
            backing.unlink(missing_ok=True)

    def _setup(self, *arguments: str | Path) -> str:
        return self._report.run([self._project / "setup.sh", *arguments], **os.environ)

    def _wheels(self) -> str:
        self._setup("wheelhouse", "--os", self._system.name, "--work", self._work)
        files = read_manifest(self._wheelhouse).files
        built = [entry.path.partition("-")[0] for entry in files if entry.origin == "built"]
        size = sum(entry.size for entry in files) / 1e6
        return f"{len(files)} files, {size:.0f} MB; built here: {', '.join(built)}"

    def _make_image(self) -> str:
        if not self._image.exists():
            clean, root = self._work / f"root-{self._system.name}", self._work / f"test-root-{self._system.name}"
            make_pi_root(clean, root, self._system, self._report)
            part = self._image.with_suffix(".new.img")
            make_image(root, self._system, part)
            part.with_name(f"{part.name}.sha256").rename(f"{self._image}.sha256")
            part.rename(self._image)
            remove_root(root)
        return f"{self._image.stat().st_size / 1e9:.1f} GB"

    def _flash(self, card: Path) -> str:
        key, password = self._work / "test-key.pub", self._work / "test-password"
        key.write_text(KEY + "\n")
        password.write_text(PASSWORD + "\n")
        who = ("--name", "abend", "--ssh-key", key, "--wifi", SSID, "--wifi-password-file", password, "--country", "DE")
        what = ("--image", self._image, "--sha256", sha256(self._image), "--card", card, "--fixed", "--yes")
        said = self._setup("flash", *what, *who, "--", "--any-board", "--strip-pixels", str(wire.PIXELS))
        must("Reading back 100 %" in said and "is ready" in said, "setup.sh didn't say that it is ready")
        return said.splitlines()[-1].partition(". ")[0]

    def _inspect(self, card: Path) -> str:
        boot, root = partitions(card)
        must((boot, root) == partitions(self._image), "the card is parted in another way than the image")
        with card.open("rb") as there, self._image.open("rb") as given:
            there.seek(root.start)
            given.seek(root.start)
            must(all(there.read(1 << 22) == given.read(1 << 22) for _ in range(root.size >> 22)), "the system differs")
        fat = Fat(card, boot.start)
        cmdline, names = (fat.read("cmdline.txt") or b"").decode(), fat.names()
        if self._system.name == "trixie":
            must(seed(fat.read("user-data") or b"")["hostname"] == "abend", "no host name for cloud-init")
            must("cfg80211.ieee80211_regdom=DE" in cmdline and "systemd.run" not in cmdline, f"not {cmdline}")
        else:
            must(cmdline.count(f"systemd.run={BOOT}/begin.sh") == 1 and "user-data" not in names, f"not {cmdline}")
        everything = b"".join(fat.read(f"{FOLDER}/{name}.sh") or b"" for name in ("begin", "unpack", "install"))
        must(PASSWORD.encode() not in everything + (fat.read("network-config") or b""), "the password can be read")
        return f"{root.size >> 20} MiB of system unchanged"

    def _first_boot(self, lamp: Chroot) -> str:
        if self._system.name == "trixie":
            found = self._cloud_init(lamp)
        else:
            self._report.finished(lamp.run("sh", f"{BOOT}/begin.sh"))
            calls = (lamp.root / "calls").read_text().splitlines()
            must(calls[0] == "imager_custom|set_hostname|abend|", f"called {calls}")
            must(any(line.startswith(f"imager_custom|set_wlan|{SSID}|") for line in calls), f"called {calls}")
            must(not (lamp.root / f"{BOOT[1:]}/begin.sh").exists(), "the key of the network is still on the card")
            must("systemd.run" not in (lamp.root / "boot/firmware/cmdline.txt").read_text(), "it would begin again")
            found = f"{len(calls)} calls of Raspberry Pi OS's own tools"
        must((lamp.root / f"etc/systemd/system/multi-user.target.wants/{SERVICE}").is_symlink(), "no service waits")
        must((lamp.root / PLACE[1:] / "install.sh").exists(), "the payload isn't on the system's disk")
        return found

    def _cloud_init(self, lamp: Chroot) -> str:
        """Its four stages, as its services run them."""
        said = lamp.run("cloud-init", "schema", "--config-file", "/boot/firmware/user-data")
        self._report.finished(said)
        stages = "cloud-init init --local; cloud-init init; cloud-init modules --mode=config; "
        # In one go, as /run, where it keeps what it knows, ends with the command.
        done = lamp.run("sh", "-c", f"{stages}cloud-init modules --mode=final; cp -r /run/cloud-init /cloud-state")
        self._report.write(done.stdout + done.stderr)
        etc = lamp.root / "etc"
        must((etc / "hostname").read_text().strip() == "abend", "the host name isn't set")
        must("\nlamp:" in (etc / "passwd").read_text(), "there is no user lamp")
        must(KEY in (lamp.root / "home/lamp/.ssh/authorized_keys").read_text(), "the key isn't allowed in")
        must("\nlamp:!" in (etc / "shadow").read_text(), "the user has a password")
        netplan = "".join(path.read_text() for path in sorted((etc / "netplan").glob("*.yaml")))
        must(SSID in netplan or SSID.replace("'", "''") in netplan, "the network isn't set up")
        return "the real cloud-init made host name, user, key and network"

    def _power_loss(self, lamp: Chroot) -> str:
        """Kill -9 while the release is half made."""
        going = subprocess.Popen(
            lamp.command("sh", f"{PLACE}/install.sh"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        releases, deadline = lamp.root / RELEASES[1:], time.monotonic() + _PATIENCE_S
        while not list(releases.glob("*/venv/bin/pip*")):
            log = lamp.root / PLACE[1:] / "log"
            said = log.read_text() if log.exists() else ""
            must(going.poll() is None and time.monotonic() < deadline, f"it ended before it was killed: {said[-300:]}")
            time.sleep(0.2)
        os.killpg(going.pid, signal.SIGKILL)
        going.wait()
        must(not (lamp.root / CURRENT[1:]).exists(), "a half release is in use")
        must((lamp.root / PLACE[1:] / "install.sh").exists(), "the next boot wouldn't go on")
        return "killed with the release half made"

    def _install(self, lamp: Chroot) -> str:
        done = lamp.run("sh", f"{PLACE}/install.sh")  # its last word, reboot, can't be done in a chroot
        log = lamp.root / f"{BOOT[1:]}/install.log"
        self._report.write(f"{done.stdout}{done.stderr}\n{log.read_text() if log.exists() else ''}")
        must(not (lamp.root / PLACE[1:]).exists(), f"it isn't done: {(log.read_text() if log.exists() else '')[-300:]}")
        root = lamp.root
        for unit in (LIGHT, LISTENER):
            must((root / f"etc/systemd/system/multi-user.target.wants/{unit}").is_symlink(), f"{unit} isn't enabled")
        must(f"pixels = {wire.PIXELS}" in (root / "etc/lampyris/lamp.toml").read_text(), "not the pixels of --")
        config = (root / "boot/firmware/config.txt").read_text()
        must(config.startswith(CONFIG) and "googlevoicehat-soundcard" in config, "config.txt isn't as it must be")
        lamp.check("id", "lampyris")
        installed = lamp.check(f"{CURRENT}/venv/bin/python", "-m", "pip", "list", "--format=freeze").split()
        runtime = next(line for line in installed if line.startswith(("tflite", "ai-edge", "ai_edge")))
        return f"{os.readlink(root / CURRENT[1:])}, {runtime}"

    def _again(self, lamp: Chroot) -> str:
        said = self._report.finished(lamp.run(*self._own_setup("--wheelhouse", "/wheelhouse", "--any-board", "--yes")))
        must("Everything is as it should be." in said, "it found something to do")
        return ""

    def _shine(self, lamp: Chroot) -> str:
        board = wire.compile_board(Chroot(self._work / f"build-{self._system.name}"), self._project)
        there = wire.play_there(lamp, board, self._report)
        return wire.compare(there, wire.play_here(self._project, self._work, self._report))

    def _uninstall(self, lamp: Chroot) -> str:
        self._report.finished(lamp.run(*self._own_setup("--uninstall", "--yes")))
        must((lamp.root / "boot/firmware/config.txt").read_text() == CONFIG, "config.txt isn't as it was")
        left = [name for name in ("opt/lampyris", "etc/lampyris", "var/lib/lampyris") if (lamp.root / name).exists()]
        must(not left, f"{', '.join(left)} is still there")
        return "config.txt as it was, byte by byte"

    def _own_setup(self, *options: str) -> tuple[str, ...]:
        return (f"{CURRENT}/source/setup.sh", "install", *options)
