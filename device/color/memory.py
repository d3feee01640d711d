"""What a few numbers were in the last while, at any moment of it."""

from collections.abc import Sequence

import numpy as np

STEP_S = 0.1


class Memory:
    """Keeps numbers ten times a second and reads them back smoothly, at times in between too.

    What is read lies one more step (100 ms) back, so that it is always between two kept moments: it flows without a
    jump when a new one is kept, and is the same for any rate of process().
    start: the numbers of all the time before. length_s: how far back they can be read.
    """

    def __init__(self, start: Sequence[float], length_s: float) -> None:
        self._start = tuple(start)
        self._rows = np.empty((int(np.ceil(length_s / STEP_S)) + 3, len(start)))
        self.reset()

    def reset(self) -> None:
        """All was as at the start."""
        self._rows[:] = self._start
        self._now_s = 0.0
        self._now: Sequence[float] = self._start
        self._kept = 0  # moments so far: the last one was at _kept * STEP_S

    def process(self, now_s: float, values: Sequence[float]) -> None:
        """Take in the numbers of the time now_s, which starts at 0 and never goes back."""
        while (self._kept + 1) * STEP_S <= now_s:
            self._kept += 1
            share = (self._kept * STEP_S - self._now_s) / (now_s - self._now_s)
            row = self._rows[self._kept % len(self._rows)]
            for column, (before, after) in enumerate(zip(self._now, values, strict=True)):
                row[column] = before + share * (after - before)
        self._now_s, self._now = now_s, values

    def read(self, ages_s: np.ndarray) -> np.ndarray:
        """The numbers [n, k] of n moments, each so many seconds (and one step) ago; ages_s [n] in [0, length_s]."""
        at = (self._now_s - ages_s) / STEP_S - 1.0
        before = np.minimum(np.floor(at).astype(np.int64), self._kept - 1)
        share = (at - before)[:, None]
        older = self._rows.take(before % len(self._rows), axis=0)
        newer = self._rows.take((before + 1) % len(self._rows), axis=0)
        return np.asarray(older + share * (newer - older))
