"""Normalizer: brings the loudness of the music, over minutes, to what the networks were trained with."""

import math

import numpy as np
from numpy.typing import NDArray

from device.hearing.gate import SoundGate
from device.hearing.level import level_db

TARGET_DB = -18.0
"""The median of the training clips, by the mean level of hops over -60 dBFS: 4QAED -17, Soundtracks -24 dBFS."""
MEMORY_S, SURE_S = 180.0, 2.0
UP_DB, DOWN_DB = 40.0, 20.0
"""The I2S microphones give -26 dBFS at 94 dB SPL, so some -55 for music in a room: 37 dB less than recordings hold."""
FORGET_S = 60.0
"""After so long a gap it may be another room."""
HOP_S = 0.05

Samples = NDArray[np.float32]


class Normalizer:
    """Samples at a slowly changing gain; the same under any chunking.

    The loudness is the mean level, in dB, of the hops that are music, over all that was heard and at most over some
    three minutes: a quiet passage stays quiet within its song. The gain brings it to TARGET_DB, by no more than 40 dB
    up or 20 dB down, grows from none within the first two seconds, and stands still while there is no music.

    rate: samples per second. gate: one of its own, that tells music from silence by the level.
    gain_db: what is applied at the moment. A sample's gain depends on earlier hops only.
    """

    def __init__(self, rate: int, gate: SoundGate) -> None:
        self._hop = max(1, round(HOP_S * rate))
        self._gate = gate
        self._ramp = (np.arange(1, self._hop + 1) / self._hop).astype(np.float32)
        self.reset()

    def reset(self) -> None:
        """As before the first sound: no gain. What the gate knows of the room stays."""
        self._held = np.zeros(0, np.float32)
        self._heard_s = self._away_s = 0.0
        self._loudness_db = TARGET_DB
        self.gain_db = self._before_db = 0.0

    def gap(self, seconds: float) -> None:
        """So long nothing was heard. The gain stays, unless gaps without sound between them last over a minute."""
        self._held = np.zeros(0, np.float32)
        self._away_s += seconds
        if self._away_s > FORGET_S:
            self.reset()

    def process(self, samples: Samples) -> Samples:
        """Samples [n], any n, to [n]."""
        out = np.empty(len(samples), np.float32)
        done = 0
        if len(samples):
            self._away_s = 0.0
        while done < len(samples):
            seen = len(self._held)
            part = samples[done : done + self._hop - seen]
            before, now = (np.float32(10 ** (db / 20)) for db in (self._before_db, self.gain_db))
            out[done : done + len(part)] = part * (before + (now - before) * self._ramp[seen : seen + len(part)])
            self._held = np.concatenate((self._held, part))
            if len(self._held) == self._hop:
                self._learn(level_db(self._held))
                self._held = np.zeros(0, np.float32)
            done += len(part)
        return out

    def _learn(self, level: float) -> None:
        self._before_db = self.gain_db
        if self._gate.process(level, HOP_S) != "music":
            return
        self._heard_s += HOP_S
        # The mean of all that was heard, until that is as long as the memory.
        share = -math.expm1(-HOP_S / MEMORY_S) if self._heard_s > MEMORY_S else HOP_S / self._heard_s
        self._loudness_db += (level - self._loudness_db) * share
        sure = min(1.0, self._heard_s / SURE_S)
        self.gain_db = sure * min(UP_DB, max(-DOWN_DB, TARGET_DB - self._loudness_db))
