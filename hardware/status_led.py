"""An optional small LED that shows how the lamp is doing, also when its strip is dark."""

import math
from enum import Enum
from typing import Any

from hardware.gpio import open_pin

DEFAULT_PIN = 27
BREATH_S = 4.0
FAINT = 0.12
BLINK_S = 0.5


class Status(Enum):
    """What the lamp is at, and how the LED shows it."""

    LISTENING = "a faint slow breath"
    HEARING = "on"
    TROUBLE = "blinking"


def level(status: Status, t_s: float) -> float:
    """Brightness of the LED in [0, 1] at the time t_s, seconds of any clock."""
    if status is Status.HEARING:
        return 1.0
    if status is Status.TROUBLE:
        return 1.0 if t_s % BLINK_S < BLINK_S / 2 else 0.0
    return FAINT * (0.5 - 0.5 * math.cos(2 * math.pi * t_s / BREATH_S))


class StatusLed:
    """An LED from a pin, through a resistor, to ground, by gpiozero; dark until the first show().

    pin: its GPIO number. Raises HardwareError when the pin can't be had.
    """

    def __init__(self, pin: int = DEFAULT_PIN) -> None:
        self._led: Any = open_pin("status LED", pin, "PWMLED")

    def show(self, status: Status, t_s: float) -> None:
        """Show it as it is at the time t_s; call it some 20 times a second. Nothing after close."""
        if self._led is not None:
            self._led.value = level(status, t_s)

    def close(self) -> None:
        """Go dark and release the pin; calling it again does nothing."""
        if self._led is not None:
            self._led.off()
            self._led.close()
            self._led = None
