"""A model that looks at many pooled frames at once, again and again."""

import numpy as np
from numpy.typing import NDArray

from device.emotion.bundle import Bundle
from device.emotion.tensors import open_model
from device.errors import InputError


class WindowModel:
    """A window model in an interpreter, with the last frames.

    process(pooled [2 * width]) -> va [2 * members] (v0, a0, v1, a1, ...), all float32: of the first frame, then of
    every `every`-th; in between the answer stays. Until `steps` frames have come the window holds what there is,
    repeated: the lamp need not wait half a minute for its first answer.
    runtime: a package out of runtime.RUNTIMES, None for whichever fits.
    Raises InputError if the model is not what the card says.
    """

    def __init__(self, bundle: Bundle, runtime: str | None = None) -> None:
        card = bundle.card
        self._bundle = bundle
        self._run, inputs, outputs = open_model(bundle, runtime)
        shapes = {tensor.name: tensor.shape for tensor in (*card.inputs, *card.outputs)}
        if card.window is None or shapes != {
            "frames": (1, card.window.steps, 2 * card.features.width),
            "va": (1, 2 * card.members),
        }:
            raise InputError("The card's tensors are not those of a window model; convert it again.")
        self._frames, self._va = inputs["frames"], outputs["va"]
        self._steps, self._every = card.window.steps, card.window.every
        # Every frame stands here twice, `steps` apart, so that the last `steps` always lie in one piece.
        self._ring = np.zeros((2 * self._steps, 2 * card.features.width), np.float32)
        self.reset()

    def reset(self) -> None:
        """Forget all that was heard."""
        self._heard = 0
        self._answer = np.zeros(0, np.float32)

    def process(self, pooled: NDArray[np.float32]) -> NDArray[np.float32]:
        """Take a pooled frame; the answer as of the last look."""
        steps, place = self._steps, self._heard % self._steps
        self._ring[place] = self._ring[place + steps] = pooled
        self._heard += 1
        if (self._heard - 1) % self._every == 0:
            window = self._ring[place + 1 : place + 1 + steps]
            if self._heard < steps:
                # The newest frame at the end, as in a full window.
                window = self._ring[np.arange(self._heard - steps, self._heard) % self._heard]
            self._run.set_tensor(self._frames, window[None])
            self._run.invoke()
            self._answer = self._run.get_tensor(self._va)[0]
        return self._answer
