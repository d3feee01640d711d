"""Stands in for the package pyaudio: cards that come and go, hang, lie and overrun, in a time that only waiting moves.

It refuses what PortAudio refuses, with its numbers: devices it has not seen when it was begun, rates and channels that
a card has not, cards that another one holds, and streams that are closed.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

I2S = "snd_rpi_googlevoicehat_soundcar: Google voiceHAT SoundCard HiFi voicehat-hifi-0 (hw:1,0)"
Sound = Callable[[int, int], NDArray[np.int32]]


def counting(start: int, count: int) -> NDArray[np.int32]:
    """Sample n of the left slot is n, of the right slot -n: whatever is missing or double shows."""
    n = np.arange(start, start + count, dtype=np.int32)
    return np.stack((n, -n), axis=1)


@dataclass(eq=False)
class Card:
    """name, slots, rates: as PortAudio tells them. sound: (first sample, samples) -> int32 [n, slots].

    true_rate: samples it really gives a second. present, busy, stuck: what happens to it. skip: samples that it loses
    next, told: whether it says so. clock_s: how far its clock is ahead of ours, as the time of day is. position:
    samples it has made. opened: how often it was opened.
    """

    name: str = I2S
    slots: int = 2
    rates: tuple[int, ...] = (48_000,)
    sound: Sound = counting
    true_rate: float | None = None
    present: bool = True
    busy: bool = False
    stuck: bool = False
    skip: int = 0
    told: bool = True
    clock_s: float = 0.0
    position: int = 0
    opened: int = 0


@dataclass(eq=False)
class FakeAudio:
    """The module. cards: what is plugged in. now_s: the time; sleep moves it and lets the cards speak meanwhile."""

    cards: list[Card] = field(default_factory=lambda: [Card()])
    now_s: float = 1_000.0
    paInt32 = 2
    paInputUnderflow, paInputOverflow = 1, 2
    paContinue = 0
    paInvalidSampleRate = -9997

    def __post_init__(self) -> None:
        self.streams: list[Stream] = []

    def PyAudio(self) -> "PortAudio":
        return PortAudio(self)

    def clock(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        """Let time pass, block after block."""
        end_s = self.now_s + seconds
        while True:
            due = [stream for stream in self.streams if stream.running and stream.due_s <= end_s]
            if not due:
                break
            stream = min(due, key=lambda each: each.due_s)
            self.now_s = max(self.now_s, stream.due_s)
            stream.speak()
        self.now_s = end_s


class PortAudio:
    """Knows the cards that were there when it was begun."""

    def __init__(self, audio: FakeAudio) -> None:
        self._audio = audio
        self._seen = [card for card in audio.cards if card.present]
        self._begun = True

    def get_device_count(self) -> int:
        assert self._begun
        return len(self._seen)

    def get_device_info_by_index(self, index: int) -> dict[str, Any]:
        if not 0 <= index < len(self._seen):
            raise OSError(-9996, "Invalid input device (no default output device)")
        card = self._seen[index]
        return {
            "index": index,
            "name": card.name,
            "maxInputChannels": card.slots,
            "defaultSampleRate": float(card.rates[0]),
        }

    def get_default_input_device_info(self) -> dict[str, Any]:
        if not self._seen:
            raise OSError("No Default Input Device Available")
        return self.get_device_info_by_index(0)

    def open(self, *, rate: int, channels: int, input_device_index: int, **options: Any) -> "Stream":
        assert self._begun
        assert options["format"] == FakeAudio.paInt32
        assert options["input"]
        assert not options["start"]
        self.get_device_info_by_index(input_device_index)
        card = self._seen[input_device_index]
        if not card.present or card.busy or any(each.card is card for each in self._audio.streams):
            raise OSError(-9985, "Device unavailable")
        if channels > card.slots:
            raise OSError(-9998, "Invalid number of channels")
        if rate not in card.rates:
            raise OSError(-9997, "Invalid sample rate")
        stream = Stream(self._audio, card, rate, options["frames_per_buffer"], options["stream_callback"])
        self._audio.streams.append(stream)
        return stream

    def terminate(self) -> None:
        self._begun = False


class Stream:
    """Speaks to its callback in blocks, as long as its card does."""

    def __init__(self, audio: FakeAudio, card: Card, rate: int, block: int, callback: Callable[..., Any]) -> None:
        self.card, self.running, self._audio, self._rate, self._block = card, False, audio, rate, block
        self._callback = callback
        self._flags = 0
        self.due_s = 0.0
        card.opened += 1

    def start_stream(self) -> None:
        self._check()
        self.running = True
        self.due_s = self._audio.now_s + self._block_s

    def is_active(self) -> bool:
        self._check()
        return self.running and self.card.present

    def close(self) -> None:
        self._check()
        self.running = False
        self._audio.streams.remove(self)

    def speak(self) -> None:
        card = self.card
        if not card.present:
            self.running = False
            return
        if card.skip and not card.stuck:  # it goes on later, and tells then
            card.position += card.skip
            self.due_s += card.skip / self._rate
            self._flags = FakeAudio.paInputOverflow if card.told else 0
            card.skip = 0
            return
        begin_s = self.due_s - self._block_s
        self.due_s += self._block_s
        if card.stuck:
            return
        samples = card.sound(card.position, self._block)
        card.position += self._block
        now_s = self._audio.now_s + card.clock_s
        times = {"input_buffer_adc_time": begin_s + card.clock_s, "current_time": now_s, "output_buffer_dac_time": 0.0}
        flags, self._flags = self._flags, 0
        data = np.ascontiguousarray(samples[:, : card.slots], np.int32).tobytes()
        assert self._callback(data, self._block, times, flags) == (None, FakeAudio.paContinue)

    @property
    def _block_s(self) -> float:
        return self._block / (self.card.true_rate or self._rate)

    def _check(self) -> None:
        if self not in self._audio.streams:
            raise OSError(-9988, "Stream closed")
