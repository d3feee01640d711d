"""A model that takes one pooled frame at a time and remembers the ones before."""

import numpy as np
from numpy.typing import NDArray

from device.emotion.bundle import Bundle
from device.emotion.tensors import open_model
from device.errors import InputError


class StepModel:
    """A step model in an interpreter, with its state.

    process(pooled [2 * width]) -> va [2 * members] (v0, a0, v1, a1, ...), all float32.
    runtime: a package out of runtime.RUNTIMES, None for whichever fits.
    Raises InputError if the model is not what the card says.
    """

    def __init__(self, bundle: Bundle, runtime: str | None = None) -> None:
        self._bundle = bundle
        self._run, inputs, outputs = open_model(bundle, runtime)
        card = bundle.card
        frame, va = (1, 2 * card.features.width), (1, 2 * card.members)
        if _shapes(bundle) != {"frame": frame, "state": (1, card.state_size), "va": va}:
            raise InputError("The card's tensors are not those of a step model; convert it again.")
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
        run = self._run
        run.set_tensor(self._frame, pooled[None])
        run.set_tensor(self._state_in, self._state)
        run.invoke()
        self._state = run.get_tensor(self._state_out)
        va: NDArray[np.float32] = run.get_tensor(self._va)[0]
        return va


def _shapes(bundle: Bundle) -> dict[str, tuple[int, ...]]:
    return {tensor.name: tensor.shape for tensor in (*bundle.card.inputs, *bundle.card.outputs)}
