"""Clipping: what part of the last seconds was too loud for the microphone."""

from collections import deque

LAST_S = 5.0


class Clipping:
    """share: of the samples of the last 5 s, those at full scale, 0 to 1. rate: samples per second, of all slots."""

    def __init__(self, rate: float) -> None:
        self._most = LAST_S * rate
        self.reset()

    def reset(self) -> None:
        """As if nothing had been heard."""
        self._parts: deque[tuple[int, int]] = deque()
        self._count = self._clipped = 0

    @property
    def share(self) -> float:
        """See above; 0 before the first sample."""
        return self._clipped / max(1, self._count)

    def process(self, clipped: int, count: int) -> None:
        """Of `count` further samples, `clipped` were at full scale."""
        self._parts.append((clipped, count))
        self._clipped += clipped
        self._count += count
        # As long as the rest is 5 s still.
        while self._count - self._parts[0][1] >= self._most:
            old_clipped, old_count = self._parts.popleft()
            self._clipped -= old_clipped
            self._count -= old_count
