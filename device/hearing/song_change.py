"""SongChange: when what is heard is another song than before.

A pause is told by the ear. A song that follows without one is told by novelty: the spectrum of the last 2 s against
that of the 4 to 12 s before, as boundaries in music are found since Foote (2000), here without looking ahead. For each
mel band, in dB relative to the mean of all bands,

    novelty = mean over the bands of (recent mean - earlier mean)² / (variance + FLOOR)

where a step is the mean over 0.4 s, and the variance is that of the earlier steps, drawn halfway to its mean over the
bands, since so few steps tell it badly. Dividing by how much a band wanders anyway lets a lively song be lively.
Steps far below the loudest of the last 10 s are left out: a rest has no spectrum of its own. How the windows and the
threshold were chosen: docs/song_changes.md.
"""

from collections import deque
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Change = Literal["pause", "novelty"]

STEP_S = 0.4
RECENT, EARLIER, LEAST = 5, 30, 10
"""Steps of the two windows, and how many the earlier one needs to be compared with."""
NOVEL = 2.4
FLOOR = 3.0
"""dB²: bands that stand still differ by less than this for no reason."""
RANGE_DB = 60.0
"""Bands this far below the strongest are as good as empty."""
REST_DB, REST_STEPS = 25.0, 25
"""A step this far below the loudest of so many is a rest. After as many, soft is how the song goes on."""
PAUSE_S = 0.5
"""Of silence, on top of the 1.5 s that the gate waits before it says so."""
TALK_S = 3.0
"""Of anything but music: the ear may take a moment of a song for speech or noise."""
ROUNDING_S = 1e-6
"""Eight times 0.05 s are 0.4 s."""


class SongChange:
    """process() takes every hop and says whether another song is playing, and by what it was told.

    columns: of the frames; without mel bands only pauses are told.
    """

    def __init__(self, columns: Sequence[str]) -> None:
        self._bands = np.flatnonzero([name.startswith("mel_") for name in columns])
        self.reset()

    def reset(self) -> None:
        """Nothing was heard yet."""
        self._without_s = self._silent_s = 0.0
        self._begun = False
        self._forget()

    def _forget(self) -> None:
        self._steps: NDArray[np.float64] = np.zeros((0, len(self._bands)), np.float64)
        self._loudest: deque[float] = deque(maxlen=REST_STEPS)
        self._start_step()

    def _start_step(self) -> None:
        self._sum: NDArray[np.float64] = np.zeros(len(self._bands))
        self._hops, self._step_s = 0, 0.0

    def process(self, frame: NDArray[np.float32] | None, sound: str, dt_s: float) -> Change | None:
        """The frame [width] of this hop, if there is one, what the ear makes of it, and its length in seconds."""
        if sound != "music":
            self._without_s += dt_s
            self._silent_s += dt_s * (sound == "silence")
            self._forget()
            return None
        silent, without = self._silent_s >= PAUSE_S - ROUNDING_S, self._without_s >= TALK_S - ROUNDING_S
        paused = self._begun and (silent or without)
        self._begun, self._without_s, self._silent_s = True, 0.0, 0.0
        if paused:
            return "pause"
        if frame is None or not len(self._bands):
            return None
        self._sum += frame.take(self._bands)
        self._hops += 1
        self._step_s += dt_s
        if self._step_s < STEP_S - ROUNDING_S:
            return None
        return "novelty" if self._is_new(self._sum / self._hops) else None

    def _is_new(self, mel_db: NDArray[np.float64]) -> bool:
        self._start_step()
        loudest = float(mel_db.max())
        self._loudest.append(loudest)
        if loudest < max(self._loudest) - REST_DB:
            return False
        mel_db = np.maximum(mel_db, loudest - RANGE_DB)
        steps = np.concatenate([self._steps, [mel_db - mel_db.mean()]])[-(EARLIER + RECENT) :]
        self._steps = steps
        if len(steps) < LEAST + RECENT:
            return False
        recent, earlier = steps[-RECENT:], steps[:-RECENT]
        apart = np.square(recent.mean(axis=0) - earlier.mean(axis=0))
        variance = earlier.var(axis=0)
        if float(np.mean(apart / (0.5 * (variance + variance.mean()) + FLOOR))) <= NOVEL:
            return False
        # That is all that is known of the new song.
        self._steps = recent
        return True
