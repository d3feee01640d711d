"""The drivers, each a module of its own with `open_strip(settings)`; only the chosen one is imported."""

from importlib import import_module

from hardware.errors import HardwareError
from hardware.light.driver import Driver
from hardware.light.settings import StripSettings

DRIVERS = ("auto", "ws281x", "spi", "pio", "wled", "terminal", "recording", "null")


def open_driver(name: str, settings: StripSettings) -> Driver:
    """The driver of this name, ready to show frames of settings.leds pixels; dark until then.

    Raises HardwareError when there is no such driver or it can't work here.
    """
    if name not in DRIVERS:
        raise HardwareError(f"There is no driver {name!r}; choose one of {', '.join(DRIVERS)}.")
    driver: Driver = import_module(f"hardware.light.drivers.{name}").open_strip(settings)
    return driver
