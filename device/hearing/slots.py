"""LiveSlots: one microphone on a wire with two slots, the other of them dead."""

import numpy as np
from numpy.typing import NDArray

WINDOW_S = 0.25
FADE_S = 0.01
DEAD_DB = 30.0
"""A slot so much quieter than the loudest holds no microphone, at most what leaks over from its neighbor."""
PATIENCE = 4
"""Windows in a row that must say the same before the choice changes."""

Samples = NDArray[np.float32]


class LiveSlots:
    """Mixes the slots that are alive to one channel: the left, the right or both.

    A slot is alive when its alternating part (what is left without DC) is not zero and less than 30 dB below that of
    the loudest slot. It is looked at in windows of 0.25 s and again for ever: the first window that is not all dead
    decides, later four in a row must agree. Until then all slots are averaged. A change fades over 10 ms.

    Works by the sample count alone: the same under any chunking. alive: [slots], which slots are mixed.
    """

    def __init__(self, slots: int, rate: int) -> None:
        self.slots = slots
        self._window = max(1, round(WINDOW_S * rate))
        self._fade = np.minimum(1.0, np.arange(1, self._window + 1) / max(1.0, FADE_S * rate)).astype(np.float32)
        self.reset()

    def reset(self) -> None:
        """As new: nothing is known of the slots."""
        self.alive: NDArray[np.bool_] = np.ones(self.slots, bool)
        self._decided = False
        self._differs = 0
        self._other = self.alive
        self._before = self._now = _weights(self.alive)
        self._forget()

    def process(self, samples: Samples) -> Samples:
        """Samples [n, slots], any n, finite, to the mix [n]."""
        out = np.empty(len(samples), np.float32)
        done = 0
        while done < len(samples):
            part = samples[done : done + self._window - self._seen]
            out[done : done + len(part)] = self._mix(part)
            self._look(part)
            done += len(part)
        return out

    def _mix(self, part: Samples) -> Samples:
        mixed: Samples = np.zeros(len(part), np.float32)
        for slot in range(self.slots):
            before, now = self._before[slot], self._now[slot]
            if before == now == 0:
                continue
            weight = now
            if before != now:
                weight = before + (now - before) * self._fade[self._seen : self._seen + len(part)]
            mixed += part[:, slot] * weight
        return mixed

    def _look(self, part: Samples) -> None:
        # Slot by slot: sums along the short side of an array take several times as long.
        for slot in range(self.slots):
            sound = part[:, slot].astype(np.float64)
            self._sum[slot] += np.add.reduce(sound)
            self._squares[slot] += np.dot(sound, sound)
        self._seen += len(part)
        if self._seen == self._window:
            power = np.maximum(self._squares / self._window - (self._sum / self._window) ** 2, 0.0)
            # Below this it is the rounding of a constant, no sound: -140 dBFS and 24 bits of the constant.
            power[power < 1e-14 + 1e-14 * self._squares / self._window] = 0.0
            self._before = self._now
            self._judge(power)
            self._forget()

    def _judge(self, power: NDArray[np.float64]) -> None:
        loudest = float(power.max())
        if loudest == 0.0:
            self._differs = 0
            return
        alive = power > loudest * 10 ** (-DEAD_DB / 10)
        if not (alive == self._other).all():
            self._other, self._differs = alive, 0
        self._differs += 1
        if not self._decided or self._differs >= PATIENCE:
            self.alive, self._now, self._decided = alive, _weights(alive), True

    def _forget(self) -> None:
        self._seen = 0
        self._sum, self._squares = np.zeros(self.slots), np.zeros(self.slots)


def _weights(alive: NDArray[np.bool_]) -> Samples:
    return (alive / np.float32(np.count_nonzero(alive))).astype(np.float32)
