"""Pins for what people touch and see on the case, by gpiozero."""

import sys
import warnings
from typing import Any

from hardware.errors import HardwareError


def open_pin(what: str, pin: int, kind: str, **options: Any) -> Any:
    """A device of gpiozero, of the class `kind`, on a GPIO pin.

    what: its name in the lamp, for the sentence of the error. options: of the class.
    Raises HardwareError when gpiozero is missing or can't have the pin.
    """
    try:
        import gpiozero
    except ImportError as error:
        raise HardwareError(
            f"The library gpiozero, which the {what} needs, is missing; install it with: pip install 'lampyris[pi]'."
        ) from error
    try:
        with warnings.catch_warnings():
            # It warns of each library for pins that it tries in vain; the error that follows says the same once.
            warnings.simplefilter("ignore", gpiozero.exc.PinFactoryFallback)
            return getattr(gpiozero, kind)(pin, **options)
    except gpiozero.exc.BadPinFactory as error:
        raise HardwareError(
            f"The pin of the {what} can't be reached here; leave the {what} out, or on a Raspberry Pi install lgpio "
            "with: sudo apt install python3-lgpio."
        ) from error
    except (gpiozero.exc.GPIOZeroError, *_library_errors()) as error:
        raise HardwareError(
            f"GPIO{pin} can't be used for the {what} ({_reason(error)}); choose another pin, see docs/wiring.md."
        ) from error


def _library_errors() -> tuple[type[Exception], ...]:
    """What the library below gpiozero raises: lgpio has a class of its own that is nothing else."""
    lgpio = sys.modules.get("lgpio")
    return (OSError, lgpio.error) if lgpio else (OSError,)


def _reason(error: Exception) -> str:
    return str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
