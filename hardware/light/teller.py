"""Teller: says each trouble once, not sixty times a second."""

import sys
import time
from collections.abc import Callable
from contextlib import suppress

REST_S = 60.0


def to_stderr(sentence: str) -> None:
    """Print a sentence for whoever started the program."""
    if sys.stderr is None:  # print would take standard output instead
        return
    with suppress(OSError):  # nobody listens any more, and the light goes on
        print(f"lampyris: {sentence}", file=sys.stderr, flush=True)


class Teller:
    """Hands sentences on, those about the same matter at most once a minute, and with how many were left out.

    tell: takes a sentence. clock: seconds.
    """

    def __init__(self, tell: Callable[[str], None] = to_stderr, clock: Callable[[], float] = time.monotonic) -> None:
        self._tell, self._clock = tell, clock
        self._told: dict[str, float] = {}
        self._held: dict[str, int] = {}

    def say(self, sentence: str) -> None:
        """Hand on at once."""
        self._tell(sentence)

    def complain(self, matter: str, sentence: str) -> None:
        """Hand on, unless this matter was told less than a minute ago."""
        now_s = self._clock()
        if matter in self._told and now_s - self._told[matter] < REST_S:
            self._held[matter] = self._held.get(matter, 0) + 1
            return
        self._told[matter] = now_s
        held = self._held.pop(matter, 0)
        self._tell(f"{sentence} ({held} more like this before.)" if held else sentence)
