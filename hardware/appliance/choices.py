"""Choices: what the owner of a lamp wants of its installation."""

import re
from dataclasses import dataclass

from hardware.errors import HardwareError
from hardware.light.settings import MOST_LEDS
from hardware.words import printable

I2S = "i2s"
"""The microphone at the pins of the Raspberry Pi; any other choice is a part of the name of one that ALSA knows."""
I2S_PINS = (16, 18, 19, 20, 21)
"""GPIO18 to 21 carry the sound; the overlay takes 16 too."""
PINS_OF_PWM = (12, 13, 18, 19)
PIN_OF_SPI = 10
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True, kw_only=True)
class Choices:
    """pixels: on the strip. pin: GPIO number of its data line. mic: "i2s" or a part of a microphone's name.

    button: GPIO number, None without one. name: of the machine on the network, None to leave it as it is.
    network: whether the lamp may use the network. wled: whether its strip is there.
    read_only: whether the system's disk is left unwritten.
    The constructor raises HardwareError for what does not go together.
    """

    pixels: int = 60
    pin: int = 12
    mic: str = I2S
    button: int | None = None
    name: str | None = None
    network: bool = False
    wled: bool = False
    read_only: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.pixels <= MOST_LEDS:
            raise HardwareError(f"A strip has 1 to {MOST_LEDS} pixels, not {self.pixels}; correct --strip-pixels.")
        if self.name is not None and not _NAME.fullmatch(self.name):
            raise HardwareError(
                f"{printable(self.name)!r} can't be the name of a machine; --name takes small letters, digits and -, "
                "up to 63."
            )
        if not self.mic.strip() or not self.mic.isprintable() or re.search(r"[\"'\\%$]", self.mic):
            raise HardwareError("--mic takes i2s, or a part of a microphone's name, without quotes, \\, % and $.")
        used: dict[int, str] = {}
        if self.mic == I2S:
            used |= dict.fromkeys(I2S_PINS, "the I2S microphone")
        for pin, what, option in ((self.pin, "the strip", "--pin"), (self.button, "the button", "--button")):
            if pin is None:
                continue
            if not 0 <= pin <= 27:
                raise HardwareError(f"GPIO numbers are 0 to 27, not {pin}; correct {option}.")
            if pin in used:
                raise HardwareError(f"GPIO{pin} is taken by {used[pin]}; choose another with {option}.")
            used[pin] = what

    def check_pin(self, rp1: bool) -> None:
        """Raise HardwareError when this board can't drive a strip at this pin. rp1: whether it is a Pi 5 or its kin."""
        if not rp1 and self.pin not in (*PINS_OF_PWM, PIN_OF_SPI):
            raise HardwareError(
                f"A strip can be driven at GPIO12, 13, 18 or 19 (PWM) and 10 (SPI), not at {self.pin}; correct --pin."
            )
