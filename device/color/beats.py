"""Beats: which onsets are worth a pulse of light, and the pulse itself."""

from device.color.fade import follow

APART_S = 0.35
"""No pulse begins sooner after the one before: no second holds more than three, the limit of WCAG 2.2, 2.3.1."""
_HOLD_S = 0.1
_RISE_S, _FALL_S = 0.03, 0.28
_WEAKEST = 0.12  # an onset
_SHARE = 0.5  # of the strongest lately; weaker ones, such as a hi-hat between drums, are passed over
_LATELY_S = 4.0
_QUIETEST = 0.3  # no weaker onset counts as the strongest of a song
_LOW = 0.3  # the part of a pulse that doesn't depend on strength


class Beats:
    """Turns onsets into an envelope, 0 to 1: up at once, held for 100 ms, then down.

    A stronger onset that comes while a pulse is held lifts it further: one rise, no second flash. Between that and
    APART_S later onsets do nothing, however strong, so that the light can't flash faster.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """No beat yet."""
        self._strongest = _QUIETEST
        self._onset = 0.0  # that began the pulse
        self._peak = 0.0
        self._since_s = APART_S
        self._now = 0.0

    def process(self, onset: float, dt_s: float) -> float:
        """The envelope after dt_s seconds in which an onset of this strength, 0 to 1, came (0: none did)."""
        self._strongest = max(onset, follow(self._strongest, _QUIETEST, dt_s, _LATELY_S))
        if onset >= max(_WEAKEST, _SHARE * self._strongest):
            held = self._since_s < _HOLD_S and onset > self._onset
            # The tolerance lets seven times 50 ms be 350 ms.
            if held or self._since_s >= APART_S - 1e-6:
                self._onset = onset
                self._peak = _LOW + (1.0 - _LOW) * onset / self._strongest
                self._since_s = 0.0
        left_s = min(dt_s, max(0.0, _HOLD_S - self._since_s))
        self._now = follow(self._now, max(self._peak, self._now), left_s, _RISE_S)
        self._now = follow(self._now, 0.0, dt_s - left_s, _FALL_S)
        self._since_s += dt_s
        return self._now
