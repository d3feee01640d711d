"""The microphone as the doctor meets it: fine, absent, busy, lying, losing, silent."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from device.doctor.finding import Finding, State
from device.doctor.microphone import Hearing
from device.hearing.gate import GateSettings
from tests.device.doctor.machines import Machine, raspberry
from tests.fakes.pyaudio import I2S, Card, FakeAudio

RATE = 48_000


def room(start: int, count: int) -> np.ndarray:
    """A tone that comes and goes in the left slot."""
    n = np.arange(start, start + count)
    left = 0.2 * np.sin(2 * np.pi * 440 * n / RATE) * (n // 24_000 % 2) + 0.001 * np.sin(n * 12.9898)
    return np.stack([left * 2.0**31, np.zeros(count)], axis=1).astype(np.int32)


def hear(machine: Machine, audio: FakeAudio, named: str | None = None, seconds: float = 5.0) -> dict[str, Finding]:
    hearing = Hearing(machine.host, lambda sentence: None, audio.clock, audio.sleep, audio)
    return {finding.name: finding for finding in hearing.findings(named, seconds, GateSettings())}


def test_all_is_well_with_the_i2s_card(tmp_path: Path) -> None:
    audio = FakeAudio([Card(sound=room)])
    began_s = audio.now_s
    told = hear(raspberry(tmp_path), audio)
    assert list(told) == ["microphone", "format", "slots", "noise", "offset", "clipping", "losses"]
    assert {finding.state for finding in told.values()} == {State.OK}
    assert told["microphone"].found.startswith("sndrpigooglevoi")
    assert told["format"].values["true_rate_hz"] == pytest.approx(RATE, rel=0.01)
    assert told["losses"].values == {"heard_s": pytest.approx(5.0, abs=0.1), "lost_s": 0}
    assert audio.now_s - began_s == pytest.approx(5.5, abs=0.2)
    assert not audio.streams  # it is given back


def test_elsewhere_none_is_asked_for(tmp_path: Path) -> None:
    told = hear(Machine(tmp_path), FakeAudio([]))["microphone"]
    assert told.state is State.SKIP
    assert "--mic" in told.next_step


def test_a_pi_without_its_card(tmp_path: Path) -> None:
    machine = raspberry(tmp_path)
    machine.put("/proc/asound/cards", "--- no soundcards ---\n")
    told = hear(machine, FakeAudio([]))["microphone"]
    assert told.state is State.FAIL
    assert "dtoverlay=googlevoicehat-soundcard" in told.next_step


def test_a_name_that_fits_nothing(tmp_path: Path) -> None:
    told = hear(raspberry(tmp_path), FakeAudio([Card()]), "usb")["microphone"]
    assert told.state is State.FAIL
    assert "'usb'" in told.found
    assert "voicehat" in told.next_step


def test_without_portaudio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyaudio", None)
    hearing = Hearing(raspberry(tmp_path).host, lambda sentence: None)
    (told,) = hearing.findings(None, 5.0, GateSettings())
    assert told.state is State.FAIL
    assert "apt install" in told.next_step


@pytest.mark.parametrize(
    ("command", "who"),
    [
        ("/home/pi/lampyris/.venv/bin/python\0/home/pi/lampyris/.venv/bin/lampyris\0listen\0", "a lamp"),
        ("python3\0-m\0device\0listen\0", "a lamp"),
        ("arecord\0-D\0hw:1\0", "arecord -D hw:1"),
        ("", "a program"),
    ],
)
def test_busy_is_not_broken(tmp_path: Path, command: str, who: str) -> None:
    machine = raspberry(tmp_path)
    machine.card(1, "sndrpigooglevoi", "snd_rpi_googlevoicehat_soundcar", owner=812)
    machine.put("/proc/812/cmdline", command)
    told = hear(machine, FakeAudio([Card(busy=True)]))
    assert list(told) == ["microphone"]
    assert told["microphone"].state is State.WARN
    assert told["microphone"].found == f"busy: process 812 ({who}) hears sndrpigooglevoi"
    assert "kill 812" in told["microphone"].next_step


def test_busy_and_hidden_by_portaudio(tmp_path: Path) -> None:
    machine = raspberry(tmp_path)
    machine.card(1, "sndrpigooglevoi", "snd_rpi_googlevoicehat_soundcar", owner=812)
    for wanted in (None, "VoiceHAT", "default"):
        assert hear(machine, FakeAudio([]), wanted)["microphone"].values == {"pid": 812}
    assert hear(machine, FakeAudio([]), "usb")["microphone"].state is State.FAIL


def test_refused_and_nobody_has_it(tmp_path: Path) -> None:
    told = hear(raspberry(tmp_path), FakeAudio([Card(busy=True)]))["microphone"]
    assert told.state is State.FAIL
    assert "Device unavailable" in told.found
    assert "end other programs" in told.next_step


def test_a_card_that_lies_about_its_rate(tmp_path: Path) -> None:
    told = hear(raspberry(tmp_path), FakeAudio([Card(sound=room, true_rate=44_100)]))["format"]
    assert told.state is State.FAIL
    assert told.values["true_rate_hz"] == pytest.approx(44_100, rel=0.01)
    assert "--mic" in told.next_step


def test_too_short_a_time_says_nothing_of_the_rate(tmp_path: Path) -> None:
    told = hear(raspberry(tmp_path), FakeAudio([Card(sound=room, true_rate=44_100)]), seconds=1.0)["format"]
    assert "true_rate_hz" not in told.values


def test_another_rate_is_told(tmp_path: Path) -> None:
    told = hear(
        raspberry(tmp_path), FakeAudio([Card(name="USB Audio: - (hw:2,0)", rates=(44_100,), sound=room)]), "usb"
    )
    assert told["format"].state is State.WARN
    assert told["format"].values["rate_hz"] == 44_100
    assert "48000" in told["format"].next_step


def test_an_overrun_while_it_hears(tmp_path: Path) -> None:
    card = Card(sound=room)
    audio = FakeAudio([card])

    def sound(start: int, count: int) -> np.ndarray:
        if start <= 2 * RATE < start + count:
            card.skip = 4_800
        return room(start, count)

    card.sound = sound
    told = hear(raspberry(tmp_path), audio)
    assert told["losses"].state is State.WARN
    assert told["losses"].values["lost_s"] == pytest.approx(0.1, abs=0.02)


def test_a_cable_that_is_pulled(tmp_path: Path) -> None:
    card = Card(sound=room)

    def sound(start: int, count: int) -> np.ndarray:
        card.present = start < 2 * RATE
        return room(start, count)

    card.sound = sound
    told = hear(raspberry(tmp_path), FakeAudio([card]))
    assert told["losses"].state is State.FAIL
    assert "cable" in told["losses"].next_step


def test_a_device_that_says_nothing_at_all(tmp_path: Path) -> None:
    told = hear(raspberry(tmp_path), FakeAudio([Card(stuck=True)]))
    assert list(told) == ["microphone"]
    assert told["microphone"].state is State.FAIL
    assert "gives no sound" in told["microphone"].found
    assert "cable" in told["microphone"].next_step


def test_zeros_of_the_i2s_card_are_a_matter_of_its_wires(tmp_path: Path) -> None:
    card = Card(name=I2S, sound=lambda start, count: np.zeros((count, 2), np.int32))
    told = hear(raspberry(tmp_path), FakeAudio([card]))["slots"]
    assert told.state is State.FAIL
    assert "SD at GPIO20 (38)" in told.next_step
    json.dumps(told.values)
