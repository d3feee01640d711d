"""What people want of a running lamp, from buttons and keys."""

import time
from collections.abc import Callable, Sequence
from typing import Protocol

from hardware.button import Button
from hardware.gestures import Gesture

EVENTS = ("next_scene", "next_palette", "toggle", "shutdown", "quit")
"""toggle: off or on. shutdown: end, and the machine is to be switched off too. quit: end."""


class Controls(Protocol):
    """Anything that the lamp asks before each light frame. It must answer at once."""

    def events(self) -> list[str]:
        """What was asked since the last call, in order; each one of EVENTS."""
        ...


class ButtonControls:
    """A button: what a gesture on it is for. clock: seconds, never going back."""

    def __init__(self, button: Button, clock: Callable[[], float] = time.monotonic) -> None:
        self._button, self._clock = button, clock

    def events(self) -> list[str]:
        """See Controls.events."""
        return [_MEANINGS[gesture] for gesture in self._button.gestures(self._clock())]


_MEANINGS = {
    Gesture.SHORT: "next_scene",
    Gesture.DOUBLE: "next_palette",
    Gesture.LONG: "toggle",
    Gesture.HOLD: "shutdown",
}


class AllControls:
    """Several sources as one."""

    def __init__(self, sources: Sequence[Controls]) -> None:
        self._sources = tuple(sources)

    def events(self) -> list[str]:
        """See Controls.events; source by source."""
        return [event for source in self._sources for event in source.events()]
