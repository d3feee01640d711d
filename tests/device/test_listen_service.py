"""The lamp as a service of systemd: without a microphone, with broken settings, in safe mode."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from device.emotion.shipped import BUILT_IN
from device.emotion.store import Store
from device.service import bundle_of, microphone_of
from hardware.crashes import MOST, Crashes, safe_mode
from hardware.errors import HardwareError
from hardware.no_microphone import NoMicrophone
from hardware.service import STARTS, Service
from tests.bundles import TINY, variant

NO_MIC = "no microphone is called like this"
BROKEN = {
    "not TOML": "[strip\n",
    "a key that is none": "[light]\nscne = 'glow'\n",
    "a palette that is none": "[light]\npalette = '/etc/lampyris/gone.toml'\n",
    "a value out of range": "[strip]\npixels = 0\n",
}


class Unit:
    """`lampyris listen --service` as systemd would start it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = folder / "lamp.toml"
        self.settings.write_text("[strip]\npixels = 7\n[light]\nscene = 'pulse'\n")
        for name in ("run", "state"):
            (folder / name).mkdir()
        self.systemd = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.systemd.bind(str(folder / "notify"))
        self.systemd.settimeout(60)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "RUNTIME_DIRECTORY": str(self.folder / "run"),
            "STATE_DIRECTORY": str(self.folder / "state"),
            "NOTIFY_SOCKET": str(self.folder / "notify"),
            "WATCHDOG_USEC": "1000000",
            "LAMPYRIS_STORE": str(self.folder / "store"),
        }

    def run(self, until: list[bytes], *words: str) -> tuple[int, str]:
        """Start it, stop it when systemd was told all of `until`; its exit code and what it said."""
        command = [sys.executable, "-m", "device", "listen", "--service", "--settings", str(self.settings)]
        with subprocess.Popen(
            [*command, "--strip", "null", "--bundle", str(TINY), "--mic", NO_MIC, *words],
            env=os.environ | self.environment,
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        ) as process:
            try:
                for state in until:
                    while state not in self.systemd.recv(500):
                        pass
            finally:
                process.send_signal(signal.SIGTERM)
                said = process.communicate(timeout=60)[1]
            return process.returncode, said

    def crash(self, times: int = MOST) -> None:
        """As if it had been killed so often, just now."""
        for _ in range(times):
            Crashes(self.folder / "run" / STARTS).begin()


@pytest.fixture
def unit(tmp_path: Path) -> Unit:
    return Unit(tmp_path)


def test_without_a_microphone_it_glows_feeds_the_watchdog_and_stops_in_order(unit: Unit) -> None:
    code, said = unit.run([b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"])
    assert code == 130
    assert said.count("No microphone fits") == 1
    assert "Until it is there the lamp glows faintly." in said
    assert "Traceback" not in said
    assert unit.systemd.recv(100) == b"STOPPING=1"
    assert not (unit.folder / "run" / STARTS).exists()


@pytest.mark.parametrize("how", BROKEN)
def test_settings_broken_by_hand_leave_the_last_good_ones(unit: Unit, how: str) -> None:
    kept = unit.folder / "state" / "lamp.toml"
    kept.write_bytes(unit.settings.read_bytes())
    unit.settings.write_text(BROKEN[how])
    code, said = unit.run([b"READY=1"])
    assert code == 130
    assert f"Until then the last good settings count, {kept}." in said
    assert kept.read_text() == "[strip]\npixels = 7\n[light]\nscene = 'pulse'\n"


def test_broken_ones_from_the_beginning_end_it_with_one_sentence_which_is_kept_for_safe_mode(unit: Unit) -> None:
    unit.settings.write_text("[light]\nbrightness = 2\n")
    command = [sys.executable, "-m", "device", "listen", "--service", "--settings", str(unit.settings)]
    run = subprocess.run(command, env=os.environ | unit.environment, capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert run.stderr.startswith("lampyris: The setting light.brightness")
    assert "light.brightness" in (unit.folder / "run" / STARTS).read_text()


def test_safe_mode_hears_nothing_and_says_why(unit: Unit) -> None:
    unit.crash()
    unit.settings.write_text("[light]\nbrightness = 2\n")
    code, said = unit.run([b"STATUS=Safe mode after 5 crashes", b"READY=1", b"WATCHDOG=1"])
    assert code == 130
    assert "Safe mode after 5 crashes in two minutes; the last: it was killed, or did not answer" in said
    assert "Safe mode goes on without settings." in said
    assert "No microphone fits" not in said  # it does not even look
    assert safe_mode(unit.folder / "run" / STARTS) is None  # it was stopped in order, so the next start is a new one


def test_a_shell_gets_its_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(HardwareError):
        microphone_of(Service(False, print), NO_MIC)


def test_in_safe_mode_the_bundle_is_the_previous_one(unit: Unit, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    service = Service(True, print, sleep=lambda seconds: None, environment=unit.environment)
    unit.crash()
    with service:
        assert isinstance(microphone_of(service, NO_MIC), NoMicrophone)
        assert bundle_of(service, "mine", None) == BUILT_IN
        assert bundle_of(service, None, store) == BUILT_IN  # nothing is installed
        first, _ = store.install(variant(tmp_path, "first"))
        second, _ = store.install(variant(tmp_path, "second"))
        assert store.current() == second
        assert bundle_of(service, None, store) == first
        (tmp_path / "store" / first / "model.tflite").write_bytes(b"rotten")
        assert bundle_of(service, None, store) == BUILT_IN
    with Service(False, print) as calm:
        assert bundle_of(calm, "mine", store) == "mine"
        assert bundle_of(calm, None, store) is None
