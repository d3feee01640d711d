"""Decision: from probabilities that waver to an answer that holds."""

from collections.abc import Sequence
from typing import Literal

from device.hearing.sound_card import Patience

Class = Literal["music", "speech", "noise"]

UNDECIDED_STEPS = 4
"""A sound that is uncertain for so long is what it most probably is: an answer has to come within two seconds."""
OTHER_MARGIN = 0.2
"""Speech becomes noise, and noise speech, when the other is this much more probable; the light is the same."""


class Decision:
    """Music begins at one probability and ends at another; anything else has to last for some steps before it is told.
    What is uncertain stays as it was; at first it is None, for UNDECIDED_STEPS at most."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self.reset()

    def reset(self) -> None:
        """A fresh start: nothing is known."""
        self.answer: Class | None = None
        self._undecided = 0
        self.restart()

    def restart(self) -> None:
        """Forget what was about to change; the answer stays."""
        self._lasted = 0

    def process(self, probabilities: Sequence[float]) -> Class | None:
        """Probabilities of music, speech and noise of one more step to the answer."""
        music, speech, noise = probabilities
        self._undecided += 1
        other_kind: Class = "speech" if speech >= noise else "noise"
        resting = self.answer in ("speech", "noise")
        if music >= self._patience.enter and (resting or 1.0 - music < self._patience.leave):
            self.answer, self._lasted = "music", 0
            return self.answer
        if resting:
            this, other = (speech, noise) if self.answer == "speech" else (noise, speech)
            differs = other > this + OTHER_MARGIN
        else:
            differs = 1.0 - music >= self._patience.leave
        self._lasted = self._lasted + 1 if differs else 0
        if self._lasted >= self._patience.steps:
            self.answer, self._lasted = other_kind, 0
        elif self.answer is None and self._undecided >= UNDECIDED_STEPS:
            self.answer = "music" if music >= max(speech, noise) else other_kind
        return self.answer
