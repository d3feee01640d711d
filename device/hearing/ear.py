"""Ear: what is heard, by level and by kind: music, speech, noise or silence."""

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from device.features.spec import FeatureSpec
from device.hearing.decision import Decision
from device.hearing.gate import GateSettings, SoundGate
from device.hearing.sound_class import SoundClass

Heard = Literal["music", "speech", "noise", "silence"]

FORGET_S = 10.0
"""After that much silence nothing is taken to go on as it was."""


SHORT_S = 0.4
"""A gap shorter than this hides no change of the kind that would not be heard after it."""


class Ear:
    """The level alone tells silence (SoundGate), a network the rest. process() takes a frame and a level each hop.

    A sound whose kind isn't known yet counts as silence: better a second of rest than a flash of mood for a cough.
    After a pause shorter than FORGET_S the kind is what it was, until the network knows better.
    unsure: such a sound is heard now.
    model: None takes every sound for music, as does a model for other features than `spec`; see `knows_kinds`.
    """

    def __init__(self, settings: GateSettings, spec: FeatureSpec, model: SoundClass | None) -> None:
        self._gate = SoundGate(settings)
        self.knows_kinds = model is not None and model.card.fingerprint == spec.fingerprint
        self._model: SoundClass | None = None
        if model is not None and self.knows_kinds:
            self._model = model
            self._decision = Decision(model.card.patience)
        self._silent_s, self.unsure = math.inf, False

    def reset(self) -> None:
        """A fresh start."""
        self._gate.reset()
        self._silent_s, self.unsure = math.inf, False
        if self._model is not None:
            self._restart()
            self._decision.reset()

    def gap(self, seconds: float) -> None:
        """So long nothing was heard; several such in a row count together. The noise of the room stays.

        Of gaps shorter than a step of the network it need not know: they are clicks, and it would never come to an
        answer where they are many.
        """
        if self._model is not None:
            self._silent_s += seconds
            if self._silent_s >= SHORT_S:
                self._restart()
            if self._silent_s >= FORGET_S:
                self._decision.reset()

    def process(self, frame: NDArray[np.float32] | None, level_db: float, dt_s: float) -> Heard:
        """The frame [width] of this hop, None where there is none yet, and its level in dBFS to what is heard."""
        loud = self._gate.process(level_db, dt_s) == "music"
        if self._model is None:
            return "music" if loud else "silence"
        if not loud:
            self.unsure = False
            self._silent_s += dt_s
            if self._silent_s >= FORGET_S:
                self._decision.reset()
            self._restart()
            return "silence"
        self._silent_s = 0.0
        if frame is not None and (told := self._model.process(frame)) is not None:
            self._decision.process(told.tolist())
        answer = self._decision.answer
        self.unsure = answer is None
        return answer or "silence"

    def _restart(self) -> None:
        assert self._model is not None
        self._model.reset()
        self._decision.restart()
