"""The tensors of a model's signature, found by name and checked against the card."""

from typing import Any, NamedTuple

import numpy as np

from device.emotion.bundle import Bundle
from device.emotion.card import Tensor
from device.emotion.runtime import Interpreter, open_interpreter
from device.errors import InputError


class Opened(NamedTuple):
    """An interpreter, and the index of every input and output by its name."""

    interpreter: Interpreter
    inputs: dict[str, int]
    outputs: dict[str, int]


def open_model(bundle: Bundle, runtime: str | None) -> Opened:
    """Load the bundle's model. Raises InputError if its signature is not what the card says."""
    card = bundle.card
    # The interpreter reads from these bytes for as long as it lives: who keeps the bundle keeps them.
    interpreter = open_interpreter(bundle.model, runtime)
    try:
        signature = interpreter.get_signature_runner(card.kind)
    except ValueError as error:
        raise InputError(f"The model has no signature {card.kind!r}; convert it again.") from error
    inputs = _indices(signature.get_input_details(), card.inputs)
    outputs = _indices(signature.get_output_details(), card.outputs)
    return Opened(interpreter, inputs, outputs)


def _indices(details: dict[str, Any], tensors: tuple[Tensor, ...]) -> dict[str, int]:
    found = {name: tuple(int(n) for n in detail["shape"]) for name, detail in details.items()}
    said = {tensor.name: tensor.shape for tensor in tensors}
    if found != said or any(detail["dtype"] is not np.float32 for detail in details.values()):
        raise InputError(f"The model takes or gives {found}, its card says {said}; convert it again.")
    return {name: int(detail["index"]) for name, detail in details.items()}
