"""The package pyaudio, which only a real microphone needs."""

import contextlib
import io
from typing import Any

from hardware.errors import HardwareError
from hardware.quiet import quiet_stderr


def load() -> Any:
    """The module pyaudio. Raises HardwareError when it, or the library PortAudio under it, is missing."""
    try:
        # It prints to standard output, of all places, before it raises.
        with contextlib.redirect_stdout(io.StringIO()):
            import pyaudio
    except (ImportError, OSError) as error:
        raise HardwareError(
            "A microphone needs PortAudio and the package pyaudio; install them with: "
            "sudo apt install gcc python3-dev portaudio19-dev && pip install pyaudio."
        ) from error
    return pyaudio


def begin(audio: Any) -> Any:
    """PortAudio with the devices that are there now; it learns of others only when it is begun anew.

    Raises HardwareError when there is no sound system at all.
    """
    try:
        with quiet_stderr():  # every sound server that isn't there is told at length
            return audio.PyAudio()
    except OSError as error:
        raise HardwareError(
            f"The sound system doesn't start ({reason(error)}); check that ALSA is installed and try again."
        ) from error


def reason(error: Exception) -> str:
    """The words of an error of PortAudio, which has a number before them."""
    words = [word for word in error.args if isinstance(word, str)]
    return words[-1].rstrip(".") if words else type(error).__name__
