"""The button and the status LED on pins of gpiozero's mock."""

import sys
from collections.abc import Iterator
from itertools import pairwise

import gpiozero
import numpy as np
import pytest
from gpiozero.pins.mock import MockFactory, MockPWMPin
from hypothesis import given
from hypothesis import strategies as st

from hardware.button import GpioButton
from hardware.errors import HardwareError
from hardware.gestures import Gesture
from hardware.status_led import BREATH_S, FAINT, Status, StatusLed, level


@pytest.fixture
def pins(monkeypatch: pytest.MonkeyPatch) -> Iterator[MockFactory]:
    factory = MockFactory(pin_class=MockPWMPin)
    monkeypatch.setattr(gpiozero.Device, "pin_factory", factory)
    yield factory
    factory.reset()
    factory.close()


def looked_at(button: GpioButton, begin_s: float, end_s: float) -> list[Gesture]:
    return [gesture for t_s in np.arange(begin_s, end_s, 0.01) for gesture in button.gestures(float(t_s))]


def test_a_press_connects_the_pin_to_ground(pins: MockFactory) -> None:
    button = GpioButton()
    pin = pins.pin(3)
    assert pin.pull == "up"
    assert looked_at(button, 0, 1) == []
    pin.drive_low()
    assert looked_at(button, 1, 1.2) == []
    pin.drive_high()
    assert looked_at(button, 1.2, 2) == [Gesture.SHORT]
    pin.drive_low()
    assert looked_at(button, 2, 3) == [Gesture.LONG]
    assert looked_at(button, 3, 11) == [Gesture.HOLD]
    button.close()


def test_the_mock_does_not_debounce_and_we_do(pins: MockFactory) -> None:
    button = GpioButton(17)
    pin = pins.pin(17)
    looked_at(button, 0, 1)
    for look in range(40):
        pin.drive_low() if look % 2 else pin.drive_high()
        assert button.gestures(1 + look * 0.005) == []
    assert looked_at(button, 1.2, 3) == [Gesture.LONG]  # the last of them stayed


def test_a_closed_button_is_silent_and_its_pin_free(pins: MockFactory) -> None:
    button = GpioButton(17)
    button.close()
    button.close()
    assert button.gestures(0.0) == []
    GpioButton(17).close()


def test_a_pin_that_is_taken_is_told(pins: MockFactory) -> None:
    button = GpioButton(17)
    with pytest.raises(HardwareError, match=r"GPIO17 can't be used for the status LED .*; choose another pin"):
        StatusLed(17)
    button.close()
    StatusLed(17).close()


@pytest.mark.parametrize("pin", [99, -1])
def test_a_pin_that_does_not_exist_is_told(pins: MockFactory, pin: int) -> None:
    with pytest.raises(HardwareError, match="for the button"):
        GpioButton(pin)


def test_where_there_are_no_pins_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpiozero.Device, "pin_factory", None)
    monkeypatch.setattr(gpiozero.Device, "_default_pin_factory", staticmethod(no_pins), raising=False)
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "none-such")
    with pytest.raises(HardwareError, match="lgpio"):
        GpioButton()


def no_pins() -> None:
    raise gpiozero.exc.BadPinFactory("Unable to load any default pin factory!")


def test_without_gpiozero_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gpiozero", None)
    with pytest.raises(HardwareError, match=r"lampyris\[pi\]"):
        GpioButton()


def test_what_lgpio_raises_is_told_too(pins: MockFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    class Lgpio:
        class error(Exception):
            pass

    def busy(*_: object, **__: object) -> None:
        raise Lgpio.error("'GPIO busy'")

    monkeypatch.setitem(sys.modules, "lgpio", Lgpio)
    monkeypatch.setattr(gpiozero, "DigitalInputDevice", busy)
    with pytest.raises(HardwareError, match="GPIO busy"):
        GpioButton()


def test_the_led_shows_what_the_lamp_is_at(pins: MockFactory) -> None:
    led = StatusLed(27)
    pin = pins.pin(27)
    assert pin.state == 0
    led.show(Status.HEARING, 0.0)
    assert pin.state == 1
    led.show(Status.LISTENING, BREATH_S / 2)
    assert pin.state == pytest.approx(FAINT)
    led.show(Status.TROUBLE, 0.3)
    assert pin.state == 0
    led.show(Status.HEARING, 0.4)
    led.close()
    led.close()
    led.show(Status.HEARING, 0.5)
    StatusLed(27).close()


@given(st.sampled_from(Status), st.floats(0, 1e6))
def test_its_level_is_one_that_a_pin_can_have(status: Status, t_s: float) -> None:
    assert 0 <= level(status, t_s) <= 1


def test_the_breath_is_slow_and_never_jumps() -> None:
    levels = [level(Status.LISTENING, t_s) for t_s in np.arange(0, 2 * BREATH_S, 0.05)]
    assert max(abs(after - before) for before, after in pairwise(levels)) < 0.01
    assert max(levels) <= FAINT


def test_trouble_blinks_twice_a_second() -> None:
    levels = [level(Status.TROUBLE, t_s) for t_s in np.arange(0.001, 1.0, 0.05)]
    assert [after for before, after in pairwise(levels) if after != before] == [0.0, 1.0, 0.0]
