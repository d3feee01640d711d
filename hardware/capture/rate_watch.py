"""RateWatch: finds a microphone that gives fewer or more samples a second than it promised."""

WINDOW_S = 10.0
OFF = 0.01
"""Crystals are off by 0.0001 or less, and the arrival of a block by far less than a hundredth of a window."""
AGREE = 0.003


class RateWatch:
    """Counts samples against a clock, in windows of 10 s.

    A rate is only believed when two windows, one after the other, agree: a window in which the computer slept does not
    count. rate: what was promised, samples per second.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self.reset()

    def reset(self) -> None:
        """Begin anew, as with a source that was just opened."""
        self._begin: tuple[int, float] | None = None
        self._before: float | None = None

    def process(self, count: int, at_s: float) -> float | None:
        """count: samples per slot so far, those lost too. at_s: when the last of them came, by any steady clock.

        The true rate, in samples per second, at the end of a window that shows that the promised one is wrong by more
        than 1 %; else None.
        """
        if self._begin is None:
            self._begin = count, at_s
        first, since_s = self._begin
        if at_s - since_s < WINDOW_S:
            return None
        rate = (count - first) / (at_s - since_s)
        before, self._before, self._begin = self._before, rate, (count, at_s)
        if before is None or abs(rate / self._rate - 1) <= OFF or abs(rate - before) > AGREE * self._rate:
            return None
        return (rate + before) / 2
