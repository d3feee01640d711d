"""CaptureMicrophone: a microphone at a wire, which may overrun, hang, lie, and go away for a while."""

import math
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import numpy as np

from hardware.capture import portaudio
from hardware.capture.devices import find
from hardware.capture.rate_watch import RateWatch
from hardware.capture.stream import Stream
from hardware.errors import HardwareError
from hardware.microphone import Block

MOST_S = 0.1
DEAF_S = 0.02
LONGEST_NAP_S, SHORTEST_NAP_S = 0.02, 0.001
"""A block is waited for until it should come, and after that looked for again and again."""
SOON_S = 0.002
"""A block that should come within that time is waited for and given with those before: two reads cost twice as much."""
STUCK_S = 1.5
"""A device that says nothing wrong and gives no samples for so long is taken for gone."""
FIRST_RETRY_S, LAST_RETRY_S = 0.25, 1.0
TOLD_AGAIN_S = 3600.0
"""Lost sound is told at most so often."""


class CaptureMicrophone:
    """Hears the device whose name holds `wanted`, by PortAudio, and finds it again when it was away.

    48000 samples per second and slot, where the device can, int32, one or two slots: as the hardware gives them.
    read() takes the sound's own time. While the device is away, taken by another program or stuck, read() gives blocks
    of silence that are marked `deaf`, in the time of the clock, and tries to open it again after 0.25, 0.5, 1, 1, ...
    seconds. Every loss, also from the last sound to the first silence and from the last silence to the next sound, is
    told as Block.lost, so that the time of the blocks stays that of the clock.

    tell: called with a sentence when the microphone goes, when it is back or there but of no use, when sound is lost
    (at most once an hour), and when it gives another number of samples a second than it promised. clock, sleep:
    seconds; they, audio (the module pyaudio) and proc can be replaced in tests.

    lost: samples per slot so far that were lost. outages: how often the microphone went away. deaf: whether it is away.
    true_rate: samples per second of a device that lies, else None.

    Raises HardwareError from the constructor when there is no such microphone or it can't be opened.
    """

    live = True

    def __init__(
        self,
        wanted: str,
        tell: Callable[[str], None] = lambda sentence: print(sentence, file=sys.stderr),
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        audio: Any = None,
        proc: str | Path = "/proc",
    ) -> None:
        self._wanted, self._tell, self._clock, self._sleep, self._proc = wanted, tell, clock, sleep, proc
        self._audio = portaudio.load() if audio is None else audio
        self._portaudio: Any = None
        self._stream: Stream | None = None
        self._closed = False
        self._retry_s, self._wait_s = 0.0, FIRST_RETRY_S
        try:
            stream = self._open(None, None)
        except HardwareError:
            self.close()
            raise
        self.rate: int = stream.rate
        self.slots: int = stream.slots
        self._watch = RateWatch(self.rate)
        self.true_rate: float | None = None
        self.lost = self.outages = 0
        self.deaf = self._falls_deaf = False
        self._told_s = clock()  # up to here the blocks tell of the time
        # Waited for samples so far. By the waits, not the clock: a computer that slept is no fault of the device.
        self._quiet_s = 0.0
        self._losing = 0  # to be told with the next block
        self._twice = 0  # samples per slot still to come whose time was told as silence
        self._quiet_until_s = -math.inf  # of lost sound is not told before
        self._there, self._why = False, ""  # whether the device was found this time, and what was told of it

    @property
    def behind_s(self) -> float:
        """Seconds of sound, or of silence while the device is away, that wait to be read."""
        if self._stream is None or self.deaf:
            return max(0.0, self._clock() - self._told_s)
        return self._stream.ring.waiting / self.rate

    def read(self) -> Block | None:
        """The next block, int32 [n, slots], never None: it does not end. Raises ValueError after close."""
        if self._closed:
            raise ValueError(f"The microphone {self.name} was read after it was closed.")
        while True:
            stream = self._stream
            if stream is not None:
                # Asked first: what came before it stopped must be read before it is given up.
                active = stream.active
                if stream.ring.waiting and 0.0 < stream.next_s - self._clock() < SOON_S:
                    self._sleep(SOON_S)
                samples, lost = stream.ring.read(round(MOST_S * self.rate))
                if len(samples):
                    samples = self._hear(stream, samples, lost)
                    if len(samples):
                        lost, self._losing = self._losing, 0
                        return Block(samples, lost)
                    continue
                if not active or self._quiet_s > STUCK_S:
                    self._give_up("gives no sound any more" if active else "is gone, or another program has taken it")
            if stream is None or self.deaf:
                return self._rest()
            nap_s = min(LONGEST_NAP_S, max(SHORTEST_NAP_S, stream.next_s - self._clock()))
            self._quiet_s += nap_s
            self._sleep(nap_s)

    def close(self) -> None:
        """Give the device back; calling it again does nothing."""
        self._closed = True
        self._shut()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open(self, rate: int | None, slots: int | None) -> Stream:
        self._portaudio = portaudio.begin(self._audio)
        self._there = False
        device = find(self._portaudio, self._wanted, self._proc)
        self._there = True
        self.name = device.shown
        self._stream = Stream(self._audio, self._portaudio, device, self._clock, rate, slots)
        return self._stream

    def _shut(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()
        begun, self._portaudio = self._portaudio, None
        if begun is not None:
            begun.terminate()

    def _hear(self, stream: Stream, samples: np.ndarray, lost: int) -> np.ndarray:
        """What of the samples is to be passed on; counts what was lost before it."""
        # When the last of them was made, not when it is read: what an outage swallows is counted from then on.
        until_s = stream.progress[1] - stream.ring.waiting / self.rate
        self._quiet_s = 0.0
        if self.deaf:
            self.deaf = False
            self._wait_s = FIRST_RETRY_S
            self._watch.reset()
            self._why = ""
            missing = round((until_s - self._told_s) * self.rate) - len(samples)
            # A gap in any case. Where sound began before the last silence ended, that time is not told twice.
            lost, self._twice = lost + max(1, missing), max(0, 1 - missing)
            self._tell(f"The microphone {self.name} is back.")
        elif lost and self._clock() >= self._quiet_until_s:
            self._quiet_until_s = self._clock() + TOLD_AGAIN_S
            self._tell(
                f"The microphone {self.name} has lost {(self.lost + lost) / self.rate:.2f} s of sound so far, which "
                "happens on a busy computer; the lamp takes that as pauses."
            )
        self.lost += lost
        self._losing += lost
        self._told_s = until_s
        self._check_rate(stream)
        skipped = min(self._twice, len(samples))
        self._twice -= skipped
        return samples[skipped:]

    def _check_rate(self, stream: Stream) -> None:
        true_rate = self._watch.process(*stream.progress)
        if true_rate is not None and self.true_rate is None:
            self.true_rate = true_rate
            self._tell(
                f"The microphone {self.name} gives {true_rate:.0f} samples a second where it promised {self.rate}, so "
                "the lamp hears music at a wrong pitch and speed; choose another one with --mic."
            )

    def _give_up(self, why: str) -> None:
        if not self.deaf:
            self.deaf = self._falls_deaf = True
            self._twice = 0
            self.outages += 1
            self._tell(f"The microphone {self.name} {why}; check its cable, the lamp rests until it hears again.")
        self._later()

    def _rest(self) -> Block:
        """A block of silence, when its time has passed; before it, an attempt to hear again if one is due."""
        if self._stream is None and self._clock() >= self._retry_s:
            self._try_again()
        count = round(DEAF_S * self.rate)
        lost = 0
        if self._falls_deaf:
            self._falls_deaf = False
            lost = max(1, round((self._clock() - self._told_s) * self.rate))
            self.lost += lost
            lost, self._losing = lost + self._losing, 0
            self._told_s = self._clock()
        self._told_s += DEAF_S
        self._quiet_s += DEAF_S
        left_s = self._told_s - self._clock()
        if left_s > 0:
            self._sleep(left_s)
        return Block(np.zeros((count, self.slots), np.int32), lost, deaf=True)

    def _try_again(self) -> None:
        self._quiet_s = 0.0
        try:
            self._open(self.rate, self.slots)
        except HardwareError as error:
            # That it is away was told. When it is there and can't be used, someone can do something about it.
            if self._there and str(error) != self._why:
                self._why = str(error)
                self._tell(self._why)
            self._later()

    def _later(self) -> None:
        self._shut()
        self._retry_s = self._clock() + self._wait_s
        self._wait_s = min(2 * self._wait_s, LAST_RETRY_S)
