"""The same song on emulated Arm and on this machine: do the same frames reach the wire?"""

import json
import os
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hardware.appliance.emulate import Chroot
from tests.appliance.lamp_to_wire import PIXELS
from tests.appliance.report import Report, must
from tests.wire import pi

SECONDS = 8.0
EMOTION_TOLERANCE = 0.01
"""Of valence and arousal, which go from -1 to 1: the two builds of the runtime round differently."""
BYTE_TOLERANCE = 3
"""Of a byte on the wire, 0 to 255: what that makes of the colors, and one for dithering."""
MEAN_TOLERANCE = 0.1
"""Of all bytes, in the mean."""
_PROGRAM = "tests.appliance.lamp_to_wire"
_GCC = ("gcc", "-O2", "-shared", "-fPIC")


def compile_board(build: Chroot, project: Path) -> bytes:
    """tests/wire/fakepi.c for the root's machine, in a root with a compiler."""
    (build.root / "fakepi.c").write_bytes((project / "tests/wire/fakepi.c").read_bytes())
    build.check(*_GCC, "-o", "/fakepi.so", "/fakepi.c", "-ldl", "-lpthread")
    return (build.root / "fakepi.so").read_bytes()


def play_there(lamp: Chroot, board: bytes, report: Report) -> tuple[str, list[dict]]:
    """On the installed lamp, with the project's tests at /lampyris-tests: what it felt, and what left its pins."""
    (lamp.root / "fakepi.so").write_bytes(board)
    python = "/opt/lampyris/current/venv/bin/python"
    song = "/opt/lampyris/current/source/device/assets/demo.ogg"
    environment = {"LD_PRELOAD": "/fakepi.so", "FAKEPI_LOG": "/wire.jsonl", "PYTHONPATH": "/lampyris-tests"}
    settings = [f"{name}={value}" for name, value in environment.items()]  # for this program, not for unshare
    done = lamp.run("env", *settings, python, "-m", _PROGRAM, song, str(SECONDS))
    report.finished(done)
    log = lamp.root / "wire.jsonl"
    return done.stdout, [json.loads(line) for line in log.read_text().splitlines()]


def play_here(project: Path, folder: Path, report: Report) -> tuple[str, list[dict]]:
    """The same on this machine."""
    board, log = folder / "fakepi.so", folder / "wire.jsonl"
    log.unlink(missing_ok=True)
    report.run([*_GCC, "-o", board, project / "tests/wire/fakepi.c", "-ldl", "-lpthread"])
    environment = {**os.environ, "LD_PRELOAD": str(board), "FAKEPI_LOG": str(log), "PYTHONPATH": str(project)}
    command = [sys.executable, "-m", _PROGRAM, project / "device/assets/demo.ogg", str(SECONDS)]
    return report.run(command, **environment), [json.loads(line) for line in log.read_text().splitlines()]


def compare(there: tuple[str, list[dict]], here: tuple[str, list[dict]]) -> str:
    """How far they are apart, in words. Raises Failed beyond the tolerances."""
    felt = [_felt(said) for said, _ in (there, here)]
    must(felt[0].shape == felt[1].shape and len(felt[0]) > 10 * SECONDS, "not as many hops, or none")
    sent = [_frames(log) for _, log in (there, here)]
    must(sent[0].shape == sent[1].shape, f"{len(sent[0])} and {len(sent[1])} frames on the wire")
    must(int(sent[1].max()) > 30, "the lamp stays dark")
    emotion = float(np.abs(felt[0][:, 1:] - felt[1][:, 1:]).max())
    apart = np.abs(sent[0].astype(int) - sent[1].astype(int))
    found = f"{len(sent[0])} frames of {PIXELS} pixels: {apart.max()} of 255 apart at most, {apart.mean():.4f} in the "
    found += f"mean, {np.mean(apart > 0):.2%} of the bytes; emotion {emotion:.5f} apart at most"
    good = emotion <= EMOTION_TOLERANCE and apart.max() <= BYTE_TOLERANCE and apart.mean() <= MEAN_TOLERANCE
    must(good, f"too far apart, {found}")
    return found


def _felt(said: str) -> NDArray[np.float64]:
    """Time, valence and arousal of each hop, [hops, 3]."""
    rows = [line.split() for line in said.splitlines()]
    return np.array([[float(each) for each in row] for row in rows if len(row) == 3 and row[0][0].isdigit()])


def _frames(log: list[dict]) -> NDArray[np.uint8]:
    """The bytes that left GPIO12, [frames, 3 * PIXELS]."""
    sent = [pi.pwm_bytes(entry, 0, 3 * PIXELS) for entry in log if entry["kind"] == "pwm"]
    return np.array(sent)
