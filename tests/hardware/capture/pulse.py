"""A real microphone without one: PulseAudio reads samples from a pipe, ALSA names that a device, PyAudio hears it."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from importlib.util import find_spec
from pathlib import Path
from threading import Event, Thread
from typing import Self

import numpy as np
import pytest
from numpy.typing import NDArray

RATE = 48_000
# The second is never there: without one such PortAudio miscounts a single device and aborts.
ALSA = """
pcm.pulsemic {{ type pulse server "unix:{socket}" device "pmic" hint {{ show on description "a pipe" }} }}
pcm.absent {{ type hw card 31 hint {{ show on description "nothing" }} }}
"""


def needed() -> None:
    """Without the sound server or the package the test is skipped with the reason; LAMPYRIS_EAR=required: it fails."""
    missing = [name for name in ("pulseaudio",) if not shutil.which(name)]
    missing += [name for name in ("pyaudio",) if not find_spec(name)]
    if not missing and not list(Path("/usr/lib").glob("**/libasound_module_pcm_pulse.so")):
        missing = ["libasound2-plugins"]
    if missing or sys.platform != "linux":
        reason = f"A real microphone is NOT tested: that needs Linux with {' and '.join(missing) or 'ALSA'}."
        if os.environ.get("LAMPYRIS_EAR") == "required":
            pytest.fail(reason)
        warnings.warn(reason, stacklevel=2)  # the summary shows warnings, of skipped tests only their number
        pytest.skip(reason)


class Pulse:
    """A sound server of our own, in a folder of its own. environment: what makes ALSA know its microphone."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ear"))  # a socket's path must be short
        self._socket, self._pipe = self.folder / "socket", self.folder / "pipe"
        alsa = self.folder / "asound.conf"
        alsa.write_text(ALSA.format(socket=self._socket))
        self.environment = {"ALSA_CONFIG_PATH": str(alsa)}
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Plug the microphone in."""
        home = {name: str(self.folder) for name in ("HOME", "XDG_RUNTIME_DIR", "PULSE_RUNTIME_PATH")}
        self._pipe.unlink(missing_ok=True)
        modules = (
            f"module-native-protocol-unix auth-anonymous=1 socket={self._socket}",
            f"module-pipe-source source_name=pmic file={self._pipe} format=s32le rate={RATE} channels=2",
        )
        load = [word for module in modules for word in ("-L", module)]
        self._process = subprocess.Popen(
            ["pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1", *load],
            env=os.environ | home,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(500):
            if self._socket.exists() and self._pipe.exists():
                return
            assert self._process.poll() is None, "PulseAudio has ended"
            time.sleep(0.02)
        raise AssertionError("PulseAudio has not begun")

    def kill(self) -> None:
        """Pull the plug."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        self._socket.unlink(missing_ok=True)

    def speak(self, samples: NDArray[np.int32]) -> "Voice":
        """Say samples [n, 2] in their own time, in the background."""
        return Voice(self._pipe, samples)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


class Voice:
    """Writes samples to the pipe, in real time.

    said: how many so far. smooth: whether it was never late by more than a tenth of a second, as on a busy machine:
    the microphone rightly tells such a pause as a gap.
    """

    def __init__(self, pipe: Path, samples: NDArray[np.int32]) -> None:
        self._pipe, self._samples = pipe, samples
        self.said = 0
        self.smooth = True
        self._stop = Event()
        self._thread = Thread(target=self._speak)

    def _speak(self) -> None:
        begin_s = time.monotonic()
        with open(self._pipe, "wb", buffering=0) as pipe:
            os.set_blocking(pipe.fileno(), False)  # nobody may ever read
            for part in np.array_split(self._samples, max(1, len(self._samples) // 480)):
                self.smooth &= time.monotonic() - (begin_s + self.said / RATE) < 0.1
                if self._stop.wait(max(0.0, begin_s + self.said / RATE - time.monotonic())):
                    return
                rest = part.tobytes()
                while rest and not self._stop.is_set():
                    try:
                        rest = rest[pipe.write(rest) or 0 :]
                    except BrokenPipeError:  # the server was killed
                        return
                    if rest:
                        self._stop.wait(0.005)
                self.said += len(part)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
