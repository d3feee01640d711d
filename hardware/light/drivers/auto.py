"""auto: the driver that fits the board and the wiring, and why. It never chooses the network."""

import sys
from importlib import import_module

from hardware.board import Board, read_board
from hardware.errors import HardwareError
from hardware.light.driver import Driver
from hardware.light.settings import StripSettings

_SPI_PIN = 10


def choose(board: Board, pin: int | None) -> tuple[str, str]:
    """Name of the driver, and one sentence that says why.

    pin: the GPIO number that the settings name, None when they leave it open. Raises HardwareError for no Raspberry Pi.
    """
    if not board.raspberry:
        raise HardwareError(
            "This computer is not a Raspberry Pi, so it has no pin for a strip; choose a driver: terminal, null, or "
            "wled for a WLED controller on the network."
        )
    if pin == _SPI_PIN:
        return "spi", f"The strip is driven by SPI, because it is wired to GPIO10 of {board}."
    if board.rp1:
        return "pio", f"The strip is driven by the kernel's ws2812-pio, because this is {board}."
    return "ws281x", f"The strip is driven by PWM on GPIO{12 if pin is None else pin}, because this is {board}."


def open_strip(settings: StripSettings) -> Driver:
    """The strip of these settings by the driver that fits; tells which and why on stderr.

    Raises HardwareError when none fits or it can't work here.
    """
    name, why = choose(read_board(), settings.pin)
    print(why, file=sys.stderr)
    driver: Driver = import_module(f"hardware.light.drivers.{name}").open_strip(settings)
    return driver
