"""The whole way of the light: from a client through the writer's process and the real C library onto the pin."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from hardware.light.client import SocketStrip
from tests.wire import pi

PIXELS = 60
SETTINGS = f'[strip]\npixels = {PIXELS}\nbudget_ma = 9000\norder = "GRB"\ndriver = "ws281x"\n'
# Of 8 bits exactly, so that there is nothing to dither.
COLORS = np.random.default_rng(8).integers(0, 256, (PIXELS, 3), dtype=np.uint8)
ON_THE_WIRE = COLORS[:, [1, 0, 2]].ravel()
PATIENCE_S = 60


class Writer:
    """The writer as a process on a Pi that is not there."""

    def __init__(self, fakepi: Path, folder: Path, name: str) -> None:
        self.path = folder / "light.sock"
        self._log = folder / f"{name}.jsonl"
        (folder / "lamp.toml").write_text(SETTINGS, encoding="utf-8")
        options = ["--socket", str(self.path), "--settings", str(folder / "lamp.toml")]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "device", "light", *options],
            stderr=subprocess.PIPE,
            text=True,
            cwd=pi.ROOT,
            env=os.environ | {"LD_PRELOAD": str(fakepi), "FAKEPI_LOG": str(self._log)},
        )

    def frames(self) -> list[np.ndarray]:
        """What left the pin until now, the bytes of each frame."""
        lines = self._log.read_text().splitlines(keepends=True) if self._log.exists() else []
        return [pi.pwm_bytes(json.loads(line), 0, 3 * PIXELS) for line in lines if line.endswith("\n")]

    def light_up(self) -> None:
        """Send the colors until they left the pin."""
        until_s = time.monotonic() + PATIENCE_S
        while not self.path.exists():
            assert self.process.poll() is None, self.process.communicate()[1]
            assert time.monotonic() < until_s
            time.sleep(0.02)
        with SocketStrip(PIXELS, self.path, tell=lambda sentence: None) as strip:
            while time.monotonic() < until_s:
                for _ in range(20):
                    strip.show(COLORS.astype(np.float32) / 255)
                    time.sleep(1 / 60)
                frames = self.frames()
                if frames and (frames[-1] == ON_THE_WIRE).all():
                    return
        raise AssertionError("the colors never left the pin")

    def end(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_every_byte_arrives_and_the_end_is_dark(fakepi: Path, tmp_path: Path, how: signal.Signals) -> None:
    writer = Writer(fakepi, tmp_path, "log")
    writer.light_up()
    assert writer.end(how) == 0
    frames = writer.frames()
    assert not frames[0].any()
    assert not frames[-1].any()
    # The fade on the way: never brighter than what was sent.
    assert all((frame <= ON_THE_WIRE).all() for frame in frames)


def test_after_a_kill_the_next_writer_begins_dark(fakepi: Path, tmp_path: Path) -> None:
    killed = Writer(fakepi, tmp_path, "killed")
    killed.light_up()
    assert killed.end(signal.SIGKILL) == -signal.SIGKILL
    following = Writer(fakepi, tmp_path, "following")
    following.light_up()
    assert following.end(signal.SIGTERM) == 0
    frames = following.frames()
    assert not frames[0].any()
    assert not frames[-1].any()
