"""Runner: frames in, emotion out, one small step of the model at a time."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device.emotion.bundle import Bundle
from device.emotion.card import Card
from device.emotion.emotion import Emotion
from device.emotion.runtime import open_interpreter
from device.errors import InputError
from device.features.pooling import Pool

UNKNOWN = Emotion(0.0, 0.0, 1.0)
"""Before the first pool is full: neutral, and with the largest spread, because nothing is known yet."""


class StepModel:
    """A step model in an interpreter, with its recurrent state.

    process(pooled [2 * width]) -> va [2 * members] (v0, a0, v1, a1, ...), all float32.
    runtime: a package out of runtime.RUNTIMES, None for whichever fits.
    Raises InputError if the model is not what the card says.
    """

    def __init__(self, bundle: Bundle, runtime: str | None = None) -> None:
        card = bundle.card
        self._model = bundle.model  # the interpreter reads from these bytes for as long as it lives
        self._interpreter = open_interpreter(self._model, runtime)
        shapes_in = {"frame": (1, 2 * card.features.width), "state": (1, card.state_size)}
        shapes_out = {"va": (1, 2 * card.members), "state": (1, card.state_size)}
        try:
            signature = self._interpreter.get_signature_runner("step")
        except ValueError as error:
            raise InputError("The model has no signature 'step'; convert it again.") from error
        inputs = _indices(signature.get_input_details(), shapes_in)
        outputs = _indices(signature.get_output_details(), shapes_out)
        self._frame, self._state_in = inputs["frame"], inputs["state"]
        self._va, self._state_out = outputs["va"], outputs["state"]
        self._zeros = np.zeros((1, card.state_size), np.float32)
        self.reset()

    def reset(self) -> None:
        """Forget all that was heard: the state is zero again."""
        self._state = self._zeros

    def process(self, pooled: NDArray[np.float32]) -> NDArray[np.float32]:
        """One step over a pooled frame."""
        # set_tensor and get_tensor copy: no view into the interpreter outlives a step, which invoke() would refuse.
        run = self._interpreter
        run.set_tensor(self._frame, pooled[None])
        run.set_tensor(self._state_in, self._state)
        run.invoke()
        self._state = run.get_tensor(self._state_out)
        va: NDArray[np.float32] = run.get_tensor(self._va)[0]
        return va


class Runner:
    """Turns frames into emotion: pools `card.pool_hops` frames, steps the model, holds the answer in between.

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
        self._step = StepModel(bundle, runtime)
        self._emotion = UNKNOWN

    def reset(self) -> None:
        """A fresh start, as after a gap in the sound: no frames waiting, state zero, emotion unknown."""
        self._pool.reset()
        self._step.reset()
        self._emotion = UNKNOWN

    def process(self, frame: NDArray[np.float32]) -> Emotion:
        """Take the next frame [width]; return the emotion as of the last full pool (UNKNOWN before the first).

        Raises ValueError if the frame has another width or is not finite: the extractor never makes such frames.
        """
        if frame.shape != (self._width,):
            raise ValueError(f"a frame must have shape ({self._width},), not {frame.shape}")
        if not np.isfinite(frame).all():
            raise ValueError("a frame must be finite")
        for pooled in self._pool.process(frame[None]):
            self._emotion = self._feel(self._step.process(pooled).tolist())
        return self._emotion

    def _feel(self, va: list[float]) -> Emotion:
        if not all(map(math.isfinite, va)):
            self.non_finite += 1
            self._step.reset()
            return UNKNOWN
        valence, valence_variance = _mean_and_variance(va[0::2])
        arousal, arousal_variance = _mean_and_variance(va[1::2])
        return Emotion(_clip(valence), _clip(arousal), math.sqrt((valence_variance + arousal_variance) / 2.0))


def _indices(details: dict[str, Any], shapes: dict[str, tuple[int, int]]) -> dict[str, int]:
    found = {name: tuple(int(n) for n in detail["shape"]) for name, detail in details.items()}
    if found != shapes or any(detail["dtype"] is not np.float32 for detail in details.values()):
        raise InputError(f"The model takes or gives {found}, its card says {shapes}; convert it again.")
    return {name: int(detail["index"]) for name, detail in details.items()}


def _mean_and_variance(values: list[float]) -> tuple[float, float]:
    mean = math.fsum(values) / len(values)
    return mean, math.fsum((value - mean) ** 2 for value in values) / len(values)


def _clip(value: float) -> float:
    return min(1.0, max(-1.0, value))
