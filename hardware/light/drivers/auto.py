"""auto: the driver that fits the board and the wiring, and why. It never chooses the network."""

from hardware.board import Board
from hardware.errors import HardwareError

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
