"""A day of the whole lamp in accelerated time: real capture code on a card that is not there, and what comes of it."""

import gc
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np

from device.color.palette_file import load_palette, palette_names
from device.emotion.bundle import Bundle
from device.hearing.sound_class import SoundClass
from device.hop import Hop
from device.lamp import NOTHING, Lamp
from device.pace import Live
from device.settings import Settings
from hardware.capture.microphone import CaptureMicrophone
from hardware.light.null import NullStrip
from hardware.microphone import Block
from tests.fakes.pyaudio import I2S, Card, FakeAudio
from tests.programme import RATE, Fault, Programme

FRAMES_PER_S = 20
HOP_S = 0.05
ON_TIME_S = 0.1
"""A lamp that was held up has caught up when it is no later than this."""


@dataclass
class Seen:
    """What was measured. lag: from the first sample of a hop to its light, by the simulated clock, while the lamp is
    not held up; catch_up: from the end of holding it up until it is on time again; found, back: from a fault to
    "nothing" and from its end to sound. drift_s: the time of the hops minus samples, those lost too, over the rate.
    rss_mb: [hours, MB]. state_kb: the most that all objects of the lamp held."""

    hops: int = 0
    non_finite: int = 0
    lag_s: float = 0.0
    catch_up_s: float = 0.0
    found_s: float = 0.0
    back_s: float = 0.0
    drift_s: float = 0.0
    clock_drift_s: float = 0.0
    waiting_s: float = 0.0
    state_kb: float = 0.0
    sounds: dict[str, int] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)
    rss_mb: list[tuple[float, float]] = field(default_factory=list)

    def early_rss_mb(self, hours: float) -> float:
        """Memory after the first hour, or the first quarter of so many hours."""
        return next(mb for at_h, mb in self.rss_mb if at_h >= min(1.0, hours / 4) - 1e-6)


class Counted:
    """Passes on a microphone and counts what it gives. samples: per slot, those lost too."""

    live = True

    def __init__(self, microphone: CaptureMicrophone) -> None:
        self._microphone = microphone
        self.rate, self.slots, self.name = microphone.rate, microphone.slots, microphone.name
        self.samples = 0

    def read(self) -> Block | None:
        """See Microphone.read."""
        block = self._microphone.read()
        if block is not None:
            self.samples += block.lost + len(block.samples)
        return block

    def close(self) -> None:
        """See Microphone.close."""
        self._microphone.close()


class Thumb:
    """Controls: someone asks for another scene or palette every ten minutes."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock, self._due_s, self._events = clock, clock() + 600.0, ["next_scene", "next_palette"]

    def events(self) -> list[str]:
        """See Controls.events."""
        if self._clock() < self._due_s:
            return []
        self._due_s += 600.0
        self._events.reverse()
        return self._events[:1]


class Day:
    """A lamp in a room with a programme. run() may be called once.

    kinds: what tells music from speech and noise. said: what the microphone told. seen: what was measured so far.
    """

    def __init__(self, bundle: Bundle, kinds: SoundClass, hours: float, seed: int = 0) -> None:
        self.hours, self.seen = hours, Seen()
        self._programme = Programme(seed, hours)
        self._audio = FakeAudio([Card(sound=self._programme.sound)])
        self._begin_s = self._audio.now_s
        self.said = 0
        self.microphone = CaptureMicrophone(
            "voicehat", self._tell, self._audio.clock, self._audio.sleep, self._audio, "/nowhere"
        )
        self._counted = Counted(self.microphone)
        settings = Settings()
        self._strip = NullStrip(settings.strip.pixels)
        first, *more = [load_palette(name) for name in palette_names()]
        wait = Live(lambda: self.microphone.behind_s, self._audio.clock, self._audio.sleep)
        thumb = Thumb(self._audio.clock)
        self.lamp = Lamp(self._counted, self._strip, bundle, first, settings, wait, FRAMES_PER_S, thumb, more, kinds)
        self._faults = self._programme.faults()
        self._next = next(self._faults)
        self._ends: tuple[float, Callable[[], None]] | None = None
        self._harmed_s: float | None = None
        self._healed_s: float | None = None
        self._held_s: float | None = None

    @property
    def now_s(self) -> float:
        """Simulated seconds since the beginning."""
        return self._audio.now_s - self._begin_s

    def run(self, each_minute: Callable[[], None] = lambda: None) -> Seen:
        """Listen for all the hours; each_minute is called once a simulated minute."""
        minutes = 0
        for hop in self._hops():
            self._look(hop)
            self._fate()
            while self.now_s >= 60 * (minutes + 1):
                minutes += 1
                self.seen.state_kb = max(self.seen.state_kb, state_bytes(self.lamp) / 1e3)
                if minutes % math.ceil(self.hours) == 0:
                    self.seen.rss_mb.append((minutes / 60, rss_mb()))
                each_minute()
        return self.seen

    def _hops(self) -> Iterator[Hop]:
        return takewhile(lambda _: self.now_s < 3600 * self.hours, self.lamp.hops())

    def _look(self, hop: Hop) -> None:
        seen, now_s = self.seen, self.now_s
        seen.hops += 1
        seen.sounds[hop.sound] = seen.sounds.get(hop.sound, 0) + 1
        numbers = (hop.t_s, hop.emotion.valence, hop.emotion.arousal, hop.emotion.spread, hop.level_db, *hop.light)
        seen.non_finite += not np.isfinite(numbers).all()
        seen.drift_s = hop.t_s - self._counted.samples / RATE
        seen.clock_drift_s = hop.t_s - now_s
        seen.waiting_s = max(seen.waiting_s, self.microphone.behind_s)
        lag_s = now_s - hop.t_s + HOP_S
        if self._held_s is None:
            seen.lag_s = max(seen.lag_s, lag_s)
        elif lag_s < ON_TIME_S:
            seen.catch_up_s = max(seen.catch_up_s, now_s - self._held_s)
            self._held_s = None
        if hop.sound == NOTHING and self._harmed_s is not None:
            seen.found_s = max(seen.found_s, now_s - self._harmed_s)
            self._harmed_s = None
        if hop.sound != NOTHING and self._healed_s is not None:
            seen.back_s = max(seen.back_s, now_s - self._healed_s)
            self._healed_s = None

    def _fate(self) -> None:
        """End the fault that is over, begin the one that is due."""
        if self._ends is not None and self.now_s >= self._ends[0]:
            self._ends[1]()
            self._ends, self._healed_s = None, self.now_s
        if self._ends is None and self.now_s >= self._next.at_s:
            fault, self._next = self._next, next(self._faults)
            self.seen.faults[fault.kind] = self.seen.faults.get(fault.kind, 0) + 1
            self._begin(fault)

    def _begin(self, fault: Fault) -> None:
        card = self._audio.cards[-1]
        if fault.kind == "overrun":
            card.skip = round(fault.lasts_s * RATE)
        elif fault.kind == "held up":
            self._audio.sleep(fault.lasts_s)
            self._held_s = self.now_s
        else:
            end = {"gone": self._unplug, "stuck": self._stick, "taken": self._take}[fault.kind](card)
            self._harmed_s, self._ends = self.now_s, (self.now_s + fault.lasts_s, end)

    def _unplug(self, card: Card) -> Callable[[], None]:
        card.present = False

        def back() -> None:
            # Another index and another number in its name than before.
            number = 1 + len(self._audio.cards[:-1]) % 2
            again = Card(I2S.replace("hw:1", f"hw:{number + 3}"), sound=card.sound, position=round(self.now_s * RATE))
            self._audio.cards[:] = [Card("USB: Audio (hw:1,0)", slots=1)] * (number % 2) + [again]

        return back

    def _stick(self, card: Card) -> Callable[[], None]:
        card.stuck = True

        def back() -> None:
            card.stuck = False

        return back

    def _take(self, card: Card) -> Callable[[], None]:
        card.stuck = card.busy = True

        def back() -> None:
            card.stuck = card.busy = False

        return back

    def _tell(self, sentence: str) -> None:
        assert sentence
        self.said += 1


def rss_mb() -> float:
    """Memory of this process in the machine, after a collection of garbage, in MB of 10^6 bytes."""
    gc.collect()
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024 / 1e6


def state_bytes(root: Any) -> int:
    """What `root` holds: arrays by their bytes, every other element of a container or an object of ours as 8 bytes."""
    total, todo, known = 0, [root], {id(root)}
    while todo:
        thing = todo.pop()
        if isinstance(thing, np.ndarray):
            total += thing.nbytes
            continue
        if isinstance(thing, dict):
            inside = list(thing.values())
        elif type(thing).__module__.split(".")[0] in ("device", "hardware"):
            slots = [name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())]
            inside = [getattr(thing, name) for name in slots] + list(getattr(thing, "__dict__", {}).values())
        elif hasattr(thing, "__len__") and not isinstance(thing, (str, bytes)):
            inside = list(thing)
        else:
            inside = []
        total += 8 * len(inside)
        for each in inside:
            if id(each) not in known:
                known.add(id(each))
                todo.append(each)
    return total
