"""Runner: frames in, emotion out, one small step of the model at a time."""

import math
from collections import deque

import numpy as np
from numpy.typing import NDArray

from device.emotion.bundle import Bundle
from device.emotion.card import Card
from device.emotion.emotion import Emotion
from device.emotion.step_model import StepModel
from device.emotion.window_model import WindowModel
from device.features.pooling import Pool

UNKNOWN = Emotion(0.0, 0.0, 1.0)
"""Before the first pool is full: neutral, and with the largest spread, because nothing is known yet."""

RECALLED_S = 2.0
"""What a renewed runner still knows."""


def model_of(bundle: Bundle, runtime: str | None = None) -> StepModel | WindowModel:
    """The bundle's model, ready to run. Raises InputError if it is not what the card says."""
    return StepModel(bundle, runtime) if bundle.card.kind == "step" else WindowModel(bundle, runtime)


class Runner:
    """Turns frames into emotion: pools `card.pool_hops` frames, runs the model, holds the answer in between.

    The answer is the mean of the members. Its spread is the root of the mean of two variances, of the members'
    valences and of their arousals (population variance); 0 where all agree, at most 1.
    `non_finite` counts steps whose result was not a number (inputs far beyond any sound): they reset the state.
    """

    def __init__(self, bundle: Bundle, runtime: str | None = None) -> None:
        self.card: Card = bundle.card
        self.columns = bundle.card.features.columns
        self.non_finite = 0
        self._width = len(self.columns)
        self._pool = Pool(self.card.pool_hops, self._width)
        self._model = model_of(bundle, runtime)
        steps = max(1, round(RECALLED_S / (self.card.pool_hops * self.card.features.hop_s)))
        self._recent: deque[NDArray[np.float32]] = deque(maxlen=steps)
        self._emotion = UNKNOWN

    def reset(self) -> None:
        """A fresh start, as after a gap in the sound: no frames waiting, state zero, emotion unknown."""
        self._pool.reset()
        self._model.reset()
        self._recent.clear()
        self._emotion = UNKNOWN

    def renew(self) -> Emotion:
        """Forget all but the last RECALLED_S, as if the runner had been switched on then; return what it feels now."""
        self._model.reset()
        for pooled in self._recent:
            self._emotion = self._feel(self._model.process(pooled).tolist())
        return self._emotion

    def process(self, frame: NDArray[np.float32]) -> Emotion:
        """Take the next frame [width]; return the emotion as of the last full pool (UNKNOWN before the first).

        Raises ValueError if the frame has another width or is not finite: the extractor never makes such frames.
        """
        if frame.shape != (self._width,):
            raise ValueError(f"a frame must have shape ({self._width},), not {frame.shape}")
        if not np.isfinite(frame).all():
            raise ValueError("a frame must be finite")
        for pooled in self._pool.process(frame[None]):
            self._recent.append(pooled)
            self._emotion = self._feel(self._model.process(pooled).tolist())
        return self._emotion

    def _feel(self, va: list[float]) -> Emotion:
        if not all(map(math.isfinite, va)):
            self.non_finite += 1
            self._model.reset()
            return UNKNOWN
        valence, valence_variance = _mean_and_variance(va[0::2])
        arousal, arousal_variance = _mean_and_variance(va[1::2])
        return Emotion(_clip(valence), _clip(arousal), math.sqrt((valence_variance + arousal_variance) / 2.0))


def _mean_and_variance(values: list[float]) -> tuple[float, float]:
    mean = math.fsum(values) / len(values)
    return mean, math.fsum((value - mean) ** 2 for value in values) / len(values)


def _clip(value: float) -> float:
    return min(1.0, max(-1.0, value))
