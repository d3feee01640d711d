"""The drivers, each a module of its own with `open_strip(settings)`; only the chosen one is imported."""

from importlib import import_module

from hardware.errors import HardwareError
from hardware.light.driver import Driver
from hardware.light.settings import DRIVERS, StripSettings


def open_driver(name: str, settings: StripSettings) -> Driver:
    """The driver of this name, ready to show frames of settings.leds pixels; dark until then.

    name: not "auto", see real_driver. Raises HardwareError when there is no such driver or it can't work here.
    """
    if name not in DRIVERS or name == "auto":
        raise HardwareError(f"There is no driver {name!r}; choose one of {', '.join(DRIVERS[1:])}.")
    driver: Driver = import_module(f"hardware.light.drivers.{name}").open_strip(settings)
    return driver


def real_driver(settings: StripSettings) -> tuple[str, str]:
    """The name of the driver for these settings, never "auto", and one sentence why if it was; touches no hardware.

    Raises HardwareError when none fits this board.
    """
    if settings.driver != "auto":
        return settings.driver, ""
    from hardware.board import read_board
    from hardware.light.drivers.auto import choose

    return choose(read_board(), settings.pin)
