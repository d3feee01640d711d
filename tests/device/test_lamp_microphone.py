"""The lamp on a microphone that overruns, goes away and comes back: real capture code, a card that is not there."""

from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import numpy as np
import pytest

from device.color.palette_file import load_palette
from device.emotion.bundle import load_bundle
from device.hop import Hop
from device.lamp import Lamp
from device.pace import Live
from device.settings import Settings
from hardware.capture.microphone import CaptureMicrophone
from hardware.light.recording import RecordingStrip
from tests.fakes.pyaudio import Card, FakeAudio

BUNDLE = load_bundle(Path(__file__).parents[1] / "golden" / "tiny_bundle")
RATE = 48_000


def beats(start: int, count: int) -> np.ndarray:
    """Noise in beats of 0.4 s, in the right slot; the left one is dead. Any part of it is the same at any time."""
    n = np.arange(start, start + count)
    noise = np.sin(n * 12.9898 + 78.233) * 43_758.5453 % 1.0 - 0.5
    right = 0.4 * noise * np.exp(-3 * (n / (0.4 * RATE) % 1.0))
    return np.stack([np.zeros(count), right * 2.0**31], axis=1).astype(np.int32)


class Room:
    """A lamp that hears a card of its own; `late_s` is how long after its sound each hop was known."""

    def __init__(self, **card: object) -> None:
        self.audio = FakeAudio([Card(sound=beats, **card)])  # type: ignore[arg-type]
        self.card, self.begin_s = self.audio.cards[0], self.audio.now_s
        self.said: list[str] = []
        self.microphone = CaptureMicrophone(
            "voicehat", self.said.append, self.audio.clock, self.audio.sleep, self.audio, "/nowhere"
        )
        self.strip = RecordingStrip(20)
        wait = Live(lambda: self.microphone.behind_s, self.audio.clock, self.audio.sleep)
        self.lamp = Lamp(self.microphone, self.strip, BUNDLE, load_palette("lampyris"), Settings(), wait)
        self._hops = self.lamp.hops()
        self.late_s: list[float] = []

    def hear(self, seconds: float) -> list[Hop]:
        end_s = self.audio.now_s + seconds
        return list(takewhile(lambda _: self.audio.now_s < end_s, self._timed()))

    def _timed(self) -> Iterator[Hop]:
        for hop in self._hops:
            self.late_s.append(self.audio.now_s - self.begin_s - hop.t_s)
            yield hop


def test_music_from_one_slot_is_music_and_light_is_never_late() -> None:
    room = Room()
    hops = room.hear(30)
    assert {hop.sound for hop in hops[20:]} == {"music"}
    assert max(room.late_s) < 0.1  # the last frame of a hop, which is meant to be shown 33 ms after the first
    loud = [hop.level_db for hop in hops[20:]]
    both = beats(0, 10 * RATE)[:, 1] / 2.0**31
    assert np.mean(10 ** (np.array(loud) / 10)) == pytest.approx(np.mean(both**2), rel=0.6)  # half the band is gone


@pytest.mark.parametrize("seconds", [0.01, 1.0, 60.0])
def test_after_an_overrun_the_time_is_right_and_nothing_hangs(seconds: float) -> None:
    room = Room()
    room.hear(5)
    room.card.skip = round(seconds * RATE)
    room.hear(5 + seconds)
    assert abs(room.late_s[-1] - room.late_s[50]) < 0.06
    assert room.hear(5)[-1].sound == "music"


@pytest.mark.parametrize("seconds", [0.01, 1.0, 60.0])
def test_a_lamp_that_was_held_up_catches_up(seconds: float) -> None:
    room = Room()
    room.hear(5)
    room.audio.sleep(seconds)
    room.hear(5)
    assert abs(room.late_s[-1] - room.late_s[50]) < 0.06


def test_without_a_microphone_it_rests_softly_and_wakes_by_itself() -> None:
    room = Room()
    heard = room.hear(10)
    room.card.present = False
    away = room.hear(40)
    assert {hop.sound for hop in away[2:]} == {"nothing"}
    assert np.hypot(away[-1].emotion.valence, away[-1].emotion.arousal) < 0.1
    light = np.cbrt(room.strip.frames[-20 * 60 :].mean(axis=(1, 2)))
    assert 0 < light.min() < 0.4 * light.max()
    assert np.abs(np.diff(light)).max() < 0.02
    room.card.present = True
    back = room.hear(4)
    assert [hop.sound for hop in back].count("music") > 40
    assert abs(back[-1].t_s - (room.audio.now_s - room.begin_s)) < 0.15
    assert len(room.said) == 2
    # The noise of the room was not forgotten, nor learned from silence that nobody heard.
    assert heard[-1].sound == back[-1].sound == "music"


def test_square_waves_at_full_scale() -> None:
    def square(start: int, count: int) -> np.ndarray:
        n = np.arange(start, start + count) // 240 % 2
        return np.stack([np.where(n, 2**31 - 1, -(2**31))] * 2, axis=1).astype(np.int32)

    room = Room()
    room.card.sound = square
    hops = room.hear(10)
    assert np.isfinite(room.strip.frames).all()
    assert all(np.isfinite([hop.emotion.valence, hop.emotion.arousal, hop.level_db]).all() for hop in hops)
    assert room.lamp.clipped_share == pytest.approx(1.0)
    assert room.lamp.bad_samples == 0
