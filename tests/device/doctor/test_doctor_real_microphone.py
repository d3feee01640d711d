"""The command on a real sound server and the real PortAudio: a good microphone, and one that gives nothing."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.hardware.capture.pulse import RATE, Pulse, needed

ROOT = Path(__file__).parents[3]
N = np.arange(20 * RATE)


@pytest.fixture
def pulse() -> Iterator[Pulse]:
    needed()
    with Pulse() as server:
        yield server


def doctor(pulse: Pulse, samples: NDArray[np.int32]) -> tuple[int, dict[str, Any], bool]:
    """Exit code, checks by name, and whether the voice was never late."""
    with pulse.speak(samples) as voice:
        done = subprocess.run(
            [sys.executable, "-m", "device", "doctor", "--json", "--mic", "pulsemic", "--seconds", "3"],
            cwd=ROOT,
            env=os.environ | pulse.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        pulse.kill()  # nobody reads the pipe any more
    assert not done.stderr
    return done.returncode, {check["name"]: check for check in json.loads(done.stdout)["checks"]}, voice.smooth


def test_a_microphone_in_the_left_slot(pulse: Pulse) -> None:
    tone = 0.2 * np.sin(2 * np.pi * 330 * N / RATE) * (N // 24_000 % 2) + 0.02
    hiss = np.random.default_rng(0).normal(0, 0.0005, len(N))
    samples = (np.stack([tone + hiss, 0 * N], axis=1) * 2.0**31).astype(np.int32)
    code, told, smooth = doctor(pulse, samples)
    assert told["microphone"]["found"] == "pulsemic"
    assert told["format"]["values"]["rate_hz"] == RATE
    assert told["slots"]["values"]["alive"] == ["left"]
    assert told["offset"]["values"]["offset_percent"] == pytest.approx([2, 0], abs=0.05)
    assert told["noise"]["values"]["loudest_dbfs"] == pytest.approx(20 * np.log10(0.2) - 3, abs=0.5)
    assert told["clipping"]["values"]["clipped_percent"] == 0
    if smooth:
        assert told["losses"]["values"]["lost_s"] == 0
        assert told["format"]["values"]["true_rate_hz"] == pytest.approx(RATE, rel=0.03)
        assert code == 0


def test_a_microphone_that_gives_zeros(pulse: Pulse) -> None:
    code, told, _ = doctor(pulse, np.zeros((len(N), 2), np.int32))
    assert code == 3
    assert told["slots"]["state"] == "fail"
    assert "zeros" in told["slots"]["found"]
    assert told["slots"]["next_step"]
