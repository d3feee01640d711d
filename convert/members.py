"""The members of a run: trained Keras models, checked for the shapes that the step form needs."""

import keras

from convert.run import Run
from device.errors import InputError


def load_members(run: Run) -> list[keras.Model]:
    """All members of the run, in order. Raises InputError if one cannot be read or has other shapes."""
    members = []
    for path in run.member_files:
        try:
            model = keras.saving.load_model(path, compile=False)
        except (OSError, ValueError, TypeError, KeyError) as error:
            why = str(error).strip().splitlines()[0]
            raise InputError(f"{path} cannot be read by Keras {keras.__version__} ({why}).") from error
        if len(model.inputs) != 1 or len(model.outputs) != 1:
            raise InputError(f"{path} must have one input and one output.")
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
