"""Normalizer: brings the loudness of the music, over minutes, to what the networks were trained with."""

import math
from collections.abc import Iterator
from typing import Literal

import numpy as np
from numpy.typing import NDArray

TARGET_DB = -18.0
"""The median of the training clips, by the mean level of hops over -60 dBFS: 4QAED -17, Soundtracks -24 dBFS."""
MEMORY_S, SURE_S = 180.0, 2.0
UP_DB, DOWN_DB = 50.0, 20.0
"""The I2S microphones give -26 dBFS at 94 dB SPL, so some -55 for music in a room and -65 for soft music."""
FORGET_S = 60.0
"""After so long a gap it may be another room."""

Samples = NDArray[np.float32]
Kind = Literal["music", "perhaps", "other"]


class Normalizer:
    """Samples at a slowly changing gain.

    The loudness is the mean level, in dB, of the hops that are music, over all that was heard and at most over some
    three minutes: a quiet passage stays quiet within its song. The gain brings it to TARGET_DB, by no more than 50 dB
    up or 20 dB down, grows from none within the first two seconds, and stands still while there is no music: a fan
    that runs all day says nothing of how loud the next song is.

    hop: samples. hop_s: seconds. gain_db: what is applied from the next hop on. After every hop that process() has
    completed, learn() is told what was heard: a sample's gain depends on earlier hops only, however the sound is cut.
    """

    def __init__(self, hop: int, hop_s: float) -> None:
        self._hop, self._hop_s = hop, hop_s
        self._ramp = (np.arange(1, hop + 1) / hop).astype(np.float32)
        self.reset()

    def reset(self) -> None:
        """As before the first sound: no gain."""
        self._place = 0
        self._away_s = 0.0
        self.gain_db = self._before_db = 0.0
        self._learned = self._sure = (0.0, TARGET_DB)  # seconds of music, their loudness; with and without "perhaps"

    def gap(self, seconds: float) -> None:
        """So long nothing was heard. The gain stays, unless gaps without sound between them last over a minute."""
        self._place = 0
        self._away_s += seconds
        if self._away_s > FORGET_S:
            self.reset()

    def parts(self, samples: Samples) -> Iterator[Samples]:
        """Samples [n] cut at the ends of hops, each part when all before it went through process()."""
        while len(samples):
            end = self._hop - self._place
            part, samples = samples[:end], samples[end:]
            yield part

    def process(self, samples: Samples) -> Samples:
        """Samples [n] to [n]. ValueError if they go beyond the end of a hop."""
        end = self._place + len(samples)
        if end > self._hop:
            raise ValueError(f"{len(samples)} samples go beyond the end of a hop.")
        if not len(samples):
            return samples
        self._away_s = 0.0
        before, now = (np.float32(10 ** (db / 20)) for db in (self._before_db, self.gain_db))
        out = samples * (before + (now - before) * self._ramp[self._place : end])
        if end == self._hop:
            end, self._before_db = 0, self.gain_db
        self._place = end
        return np.asarray(out, np.float32)

    def learn(self, level_db: float, kind: Kind) -> None:
        """The level in dBFS of the hop that has just ended, before its gain, and what it was.

        "perhaps" counts as music until it turns out to be something else: then it never was.
        """
        if kind == "other":
            self._learned = self._sure
        else:
            self._learned = self._after(level_db)
            if kind == "music":
                self._sure = self._learned
        heard_s, loudness_db = self._learned
        self.gain_db = min(1.0, heard_s / SURE_S) * min(UP_DB, max(-DOWN_DB, TARGET_DB - loudness_db))

    def _after(self, level_db: float) -> tuple[float, float]:
        heard_s, loudness_db = self._learned
        heard_s += self._hop_s
        # The mean of all that was heard, until that is as long as the memory.
        share = -math.expm1(-self._hop_s / MEMORY_S) if heard_s > MEMORY_S else self._hop_s / heard_s
        return heard_s, loudness_db + (level_db - loudness_db) * share
