"""Room: a whole lamp with the real capture code, on a card that is not there, in a time that only waiting moves."""

from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import numpy as np

from device.color.palette_file import load_palette
from device.emotion.bundle import Bundle, load_bundle
from device.hop import Hop
from device.lamp import Lamp
from device.pace import Live
from device.settings import Settings
from hardware.capture.microphone import CaptureMicrophone
from hardware.light.recording import RecordingStrip
from tests.fakes.pyaudio import Card, FakeAudio

TINY = load_bundle(Path(__file__).parent / "golden" / "tiny_bundle")
RATE = 48_000


def noise(start: int, count: int) -> np.ndarray:
    """Noise in beats of 0.4 s, float64 [count]. Any part of it is the same at any time."""
    n = np.arange(start, start + count)
    rough = np.sin(n * 12.9898 + 78.233) * 43_758.5453 % 1.0 - 0.5
    return np.asarray(0.4 * rough * np.exp(-3 * (n / (0.4 * RATE) % 1.0)))


def beats(start: int, count: int) -> np.ndarray:
    """That noise in the right slot; the left one is dead. int32 [count, 2]."""
    return np.stack([np.zeros(count), noise(start, count) * 2.0**31], axis=1).astype(np.int32)


class Room:
    """A lamp that hears a card of its own. hops: all so far; late_s: how long after its sound each was known. said:
    what was told."""

    def __init__(self, bundle: Bundle = TINY, **card: object) -> None:
        self.audio = FakeAudio([Card(**{"sound": beats} | card)])  # type: ignore[arg-type]
        self.card, self.begin_s = self.audio.cards[0], self.audio.now_s
        self.said: list[str] = []
        self.microphone = CaptureMicrophone(
            "voicehat", self.said.append, self.audio.clock, self.audio.sleep, self.audio, "/nowhere"
        )
        self.strip = RecordingStrip(20)
        wait = Live(lambda: self.microphone.behind_s, self.audio.clock, self.audio.sleep)
        self.lamp = Lamp(self.microphone, self.strip, bundle, load_palette("lampyris"), Settings(), wait)
        self._hops = self._timed(self.lamp.hops())
        self.hops: list[Hop] = []
        self.late_s: list[float] = []

    @property
    def now_s(self) -> float:
        """Seconds since the beginning."""
        return self.audio.now_s - self.begin_s

    def hear(self, seconds: float) -> list[Hop]:
        """The hops of so many seconds, but for the one that ends them."""
        end_s = self.audio.now_s + seconds
        return list(takewhile(lambda _: self.audio.now_s < end_s, self._hops))

    def until(self, deaf: bool, most_s: float) -> float:
        """Listen until the lamp is deaf, or hears again; the seconds that took. It must not take longer than most_s."""
        begin_s = self.audio.now_s
        for hop in self._hops:
            took_s = self.audio.now_s - begin_s
            assert took_s <= most_s
            if (hop.sound == "nothing") == deaf:
                return took_s
        raise AssertionError("a microphone does not end")

    def _timed(self, hops: Iterator[Hop]) -> Iterator[Hop]:
        for hop in hops:
            self.hops.append(hop)
            self.late_s.append(self.now_s - hop.t_s)
            yield hop
