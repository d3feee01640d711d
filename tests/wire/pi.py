"""Runs programs on a Raspberry Pi that is not there, and reads what left its pins."""

import json
import os
import shutil
import subprocess
import sys
import warnings
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

ROOT = Path(__file__).parents[2]
SOURCE = Path(__file__).with_name("fakepi.c")


def build(folder: Path) -> Path:
    """The compiled fakepi.so.

    Without a compiler or the library the test is skipped with the reason, and where LAMPYRIS_WIRE=required it fails.
    """
    missing = [name for name in ("gcc",) if not shutil.which(name)]
    missing += [name for name in ("rpi_ws281x",) if not find_spec(name)]
    if missing or sys.platform != "linux":
        reason = f"What leaves the pins is NOT tested: that needs Linux with {' and '.join(missing) or 'its calls'}."
        if os.environ.get("LAMPYRIS_WIRE") == "required":
            pytest.fail(reason)
        warnings.warn(reason, stacklevel=2)  # the summary shows warnings, of skipped tests only their number
        pytest.skip(reason)
    library = folder / "fakepi.so"
    command = ["gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", str(library), str(SOURCE)]
    subprocess.run([*command, "-ldl", "-lpthread"], check=True)
    return library


@dataclass(frozen=True)
class Run:
    """code: the exit code, negative for a signal. out, err: what it said. log: the entries of fakepi.c in order."""

    code: int
    out: str
    err: str
    log: list[dict[str, Any]]

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The entries of one kind."""
        return [entry for entry in self.log if entry["kind"] == kind]


def run(library: Path, folder: Path, program: str, *arguments: str, **environment: str) -> Run:
    """Run a Python program, text, on the fake board."""
    log = folder / "log.jsonl"
    log.unlink(missing_ok=True)
    board = {"LD_PRELOAD": str(library), "FAKEPI_LOG": str(log), "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=folder,
        env=os.environ | board | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    entries = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    return Run(done.returncode, done.stdout, done.stderr, entries)


def symbols_to_bytes(bits: NDArray[np.uint8], count: int) -> NDArray[np.uint8]:
    """The bytes of a WS2812 that `bits`, three for each of its symbols, send; what follows must be the wire at rest."""
    symbols = bits[: count * 24].reshape(-1, 3)
    assert len(symbols) == count * 8, "the transfer ended within the frame"
    assert (symbols[:, 0] == 1).all(), "a symbol that doesn't begin high"
    assert (symbols[:, 2] == 0).all(), "a symbol that doesn't end low"
    assert not bits[count * 24 :].any(), "something follows the frame"
    return np.packbits(symbols[:, 1])


def pwm_bytes(entry: dict[str, Any], channel: int, count: int) -> NDArray[np.uint8]:
    """The bytes that a transfer sent on a channel of the PWM, uint8 [count]; the other channel must be silent."""
    words = np.frombuffer(bytes.fromhex(entry["hex"]), dtype="<u4").reshape(-1, 2)
    assert not words[:, 1 - channel].any(), "the other channel isn't silent"
    bits = np.unpackbits(words[:, channel].astype(">u4").view(np.uint8))
    return symbols_to_bytes(bits, count)


def pin_function(entry: dict[str, Any], pin: int) -> int:
    """The function of GPIO10 to 19, as in the register GPFSEL1: 4 is ALT0, 2 is ALT5."""
    return int(entry["fsel1"] >> 3 * (pin - 10) & 7)
