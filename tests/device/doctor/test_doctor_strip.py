"""The strip's driver: what each one needs, on a Pi in a folder."""

import errno
import importlib.util
import socket
from pathlib import Path

import pytest

from device.doctor import strip
from device.doctor.finding import Finding, State
from hardware.light.settings import StripSettings
from tests.device.doctor.machines import PI_5, Machine, raspberry


@pytest.fixture(autouse=True)
def _library(monkeypatch: pytest.MonkeyPatch) -> None:
    """rpi-ws281x counts as installed."""
    monkeypatch.setattr(strip, "find_spec", lambda name: importlib.util.find_spec("json"))


def check(machine: Machine, held: bool = False, **settings: object) -> Finding:
    return strip.check(machine.host, StripSettings(**settings), held)  # type: ignore[arg-type]


def failed(told: Finding, found: str, next_step: str) -> None:
    assert told.state is State.FAIL
    assert found in told.found
    assert next_step in told.next_step


def test_auto_on_a_pi_4(tmp_path: Path) -> None:
    told = check(raspberry(tmp_path))
    assert told.state is State.OK
    assert told.values == {"driver": "ws281x", "gpio": 12}
    assert "needs root" in told.found
    assert "needs root" not in check(raspberry(tmp_path), held=True).found


def test_auto_on_another_computer(tmp_path: Path) -> None:
    assert check(Machine(tmp_path)).state is State.SKIP


@pytest.mark.parametrize("driver", ["terminal", "recording", "null"])
def test_drivers_without_a_wire(tmp_path: Path, driver: str) -> None:
    assert check(raspberry(tmp_path), driver=driver).state is State.SKIP


def test_pwm_elsewhere_and_on_a_pi_5(tmp_path: Path) -> None:
    failed(check(Machine(tmp_path), driver="ws281x"), "not a Raspberry Pi", "choose the driver")
    failed(check(raspberry(tmp_path / "5", PI_5), driver="ws281x"), "another chip", "pio")


def test_pwm_on_a_pin_of_the_microphone_and_the_dma_of_the_sd_card(tmp_path: Path) -> None:
    failed(check(raspberry(tmp_path), driver="ws281x", pin=18), "GPIO18 belongs", "wire the strip to GPIO12")
    failed(check(raspberry(tmp_path), driver="ws281x", dma=5), "SD card", "strip.dma = 10")


def test_pwm_with_the_analog_audio_on(tmp_path: Path) -> None:
    machine = raspberry(tmp_path)
    machine.put("/sys/module/snd_bcm2835/refcnt", "0")
    failed(check(machine), "analog audio", "dtparam=audio=off")


def test_pwm_without_its_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strip, "find_spec", lambda name: None)
    failed(check(raspberry(tmp_path)), "rpi-ws281x", "pip install")


@pytest.mark.parametrize("device", ["/dev/mem", "/dev/vcio"])
def test_pwm_without_its_devices(tmp_path: Path, device: str) -> None:
    machine = raspberry(tmp_path)
    machine.uid = 0
    machine.closed = {device}
    failed(check(machine), f"root may not open {device}", "container")
    assert check(machine, held=True).state is State.OK
    machine.host.path(device).unlink()
    failed(check(machine), f"no {device}", "SPI")


def test_spi(tmp_path: Path) -> None:
    machine = raspberry(tmp_path)
    told = check(machine, pin=10)
    assert (told.state, told.values["driver"]) == (State.OK, "spi")
    failed(check(machine, driver="spi", pin=12), "not on GPIO12", "strip.pin = 10")
    machine.closed = {"/dev/spidev0.0"}
    failed(check(machine, pin=10), "may not write", "group spi")
    assert check(machine, pin=10, held=True).state is State.OK
    machine.host.path("/dev/spidev0.0").unlink()
    failed(check(machine, pin=10, held=True), "no /dev/spidev0.0", "dtparam=spi=on")


def test_spi_with_too_little_room_for_a_frame(tmp_path: Path) -> None:
    machine = raspberry(tmp_path)
    machine.put("/sys/module/spidev/parameters/bufsiz", "4096\n")
    assert check(machine, driver="spi", pixels=435).state is State.OK  # as docs/wiring.md has it
    failed(check(machine, driver="spi", pixels=436), "takes 4096", "bufsiz=32768")


def test_pio(tmp_path: Path) -> None:
    machine = raspberry(tmp_path, PI_5)
    assert check(machine).values["driver"] == "pio"
    machine.closed = {"/dev/leds0"}
    failed(check(machine), "may not write /dev/leds0", "group gpio")
    machine.host.path("/dev/leds0").unlink()
    failed(check(machine, pixels=33), "no /dev/leds0", "num_leds=33")
    machine.put("/proc/sys/kernel/osrelease", "6.6.31+rpt-rpi-2712\n")
    failed(check(machine), "kernel 6.6.31", "full-upgrade")


def test_wled_without_an_address(tmp_path: Path) -> None:
    failed(check(Machine(tmp_path), driver="wled"), "No WLED", "strip.address")


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (socket.gaierror(-2, "Name or service not known"), "isn't known"),
        (TimeoutError("timed out"), "timed out"),
        (OSError(errno.EHOSTUNREACH, "No route to host"), "No route to host"),
    ],
)
def test_wled_that_is_not_there(error: OSError, found: str) -> None:
    def connect(*_: object, **__: object) -> socket.socket:
        raise error

    failed(strip.reach("wled.local", connect), found, "strip.address")


def test_wled_that_is_there() -> None:
    def refuse(*_: object, **__: object) -> socket.socket:
        raise ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")

    def answer(address: tuple[str, int], timeout: float) -> socket.socket:
        assert (address, timeout) == (("10.0.0.7", 80), strip.PATIENCE_S)
        return socket.socket()

    assert strip.reach("10.0.0.7", refuse).state is State.OK
    assert strip.reach("10.0.0.7", answer).state is State.OK
