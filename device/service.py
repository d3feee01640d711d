"""What the lamp does when it is kept by systemd and something is wrong: it glows, and says why."""

from device.emotion.shipped import BUILT_IN
from device.emotion.store import Store
from device.errors import InputError
from device.output import warn
from hardware.capture.microphone import CaptureMicrophone
from hardware.errors import HardwareError
from hardware.no_microphone import NoMicrophone
from hardware.service import Service


def bundle_of(service: Service, named: str | None, store: Store | None) -> str | None:
    """The bundle to run: in safe mode the previous one, or the one that ships where there is none that loads."""
    if not service.safe:
        return named
    try:
        previous = None if store is None else store.previous()
        if previous is not None and store is not None:
            store.load(previous)
    except InputError as error:
        warn(f"{error} Safe mode goes on with the bundle that ships.")
        return BUILT_IN
    return previous or BUILT_IN


def microphone_of(service: Service, mic: str) -> CaptureMicrophone | NoMicrophone:
    """The microphone. Raises HardwareError if there is none; a service waits for it instead, and in safe mode hears
    none, because that may be what it died of."""
    if service.safe:
        return NoMicrophone()
    try:
        return CaptureMicrophone(mic, warn)
    except HardwareError as error:
        if not service.on:
            raise
        warn(f"{error} Until it is there the lamp glows faintly.")
        return NoMicrophone(lambda: _is_there(mic))


def _is_there(mic: str) -> bool:
    try:
        CaptureMicrophone(mic, warn).close()
    except HardwareError:  # told when the waiting began
        return False
    warn("The microphone is there; the lamp starts again with it.")
    return True
