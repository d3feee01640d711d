"""Ring: samples on their way from the thread of the sound card to the lamp."""

from collections import deque

import numpy as np
from numpy.typing import NDArray


class Ring:
    """A bounded queue of samples [n, slots], int32, for one thread that writes and one that reads.

    No lock is taken: each of the two counters has one thread that changes it, and the samples and marks that a counter
    tells of are in place before it moves. CPython's own lock makes each of these steps whole; it is held only for
    the copy of a block.

    A block that has no room is dropped as a whole. What is lost is kept in order: it is told with the samples that come
    after it. Memory stays bounded, because every loss that is kept has samples in the ring behind it.

    dropped: samples per slot so far that had no room.
    """

    def __init__(self, slots: int, capacity: int) -> None:
        if min(slots, capacity) < 1:
            raise ValueError(f"A ring needs slots and room for samples, not {slots} and {capacity}.")
        self._samples = np.zeros((capacity, slots), np.int32)
        self._written = self._read = 0  # samples per slot ever
        self._marks: deque[tuple[int, int]] = deque()  # (position, samples lost before it)
        self._losing = 0
        self.dropped = 0

    @property
    def waiting(self) -> int:
        """Samples per slot that can be read."""
        return self._written - self._read

    def lose(self, count: int) -> None:
        """Writer: `count` samples per slot were lost before those that come next."""
        self._losing += count

    def write(self, samples: NDArray[np.int32]) -> None:
        """Writer: put samples [n, slots] in, or drop them all where there is no room."""
        count, capacity = len(samples), len(self._samples)
        if count > capacity - (self._written - self._read):
            self._losing += count
            self.dropped += count
            return
        if not count:
            return
        if self._losing:
            self._marks.append((self._written, self._losing))
            self._losing = 0
        start = self._written % capacity
        first = min(count, capacity - start)
        self._samples[start : start + first] = samples[:first]
        self._samples[: count - first] = samples[first:]
        self._written += count

    def read(self, most: int) -> tuple[NDArray[np.int32], int]:
        """Reader: up to `most` continuous samples [n, slots], a copy, and how many were lost just before them.

        No samples, and no loss, while the ring is empty.
        """
        start = self._read
        end = min(self._written, start + most)
        if end == start:
            return self._samples[:0], 0
        lost = self._marks.popleft()[1] if self._marks and self._marks[0][0] == start else 0
        if self._marks:
            end = min(end, self._marks[0][0])
        place, capacity = start % len(self._samples), len(self._samples)
        first = min(end - start, capacity - place)
        samples = np.concatenate((self._samples[place : place + first], self._samples[: end - start - first]))
        self._read = end
        return samples, lost
