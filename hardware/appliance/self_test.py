"""Whether a release works on this machine, tried before it is put into use."""

import io
import json
import math
import struct
import wave

from hardware.appliance.place import SETTINGS
from hardware.appliance.root import Root
from hardware.appliance.shell import Shell
from hardware.errors import HardwareError

_LIBRARIES = "import pyaudio, gpiozero, lgpio, rpi_ws281x, soundfile"
_SECONDS, _RATE = 3, 16_000
_DOCTOR = {"runtime", "bundle", "ear"}
"""What the doctor must find healthy in a release; wires, rights and the room on the card are not its doing."""


def self_test(root: Root, shell: Shell, release: str) -> None:
    """Load its libraries, run its network, let it hear three seconds of a chord, and ask its doctor, if it has one.
    Raises HardwareError.

    As root, so that the bytecode of all it loads stays with it.
    """
    python = f"{release}/venv/bin/python"
    song, trace = f"{release}/.chord.wav", f"{release}/.trace.jsonl"
    root.write(song, _chord())
    try:
        shell.run(python, "-m", "pip", "check", "--disable-pip-version-check")
        shell.run(python, "-c", _LIBRARIES)
        shell.run(python, "-P", "-m", "device", "bundle", "verify", f"{release}/source/models/default")
        shell.run(python, "-P", "-m", "device", "light", "--help")
        settings = ("--settings", SETTINGS) if root.exists(SETTINGS) else ()
        listen = (python, "-P", "-m", "device", "listen", song, "--strip", "null", "--speed", "max")
        shell.run(*listen, "--bundle", "built-in", "--trace", trace, *settings)
        _check(root.read(trace) or b"")
        if root.exists(f"{release}/source/device/doctor"):
            doctor = (python, "-P", "-m", "device", "doctor", "--json", "--seconds", "1", "--bundle", "built-in")
            _heed(shell.ask(*doctor, *settings, codes=(0, 3, 4)))
    finally:
        root.remove(song)
        root.remove(trace)


def _check(trace: bytes) -> None:
    try:
        hops = [json.loads(line) for line in trace.splitlines()[1:]]
        lit = any(max(hop["rgb"]) > 0 for hop in hops)
        felt = all(abs(hop["valence"]) <= 1 and abs(hop["arousal"]) <= 1 for hop in hops)
    except (ValueError, KeyError, TypeError) as error:
        raise HardwareError("The self-test of the release wrote no trace that can be read; get it again.") from error
    if len(hops) != 20 * _SECONDS or not lit or not felt:
        raise HardwareError("The release hears, but what it shows is wrong or dark; get it again, or another one.")


def _heed(told: str | None) -> None:
    try:
        checks = json.loads(told or "")["checks"]
        sick = [f"{each['name']}: {each['found']}" for each in checks if each["state"] == "fail"]
    except (ValueError, KeyError, TypeError) as error:
        raise HardwareError("The doctor of the release gave no findings that can be read; get it again.") from error
    if found := [line for line in sick if line.partition(":")[0] in _DOCTOR]:
        raise HardwareError(f"The doctor of the release is not content ({'; '.join(found)}); get it again.")


def _chord() -> bytes:
    """A major triad that swells and fades, as a wav file."""
    samples = []
    for n in range(_SECONDS * _RATE):
        t = n / _RATE
        tone = sum(math.sin(2 * math.pi * hertz * t) for hertz in (261.6, 329.6, 392.0)) / 3
        samples.append(round(12_000 * tone * (0.6 - 0.4 * math.cos(2 * math.pi * 2 * t))))
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return out.getvalue()
