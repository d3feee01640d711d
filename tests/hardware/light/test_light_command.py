"""The writer as a process: what it loads, and that it leaves no strip lit, however it ends."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from hardware.errors import HardwareError
from hardware.light.client import SocketStrip
from hardware.light.drivers import recording
from hardware.light.drivers.recording import read_recording
from hardware.light.settings import StripSettings, load_strip

RED = np.array([[1.0, 0.0, 0.0]] * 4, np.float32)
BUNDLE = Path(__file__).parents[2] / "golden" / "tiny_bundle"
SETTINGS = "[strip]\npixels = 4\nbudget_ma = 5000\n[light]\nscene = 'for the lamp, not for us'\n"


class Process:
    """A writer that records into a file."""

    def __init__(self, folder: Path, name: str = "first", **environment: str) -> None:
        self.path = folder / "light.sock"
        self.recording = folder / f"{name}.frames"
        settings = folder / "lamp.toml"
        settings.write_text(SETTINGS, encoding="utf-8")
        options = ["--driver", "recording", "--address", str(self.recording), "--settings", str(settings)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "device", "light", "--socket", str(self.path), *options],
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | environment,
        )
        assert self.process.stderr is not None
        self.first_line = self.process.stderr.readline()

    def light_up(self, strip: SocketStrip) -> None:
        """Send red until it is shown in full."""
        until_s = time.monotonic() + 30
        while time.monotonic() < until_s:
            strip.show(RED)
            time.sleep(1 / 60)
            frames = self.frames
            if len(frames) and (frames[-1] == [255, 0, 0]).all():
                return
        raise AssertionError("it was not lit")

    def wait_for_dark(self) -> None:
        """Until the strip is dark."""
        until_s = time.monotonic() + 30
        while not len(self.frames) or self.frames[-1].any():
            assert time.monotonic() < until_s
            time.sleep(0.02)

    @property
    def frames(self) -> np.ndarray:
        return read_recording(self.recording, 4)[1]

    def end(self, number: int) -> tuple[int, str]:
        """Exit code and what it said after its first line."""
        self.process.send_signal(number)
        said = self.process.communicate(timeout=30)[1]
        return self.process.returncode, said


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Process]:
    process = Process(tmp_path)
    yield process
    process.process.kill()
    process.process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_fades_it_out(writer: Process, number: int) -> None:
    with SocketStrip(4, writer.path) as strip:
        writer.light_up(strip)
        code, said = writer.end(number)
    assert code == 0, said
    assert not writer.frames[-1].any()
    fall = writer.frames[-25:-2, 0, 0].astype(int)
    assert (np.diff(fall) <= 0).all()
    assert fall.max() > fall.min()
    assert re.search(r"Shown \d+ frames, 0 of them dimmed .* 0 failures of the strip; [\d.]+ MB\.$", said.strip())
    assert not writer.path.exists()


def test_a_second_signal_ends_it_at_once_and_dark(writer: Process) -> None:
    with SocketStrip(4, writer.path) as strip:
        writer.light_up(strip)
        writer.process.send_signal(signal.SIGTERM)
        time.sleep(0.1)
        code, _ = writer.end(signal.SIGTERM)
    assert code == 130
    assert not writer.frames[-1].any()


def test_what_a_killed_writer_left_lit_the_next_one_makes_dark(tmp_path: Path, writer: Process) -> None:
    with SocketStrip(4, writer.path) as strip:
        writer.light_up(strip)
        writer.end(signal.SIGKILL)
        assert writer.frames[-1].any()  # a strip holds what it was told last
        again = Process(tmp_path, "second")
        try:
            again.wait_for_dark()
            assert not again.frames[0].any()
            again.light_up(strip)  # the client comes back by itself
        finally:
            assert again.end(signal.SIGTERM)[0] == 0


def test_a_killed_listener_leaves_the_strip_dark(writer: Process) -> None:
    strip = f"socket:{writer.path}"
    command = [sys.executable, "-m", "device", "listen", "--bundle", str(BUNDLE), "--strip", strip]
    listener = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        until_s = time.monotonic() + 30
        while not (len(writer.frames) and writer.frames[-1].any()):
            assert time.monotonic() < until_s
            time.sleep(0.02)
    finally:
        listener.kill()
        listener.wait()
    writer.wait_for_dark()
    assert writer.process.poll() is None
    assert writer.end(signal.SIGTERM)[0] == 0


def test_an_error_in_the_writer_leaves_the_strip_dark(tmp_path: Path) -> None:
    code = """
import sys
from device.cli import main
from hardware.light.render import Renderer
real, frames = Renderer.process, []
def process(self, now_s):
    frames.append(real(self, now_s))
    if frames[-1].max() == 255:
        raise RuntimeError("a mistake of ours")
    return frames[-1]
Renderer.process = process
main(sys.argv[1:])
"""
    recording, path = tmp_path / "frames", tmp_path / "light.sock"
    (tmp_path / "lamp.toml").write_text(SETTINGS, encoding="utf-8")
    options = ["--driver", "recording", "--address", str(recording), "--settings", str(tmp_path / "lamp.toml")]
    writer = subprocess.Popen(
        [sys.executable, "-c", code, "light", "--socket", str(path), *options], stderr=subprocess.PIPE, text=True
    )
    with SocketStrip(4, path, tell=lambda sentence: None) as strip:
        until_s = time.monotonic() + 30
        while writer.poll() is None and time.monotonic() < until_s:
            strip.show(RED)
            time.sleep(1 / 60)
    said = writer.communicate()[1]
    assert writer.returncode == 1
    assert "a mistake of ours" in said
    frames = read_recording(recording, 4)[1]
    assert frames.any()
    assert not frames[-1].any()


def test_a_living_writer_is_not_disturbed(writer: Process) -> None:
    command = [sys.executable, "-m", "device", "light", "--driver", "null", "--socket", str(writer.path)]
    second = subprocess.run(command, capture_output=True, text=True)
    assert second.returncode == 2
    assert second.stderr == (
        f"lampyris: Another writer already listens at {writer.path}; stop it first, or choose another --socket.\n"
    )
    with SocketStrip(4, writer.path) as strip:
        writer.light_up(strip)


def test_sigusr1_reports(writer: Process) -> None:
    assert writer.process.stderr is not None
    writer.process.send_signal(signal.SIGUSR1)
    assert "Shown " in writer.process.stderr.readline()
    assert writer.process.poll() is None


def test_systemd_hears_that_it_is_ready_alive_and_ending(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(30)
        writer = Process(tmp_path, NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="3000000")
        heard = [systemd.recv(100) for _ in range(3)]
        assert writer.end(signal.SIGTERM)[0] == 0
        while heard[-1] != b"STOPPING=1":
            heard.append(systemd.recv(100))
        assert heard[0] == b"READY=1"
        assert set(heard[1:-1]) == {b"WATCHDOG=1"}


LOADED = """
import os, signal, sys, threading
from device.cli import main
threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGTERM)).start()
code = main(["light", "--driver", "null", "--socket", sys.argv[1]])
print(code, *sorted(sys.modules))
"""


def test_it_loads_numpy_and_one_driver_and_nothing_else(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", LOADED, str(tmp_path / "s")], capture_output=True, text=True, check=True
    )
    code, *modules = run.stdout.split()
    assert code == "0"
    tops = {name.partition(".")[0] for name in modules}
    foreign = {name for name in tops if name not in sys.stdlib_module_names and not name.startswith("_")}
    assert foreign <= {
        "numpy",
        "cython_runtime",
        "device",
        "hardware",
        "sitecustomize",
    }  # the second is a part of numpy
    drivers = [name for name in modules if name.startswith("hardware.light.drivers.")]
    assert drivers == ["hardware.light.drivers.null"]
    memory = re.search(r"60 LEDs by null, 60 frames a second, from .*; ([\d.]+) MB\.", run.stderr)
    assert memory is not None
    assert float(memory[1]) < 60  # the benchmark holds it to 40; other builds of numpy take more


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--driver", "lava"], "The setting strip.driver is wrong: expected one of auto, ws281x"),
        (["--driver", "ws2812"], "The setting strip.driver is wrong: did you mean ws281x?"),
        (["--driver", "recording"], "The driver recording needs a file; name one with --address."),
        (
            ["--driver", "null", "--address", "a\0b"],
            "strip.address is wrong: expected text without control char",
        ),
        (["--fps", "1000"], "The setting strip.fps is wrong: expected a number >= 10 and <= 240."),
        (["--user", "nobody-at-all"], "There is no user 'nobody-at-all' on this machine; check --user."),
        (["--settings", "missing.toml"], "The settings missing.toml can't be read"),
        (["--driver", "terminal"], "The driver terminal draws on a terminal"),
        (["--driver", "recording", "--address", "/missing/frames"], "The recording /missing/frames can't be written"),
    ],
)
def test_a_mistake_is_one_sentence(
    options: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from device.cli import main

    monkeypatch.chdir(tmp_path)
    before = signal.getsignal(signal.SIGINT)
    assert main(["light", "--socket", str(tmp_path / "s"), *options]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1
    assert signal.getsignal(signal.SIGINT) == before
    assert not (tmp_path / "s").exists()


def test_the_file_of_a_recording_is_not_of_the_settings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from device.cli import main

    settings, precious = tmp_path / "lamp.toml", tmp_path / "precious"
    precious.write_text("precious", encoding="utf-8")
    settings.write_text(f'[strip]\ndriver = "recording"\naddress = "{precious}"\n', encoding="utf-8")
    assert main(["light", "--socket", str(tmp_path / "s"), "--settings", str(settings)]) == 2
    assert "name one with --address" in capsys.readouterr().err
    assert precious.read_text(encoding="utf-8") == "precious"


def test_only_an_own_plain_file_is_recorded_over(tmp_path: Path) -> None:
    precious, link, twin = tmp_path / "precious", tmp_path / "link", tmp_path / "twin"
    precious.write_text("precious", encoding="utf-8")
    link.symlink_to(precious)
    twin.hardlink_to(precious)
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    for path in (link, twin, tmp_path / "pipe", Path("/dev/null")):
        with pytest.raises(HardwareError, match=r"choose another (with )?--address"):
            recording.open_strip(StripSettings(driver="recording", address=str(path)))
    os.close(reader)
    assert precious.read_text(encoding="utf-8") == "precious"
    twin.unlink()
    recording.open_strip(StripSettings(driver="recording", address=str(precious))).close()
    assert len(read_recording(precious, 60)[1]) == 1


@pytest.mark.parametrize(("uid", "mode"), [(1000, 0o644), (0, 0o664), (0, 0o646)])
def test_root_uses_no_settings_that_others_can_change(
    uid: int, mode: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "lamp.toml"
    path.write_text("[strip]\npixels = 4\n", encoding="utf-8")
    status = os.stat_result((0o100000 | mode, 1, 1, 1, uid, 0, 20, 0, 0, 0))
    monkeypatch.setattr("hardware.light.settings.os", SimpleNamespace(fstat=lambda file: status, geteuid=lambda: 0))
    with pytest.raises(HardwareError, match=rf"run: sudo chown root {path} && sudo chmod 644 {path}\.$"):
        load_strip(str(path))
    monkeypatch.setattr("hardware.light.settings.os", SimpleNamespace(fstat=lambda file: status, geteuid=lambda: 1000))
    assert load_strip(str(path)).pixels == 4


def test_a_path_with_a_nul_is_one_sentence() -> None:
    with pytest.raises(HardwareError, match=r"can't be read \(embedded null byte\); check the path"):
        load_strip("a\0b")


def test_nobody_who_listens_to_it_is_no_reason_to_end(writer: Process) -> None:
    assert writer.process.stderr is not None
    writer.process.stderr.close()
    writer.process.stderr = None
    writer.process.send_signal(signal.SIGUSR1)
    with SocketStrip(4, writer.path) as strip:
        writer.light_up(strip)
    writer.process.send_signal(signal.SIGTERM)
    assert writer.process.wait(30) == 0


AUTO = """
import sys, threading, os, signal
from device.cli import main
from hardware import board
from hardware.errors import HardwareError
from hardware.light import keeper
from hardware.light.drivers import spi
from hardware.light.drivers.null import NullDriver
board.read_board = lambda: board.Board("Raspberry Pi 3 Model B Rev 1.2", 0xA02082)
keeper.FIRST_RETRY_S = keeper.LONGEST_RETRY_S = 0.01
opened = []
class Failing(NullDriver):
    def _send(self, frame):
        if 1 < len(opened) < 5 and not self._closed:
            raise HardwareError("It fails.")
        if len(opened) == 1 and not self._closed:
            opened.append(None)
            raise HardwareError("It fails.")
        if len(opened) == 5:
            os.kill(os.getpid(), signal.SIGTERM)
            opened.append(None)
def open_strip(settings):
    opened.append(None)
    return Failing(settings.leds)
spi.open_strip = open_strip
with open(sys.argv[2], "w") as file:
    file.write("[strip]\\npin = 10\\n")
code = main(["light", "--socket", sys.argv[1], "--settings", sys.argv[2]])
print(code, len(opened))
"""


def test_what_auto_chose_is_told_once_however_often_it_is_opened(tmp_path: Path) -> None:
    command = [sys.executable, "-c", AUTO, str(tmp_path / "s"), str(tmp_path / "lamp.toml")]
    run = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    code, opened = map(int, run.stdout.split())
    assert (code, opened >= 5) == (0, True)
    assert run.stderr.count("is driven by SPI") == 1
    assert "lampyris: The strip is driven by SPI, because it is wired to GPIO10" in run.stderr
    assert "60 LEDs by spi, " in run.stderr
