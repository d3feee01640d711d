"""A real sound server, the real PortAudio, the real capture code: every bit, in its own time, and back after a fall."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from device.color.palette_file import load_palette
from device.emotion.bundle import load_bundle
from device.lamp import Lamp
from device.settings import Settings
from hardware.array_microphone import ArrayMicrophone
from hardware.capture.microphone import CaptureMicrophone
from hardware.errors import HardwareError
from hardware.light.null import NullStrip
from hardware.microphone import Block
from tests.hardware.capture.pulse import RATE, Pulse, needed

ROOT = Path(__file__).parents[3]
BUNDLE = ROOT / "tests/golden/tiny_bundle"


@pytest.fixture
def pulse(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pulse]:
    needed()
    with Pulse() as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        yield server


def music(seconds: float) -> NDArray[np.int32]:
    """Noise in beats, in the left slot only; it begins with a sample that is not zero and uses all 32 bits."""
    rng = np.random.default_rng(0)
    t = np.arange(round(seconds * RATE)) / RATE
    left = rng.standard_normal(len(t)) * 0.1 * np.exp(-4 * (3 * t % 1))
    samples = np.zeros((len(t), 2), np.int32)
    samples[:, 0] = left * 2.0**31
    samples[0, 0] = 0x12345678
    return samples


class Recorder:
    """Passes on a number of seconds of what a microphone hears from its first sound on, and keeps them."""

    def __init__(self, microphone: CaptureMicrophone, seconds: float) -> None:
        self._microphone, self._left = microphone, round(seconds * RATE)
        self.rate, self.slots, self.name, self.live = microphone.rate, microphone.slots, microphone.name, True
        self.blocks: list[Block] = []

    def read(self) -> Block | None:
        if self._left <= 0:
            return None
        block = self._microphone.read()
        assert block is not None
        self.blocks.append(block)
        self._left -= len(block.samples)
        return block

    def close(self) -> None:
        self._microphone.close()


def test_every_bit_arrives_in_its_own_time_and_the_lamp_feels_it(pulse: Pulse) -> None:
    sound = music(5.0)
    said: list[str] = []
    with CaptureMicrophone("pulsemic", said.append) as microphone, pulse.speak(sound) as voice:
        assert (microphone.rate, microphone.slots, microphone.deaf) == (RATE, 2, False)
        recorder = Recorder(microphone, 3.0)
        lamp = Lamp(recorder, NullStrip(10), load_bundle(BUNDLE), load_palette("lampyris"), Settings())
        hops = list(lamp.hops())
        # It was heard while it was being said, not afterwards: at most half a second lies between.
        assert voice.said < 3.5 * RATE or not voice.smooth
    assert not said
    lost = [block.lost for block in recorder.blocks if block.lost]
    assert not lost or not voice.smooth
    heard = np.concatenate([block.samples for block in recorder.blocks])
    begin = int(np.flatnonzero(heard[:, 0])[0])
    np.testing.assert_array_equal(heard[begin:], sound[: len(heard) - begin])
    assert len(heard) - begin > 2.5 * RATE
    assert hops[-1].sound == "music"
    if lost:
        return
    again = Lamp(
        ArrayMicrophone(heard, RATE, live=True),
        NullStrip(10),
        load_bundle(BUNDLE),
        load_palette("lampyris"),
        Settings(),
    )
    for hop, same in zip(hops, again.hops(), strict=True):
        assert hop.sound == same.sound
        assert hop.emotion.arousal == pytest.approx(same.emotion.arousal, abs=1e-5)


def test_a_server_that_dies_and_returns(pulse: Pulse) -> None:
    sound = music(8.0)
    said: list[str] = []
    with CaptureMicrophone("pulsemic", said.append) as microphone:
        with pulse.speak(sound):
            read_until(microphone, lambda block: block.samples.any())
            pulse.kill()
            read_until(microphone, lambda block: block.deaf)
        assert len(said) == 1
        assert "is gone" in said[0]
        for _ in range(20):
            block = microphone.read()
            assert block is not None
            assert block.deaf
        pulse.start()
        with pulse.speak(sound) as voice:
            back = read_until(microphone, lambda block: not block.deaf)
            assert back[-1].lost > 0
            heard = [back[-1].samples]
            for _ in range(40):
                block = microphone.read()
                assert block is not None
                assert not block.deaf
                assert not block.lost or not voice.smooth
                heard.append(block.samples)
        both = np.concatenate(heard)
        begin = int(np.flatnonzero(both[:, 0] == both[both[:, 0] != 0][0, 0])[0])
        assert both[begin:].tobytes() in sound.tobytes()
        assert (microphone.outages, len(said)) == (1, 2)


def read_until(microphone: CaptureMicrophone, wanted: object) -> list[Block]:
    blocks: list[Block] = []
    while not blocks or not wanted(blocks[-1]):  # type: ignore[operator]
        assert len(blocks) < 1_000
        block = microphone.read()
        assert block is not None
        blocks.append(block)
    return blocks


def test_a_source_that_falls_silent_without_an_error_is_noticed(pulse: Pulse) -> None:
    said: list[str] = []
    with CaptureMicrophone("pulsemic", said.append) as microphone:
        with pulse.speak(music(0.5)):
            heard = read_until(microphone, lambda block: block.deaf)
        assert heard[0].samples.any()
        assert "no sound" in said[0]


def test_names_are_told_by_the_real_portaudio(pulse: Pulse) -> None:
    with pytest.raises(HardwareError, match=r"'loudspeaker'.*'pulsemic'"):
        CaptureMicrophone("loudspeaker")


def test_the_command_listens_until_it_is_stopped(pulse: Pulse, tmp_path: Path) -> None:
    trace = tmp_path / "t.jsonl"
    command = [sys.executable, "-m", "device", "listen", "--mic", "pulsemic", "--bundle", str(BUNDLE)]
    with pulse.speak(music(30.0)) as voice:
        process = subprocess.Popen(
            [*command, "--trace", str(trace)],
            cwd=ROOT,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        while not (line := process.stdout.readline()).startswith("0:05"):
            assert line, process.communicate()
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert not err or not voice.smooth
    header, *hops = (json.loads(line) for line in trace.read_text().splitlines())
    assert header["source"] == "pulsemic"
    assert hops[-1]["t"] >= 5
    assert [hop["sound"] for hop in hops].count("music") > 50
    assert "heard" in out
