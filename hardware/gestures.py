"""Gestures: what presses of one button mean. No pin, no clock and no thread of its own."""

from enum import Enum

DEBOUNCE_S = 0.02
"""How long a level must last to count; the contacts of small buttons bounce for some milliseconds."""
DOUBLE_S = 0.35
"""The longest pause between the two presses of a double press, and so how late a short one is known."""
LONG_S = 0.8
HOLD_S = 8.0


class Gesture(Enum):
    """What somebody did with the button, and what it is for."""

    SHORT = "next scene"
    DOUBLE = "next palette"
    LONG = "on or off"
    HOLD = "shut down"


class Gestures:
    """Turns the level of a button, looked at often, into gestures.

    LONG and HOLD come while the button is still down, so that whoever presses sees when it is enough; whoever holds on
    to HOLD has made LONG on the way. SHORT comes when no second press followed. A third press begins anew.
    A button that is down from the first look on is stuck or shorted, and counts from when it was up once.
    """

    def __init__(
        self,
        debounce_s: float = DEBOUNCE_S,
        double_s: float = DOUBLE_S,
        long_s: float = LONG_S,
        hold_s: float = HOLD_S,
    ) -> None:
        if not 0 <= debounce_s < long_s < hold_s or not double_s > debounce_s:
            raise ValueError("The times of a button must grow: debounce_s < double_s, debounce_s < long_s < hold_s.")
        self._debounce_s, self._double_s, self._long_s, self._hold_s = debounce_s, double_s, long_s, hold_s
        self.reset()

    def reset(self) -> None:
        """Forget all presses, also the one that may be going on."""
        self._last_s = float("-inf")
        self._raw: bool | None = None  # the level at the last look
        self._since_s = 0.0  # since when it has that level
        self._down: bool | None = None  # debounced; None until the first level that lasted
        self._edge_s = 0.0  # of the last press or release
        self._told = 0  # of a press that goes on: 1 after LONG, 2 after HOLD
        self._ignored = False  # a press that was there from the begin
        self._short = False  # a short press waits for a second one

    def process(self, pressed: bool, t_s: float) -> list[Gesture]:
        """The gestures that are known now, oldest first; mostly none.

        pressed: the raw level at the time t_s, seconds of any clock. Raises ValueError when the time goes back.
        """
        if not t_s >= self._last_s:
            raise ValueError(f"The time of a button went from {self._last_s} s back to {t_s} s.")
        self._last_s = t_s
        if pressed is not self._raw:
            self._raw, self._since_s = pressed, t_s
        gestures: list[Gesture] = []
        if self._raw is not self._down and t_s - self._since_s >= self._debounce_s:
            self._change(gestures)
        self._pass(t_s, gestures)
        return gestures

    def _change(self, gestures: list[Gesture]) -> None:
        first = self._down is None
        self._pass(self._since_s, gestures)  # what became known before the level changed
        self._down, self._edge_s = self._raw, self._since_s
        if self._down:
            self._told, self._ignored = 0, first
        elif not first and not self._ignored and not self._told:
            if self._short:
                gestures.append(Gesture.DOUBLE)
            self._short = not self._short

    def _pass(self, t_s: float, gestures: list[Gesture]) -> None:
        lasted_s = t_s - self._edge_s
        if not self._down:
            # A level that isn't debounced yet may be the second press, in time.
            begun = self._raw and self._since_s - self._edge_s <= self._double_s
            if self._short and lasted_s > self._double_s and not begun:
                self._short = False
                gestures.append(Gesture.SHORT)
            return
        if self._ignored:
            return
        for told, (after_s, gesture) in enumerate(((self._long_s, Gesture.LONG), (self._hold_s, Gesture.HOLD))):
            if self._told == told and lasted_s >= after_s:
                if self._short:  # the press before this one
                    self._short = False
                    gestures.append(Gesture.SHORT)
                self._told += 1
                gestures.append(gesture)
