"""Beat: when the next frame is due."""

_AHEAD_S = 0.0005
"""A client's frame should be here so long before the beat."""
_EARLY_S = 0.001
"""One that is here is shown as soon as that before the beat: nobody sees it, and it saves waking up once more."""
_GRACE_S = 0.0015
"""One that is late is waited for so long: to show the one before again, and then to leave one out, is seen sooner."""
_NUDGE = 0.1
_MOST_SHIFT = 0.01
_ALIKE = 0.2


class Beat:
    """A steady beat, period_s apart, that leans toward the frames of a client which sends at the same rate.

    Without, each frame would wait for half a period, and now and then one would be shown twice and one never. It leans
    by at most a hundredth of a period each time.
    rest_s: the least from one frame to the next. late: beats that were missed because the machine was busy.
    next_s: when the next beat is.
    """

    def __init__(self, period_s: float, rest_s: float = 0.0) -> None:
        self.period_s = max(period_s, rest_s)
        self._rest_s = rest_s
        self.late = 0
        self.next_s = 0.0
        self._rested_s = 0.0
        self._came_s = 0.0
        self._alike = False

    def reset(self, now_s: float) -> None:
        """Begin anew: the next one is due now."""
        self.next_s = now_s

    def due_s(self, heard: bool) -> float:
        """When to show the next one. heard: whether a frame came since the last."""
        due_s = self.next_s
        if self._alike and self.next_s - self._came_s < 1.5 * self.period_s:  # the client keeps the beat
            due_s += -_EARLY_S if heard else _GRACE_S
        return max(due_s, self._rested_s)

    def came(self, now_s: float) -> None:
        """A single frame came, before the next one is shown."""
        since_s, self._came_s = now_s - self._came_s, now_s
        self._alike = abs(since_s - self.period_s) <= _ALIKE * self.period_s
        if not self._alike:
            return
        off_s = now_s + _AHEAD_S - self.next_s
        off_s -= round(off_s / self.period_s) * self.period_s
        most_s = _MOST_SHIFT * self.period_s
        self.next_s += min(most_s, max(-most_s, _NUDGE * off_s))

    def shown(self, now_s: float) -> None:
        """The frame that was due is being shown."""
        missed = max(0, int((now_s - self.next_s) / self.period_s))
        self.late += missed
        self.next_s += (missed + 1) * self.period_s
        self._rested_s = now_s + self._rest_s
