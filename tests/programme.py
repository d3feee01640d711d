"""Programme: what a room sounds like for a day, and what goes wrong at its microphone meanwhile."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from device.hearing.resample import Resampler
from device.listen import DEMO
from hardware.file_microphone import FileMicrophone
from tests.sounds import RATE, fan, rain, talk

KINDS = {"music": 0.5, "talk": 0.12, "fan": 0.08, "rain": 0.05, "room": 0.12, "nothing": 0.08, "square": 0.05}
"""Shares of the minutes. room: noise at -75 dBFS. nothing: zeros. square: 100 Hz at full scale in both slots."""
FAULTS = {"overrun": 0.35, "held up": 0.2, "gone": 0.2, "stuck": 0.15, "taken": 0.1}
"""Shares of the faults. held up: it is the lamp that gets no processor, not the card that fails."""
BETWEEN_S = (30.0, 200.0)
LOOP_S = 20.0


class Fault(NamedTuple):
    """One of FAULTS, at a time, of a length; seconds."""

    at_s: float
    kind: str
    lasts_s: float


class Programme:
    """The same for the same seed. sound(start, count): int32 [count, 2] as a card at 48 kHz gives it.

    Each minute has its kind and its gain, music from 0 down to -40 dB, in one slot or in both.
    """

    def __init__(self, seed: int, hours: float) -> None:
        rng = np.random.default_rng(seed)
        minutes = int(hours * 60) + 10
        self._kinds = rng.choice(list(KINDS), minutes, p=list(KINDS.values()))
        self._gains = 2.0**31 * 10 ** (rng.uniform(-40.0, 0.0, minutes) / 20)
        self._slots = rng.choice([1, 1, 3, 2], minutes)  # bits: left, both, right
        self._both = np.arange(2) + 1
        loops = {"music": _demo(), "talk": talk(seed, LOOP_S), "fan": fan(seed, LOOP_S), "rain": rain(seed, LOOP_S)}
        loops["room"] = (10 ** (-75 / 20) * rng.standard_normal(round(LOOP_S * RATE))).astype(np.float32)
        # A loop goes on for a second after its end, so that a block never meets it.
        self._loops = {kind: np.concatenate((loop, loop[:RATE])) for kind, loop in loops.items()}
        self._faults = rng.spawn(1)[0]

    def sound(self, start: int, count: int) -> NDArray[np.int32]:
        """See above; count is at most a second."""
        minute = start // (60 * RATE) % len(self._kinds)
        kind = self._kinds[minute]
        out = np.zeros((count, 2), np.int32)
        if kind == "square":
            high = np.arange(start, start + count) // 240 % 2 == 0
            out[:] = np.where(high, 2**31 - 1, -(2**31))[:, None]
        elif kind != "nothing":
            loop = self._loops[kind]
            begin = start % (len(loop) - RATE)
            gain = 2.0**31 if kind == "room" else self._gains[minute]
            # The largest float32 below full scale: 1.0 has no int32.
            heard = np.clip(loop[begin : begin + count] * np.float32(gain), -(2.0**31), 2.0**31 - 128)
            out[:, (self._slots[minute] & self._both) > 0] = heard.astype(np.int32)[:, None]
        return out

    def faults(self) -> Iterator[Fault]:
        """What goes wrong, in order, for ever. To be asked once."""
        rng, at_s = self._faults, 0.0
        while True:
            at_s += rng.uniform(*BETWEEN_S)
            kind = str(rng.choice(list(FAULTS), p=list(FAULTS.values())))
            if kind in ("overrun", "held up"):
                lasts_s = float(rng.choice([0.01, 1.0, 60.0], p=[0.4, 0.4, 0.2]))
            else:
                lasts_s = float(rng.uniform(3.0, 90.0))
            yield Fault(at_s, kind, lasts_s)
            at_s += lasts_s


def _demo() -> NDArray[np.float32]:
    """The demo piece, mono, at 48 kHz."""
    with FileMicrophone(DEMO, 1.0) as file:
        blocks = []
        while (block := file.read()) is not None:
            blocks.append(block.samples.mean(axis=1))
        return Resampler(file.rate, RATE).process(np.concatenate(blocks))
