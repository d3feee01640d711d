"""The members of a run: trained Keras models, checked for the shapes that the lamp needs."""

from pathlib import Path

import keras

from convert.run import Run
from device.errors import InputError

EMOTION = "emotion"
"""The output that the lamp takes of a model with several: (valence, arousal)."""


def load_members(run: Run) -> list[keras.Model]:
    """All members of the run, in order. Raises InputError as load_member does."""
    return [load_member(path, run.width) for path in run.member_files]


def load_member(path: Path, width: int) -> keras.Model:
    """A model from frames to (valence, arousal), as its only output or as the one named EMOTION.

    Raises InputError if it cannot be read, has other shapes, or has several outputs and none of that name.
    """
    try:
        model = keras.saving.load_model(path, compile=False)
    except (OSError, ValueError, TypeError, KeyError) as error:
        why = str(error).strip().splitlines()[0]
        raise InputError(f"{path} cannot be read by Keras {keras.__version__} ({why}).") from error
    if any(weight.dtype != "float32" for weight in model.weights if "float" in weight.dtype):
        raise InputError(f"{path} does not compute in float32: train it so; the conversion makes it small.")
    if len(model.inputs) != 1:
        raise InputError(f"{path} must have one input, not {len(model.inputs)}.")
    outputs = dict(zip(getattr(model, "output_names", [EMOTION]), model.outputs, strict=True))
    if len(outputs) > 1 and EMOTION not in outputs:
        raise InputError(f"{path} has the outputs {', '.join(outputs)}, but none named {EMOTION}.")
    frame = tuple(model.inputs[0].shape)
    va = tuple((outputs[EMOTION] if len(outputs) > 1 else model.outputs[0]).shape)
    if len(frame) != 3 or frame[2] != width:
        raise InputError(
            f"{path} takes {list(frame)}, the run's features give [batch, time, {width}]: run.json and model "
            "do not belong together; train again."
        )
    if len(va) not in (2, 3) or va[-1] != 2:
        raise InputError(f"{path} must give [batch, time, 2] (valence, arousal), or [batch, 2], not {list(va)}.")
    return model


def further_outputs(members: list[keras.Model], names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of `names` that all members give beside EMOTION."""
    given = [set(model.output_names) if len(model.outputs) > 1 else set() for model in members]
    return tuple(name for name in names if all(name in own for own in given))
