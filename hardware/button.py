"""The button of the lamp: what it asks of one, and one on a pin."""

from typing import Any, Protocol

from hardware.gestures import Gesture, Gestures
from hardware.gpio import open_pin

DEFAULT_PIN = 3
"""GPIO3 has a pull-up of its own, and connected to ground it wakes a Pi that was shut down."""


class Button(Protocol):
    """A push button that is polled from the lamp's loop, so that nothing runs in another thread."""

    def gestures(self, t_s: float) -> list[Gesture]:
        """What was done with it since the last call, oldest first. t_s: seconds of any clock that never goes back."""
        ...

    def close(self) -> None:
        """Release the pin; calling it again does nothing."""
        ...


class GpioButton:
    """A push button from a pin to ground, by gpiozero; look at it at least every 20 ms.

    pin: its GPIO number. Raises HardwareError when the pin can't be had.
    """

    def __init__(self, pin: int = DEFAULT_PIN, gestures: Gestures | None = None) -> None:
        self._gestures = gestures or Gestures()
        # Without gpiozero's own debouncing, which throws presses away on some of its pins and does nothing on others.
        self._pin: Any = open_pin("button", pin, "DigitalInputDevice", pull_up=True)

    def gestures(self, t_s: float) -> list[Gesture]:
        """What was done with it since the last call, oldest first; nothing after close."""
        if self._pin is None:
            return []
        return self._gestures.process(bool(self._pin.is_active), t_s)

    def close(self) -> None:
        """Release the pin; calling it again does nothing."""
        if self._pin is not None:
            self._pin.close()
            self._pin = None
