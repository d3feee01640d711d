"""Button and LED of the lamp, on gpiozero's mocked pins."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gpiozero
import pytest
from gpiozero.pins.mock import MockFactory, MockPWMPin

from device import panel as module
from device.cli import main
from device.errors import InputError
from device.panel import Panel, switch_off
from device.settings import PanelSettings, load_settings
from hardware.errors import HardwareError

BUNDLE = Path(__file__).parents[1] / "golden" / "tiny_bundle"


@pytest.fixture
def pins() -> Iterator[MockFactory]:
    before = gpiozero.Device.pin_factory
    factory = gpiozero.Device.pin_factory = MockFactory(pin_class=MockPWMPin)
    yield factory
    factory.reset()
    gpiozero.Device.pin_factory = before


def test_without_pins_there_is_nothing() -> None:
    with Panel(PanelSettings()) as panel:
        assert panel.controls is None
        panel.show("music", False, 1.0)


def test_the_led_tells_what_is_heard(pins: MockFactory) -> None:
    pin: Any = pins.pin(27)
    with Panel(PanelSettings(led_pin=27)) as panel:
        panel.show("music", False, 1.0)
        assert pin.state == 1.0
        panel.show("silence", False, 2.0)
        assert 0 < pin.state < 0.5
        states = set()
        for i in range(10):
            panel.show("music", True, 3.0 + i / 20)
            states.add(pin.state)
        assert states == {0.0, 1.0}
    assert pin.state == 0


def test_a_pin_that_is_taken_leaves_none_held(pins: MockFactory) -> None:
    with (
        pytest.raises(HardwareError, match="GPIO3 can't be used for the status LED"),
        Panel(PanelSettings(button_pin=3, led_pin=3)),
    ):
        pass
    with Panel(PanelSettings(button_pin=3)) as panel:
        assert panel.controls is not None


def test_held_for_eight_seconds_it_shuts_down(
    pins: MockFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Through the whole listener: the light goes out, then the system is asked."""
    pin: Any = pins.pin(17)
    clock = iter(0.02 * i for i in range(10**6))
    real = module.ButtonControls

    def controls(button: Any) -> Any:
        def now() -> float:
            t_s = next(clock)
            (pin.drive_low if t_s > 1.0 else pin.drive_high)()
            return t_s

        return real(button, now)

    asked: list[tuple[str, ...]] = []

    def run(command: tuple[str, ...], **_: Any) -> subprocess.CompletedProcess:
        asked.append(command)
        return subprocess.CompletedProcess(command, 1, "", "Access denied\n")

    monkeypatch.setattr(module, "ButtonControls", controls)
    monkeypatch.setattr(
        module,
        "subprocess",
        SimpleNamespace(run=run, DEVNULL=subprocess.DEVNULL, TimeoutExpired=subprocess.TimeoutExpired),
    )
    settings = tmp_path / "lamp.toml"
    settings.write_text("[panel]\nbutton_pin = 17\n")
    options = ["--strip", "null", "--speed", "max", "--bundle", str(BUNDLE), "--settings", str(settings)]
    assert main(["listen", *options]) == 0
    assert asked == [("systemctl", "--no-ask-password", "poweroff")]
    assert "can't be shut down by its button (Access denied)" in capsys.readouterr().err


def test_switching_off_tells_why_not(monkeypatch: pytest.MonkeyPatch) -> None:
    for command, why in (
        (("true",), None),
        (("false",), "false ended with 1"),
        (("/no/such",), "cannot be run"),
        (("sleep", "9"), "not answer"),
    ):
        monkeypatch.setattr(module, "PATIENCE_S", 0.2)
        monkeypatch.setattr(module, "POWEROFF", command)
        told = switch_off()
        assert told is None if why is None else why in str(told)


def test_pins_are_gpio_numbers(tmp_path: Path) -> None:
    path = tmp_path / "lamp.toml"
    path.write_text("[panel]\nbutton_pin = 28\n")
    with pytest.raises(InputError, match=r"panel\.button_pin"):
        load_settings(path)


def test_a_writer_that_is_away_is_trouble(
    pins: MockFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Through the whole listener: the strip is a socket that nobody answers."""
    shown: list[bool] = []
    monkeypatch.setattr(Panel, "show", lambda _panel, _sound, trouble, _t_s: shown.append(trouble))
    strip = f"socket:{tmp_path / 'nobody.sock'}"
    assert main(["listen", "--strip", strip, "--speed", "max", "--bundle", str(BUNDLE)]) == 0
    assert shown
    assert all(shown)
    assert "No light" in capsys.readouterr().err
