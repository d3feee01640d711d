"""What is on the lamp's case for hands and eyes: a button and a small LED, each where the settings name a pin."""

import subprocess
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from device.controls import ButtonControls
from device.settings import PanelSettings
from hardware.button import GpioButton
from hardware.status_led import Status, StatusLed

POWEROFF = ("systemctl", "--no-ask-password", "poweroff")
PATIENCE_S = 10.0


class Panel:
    """Button and LED while the lamp runs. As a context manager it has the pins, and gives them back.

    controls: what the button asks for, None without one.
    """

    def __init__(self, settings: PanelSettings) -> None:
        self._settings = settings
        self._held = ExitStack()
        self._led: StatusLed | None = None
        self.controls: ButtonControls | None = None

    def __enter__(self) -> Self:
        """Take the pins. Raises HardwareError when one can't be had; then none is held."""
        with ExitStack() as stack:
            if self._settings.button_pin is not None:
                button = GpioButton(self._settings.button_pin)
                stack.callback(button.close)
                self.controls = ButtonControls(button)
            if self._settings.led_pin is not None:
                self._led = StatusLed(self._settings.led_pin)
                stack.callback(self._led.close)
            self._held = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: BaseException | TracebackType | None) -> None:
        self._held.close()

    def show(self, sound: str, trouble: bool, t_s: float) -> None:
        """The LED for a hop that ended at t_s: blinking in trouble, else on while music is heard, else breathing."""
        if self._led is not None:
            status = Status.TROUBLE if trouble else Status.HEARING if sound == "music" else Status.LISTENING
            self._led.show(status, t_s)


def switch_off() -> str | None:
    """Ask the system to shut down; the reason in words if it will not."""
    try:
        done = subprocess.run(
            POWEROFF, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=PATIENCE_S
        )
    except OSError as error:
        return f"{POWEROFF[0]} cannot be run ({error.strerror})"
    except subprocess.TimeoutExpired:
        return f"{POWEROFF[0]} does not answer"
    if done.returncode == 0:
        return None
    return (done.stderr.strip().splitlines() or [f"{POWEROFF[0]} ended with {done.returncode}"])[-1].rstrip(".")
