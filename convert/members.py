"""The members of a run: trained Keras models, checked for the shapes that the step form needs."""

from pathlib import Path

import keras

from convert.run import Run
from device.errors import InputError

EMOTION = "emotion"
"""The output that the lamp takes of a model with several: (valence, arousal)."""


def load_members(run: Run) -> list[keras.Model]:
    """All members of the run, in order, each from frame to (valence, arousal). Other outputs are cut off.

    Raises InputError if one cannot be read, has other shapes, or has several outputs and none is named EMOTION.
    """
    members = []
    for path in run.member_files:
        try:
            model = keras.saving.load_model(path, compile=False)
        except (OSError, ValueError, TypeError, KeyError) as error:
            why = str(error).strip().splitlines()[0]
            raise InputError(f"{path} cannot be read by Keras {keras.__version__} ({why}).") from error
        if len(model.inputs) != 1:
            raise InputError(f"{path} must have one input, not {len(model.inputs)}.")
        if len(model.outputs) != 1:
            model = _emotion_alone(model, path)
        frame, va = tuple(model.inputs[0].shape), tuple(model.outputs[0].shape)
        if len(frame) != 3 or frame[2] != run.width:
            raise InputError(
                f"{path} takes {list(frame)}, the run's features give [batch, time, {run.width}]: run.json and model "
                "do not belong together; train again."
            )
        if len(va) != 3 or va[2] != 2:
            raise InputError(f"{path} must give [batch, time, 2] (valence, arousal), not {list(va)}.")
        members.append(model)
    return members


def _emotion_alone(model: keras.Model, path: Path) -> keras.Model:
    """The part of the model that leads to its output EMOTION; layers that only the others need are left behind."""
    outputs = dict(zip(model.output_names, model.outputs, strict=True))
    if EMOTION not in outputs:
        raise InputError(f"{path} has the outputs {', '.join(outputs)}, but none named {EMOTION}.")
    return keras.Model(model.inputs[0], outputs[EMOTION], name=model.name)
