"""Held-out answers as an evaluation writes them, checked before anything is drawn of them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device.errors import InputError
from trainer.storage import read_arrays

Array = NDArray[Any]
AXES = ("valence", "arousal")


@dataclass(frozen=True)
class Steps:
    """Curves of n pieces, one after the other: true and told [N, 2] (valence, arousal; true NaN where not rated),
    starts [n + 1] of each piece in them, step_s seconds of a step."""

    true: Array
    told: Array
    starts: Array
    step_s: float


@dataclass(frozen=True)
class Record:
    """n clips that were held out. names [n] "corpus/id", quadrants int [n] (-1: none), true_ratings and ratings
    [n, R] on the corpus' own scale, features [n, W] means over the clip, emotion [n, 2], told [n, 4] probabilities."""

    names: Array
    quadrants: Array
    true_ratings: Array
    ratings: Array
    features: Array
    emotion: Array
    told: Array
    steps: Steps | None

    def of(self, corpus: str) -> NDArray[np.bool_]:
        """[n] which clips are of that corpus."""
        return np.array([str(name).startswith(f"{corpus}/") for name in self.names], dtype=bool)


@dataclass(frozen=True)
class Stability:
    """error [clips, T]: |difference| to a fresh start at each step of step_s seconds."""

    error: Array
    step_s: float


def read_record(path: Path, steps: bool) -> Record | None:
    """A record, None when there is none. steps: whether its curves are read too. InputError when it is damaged."""
    content = _arrays(path)
    if content is None:
        return None
    try:
        record = Record(
            names=content["names"],
            quadrants=content["true_quadrant"],
            true_ratings=content["true_ratings"],
            ratings=content["ratings"],
            features=content["features"],
            emotion=content["emotion"],
            told=content["quadrant"],
            steps=_steps(content) if steps else None,
        )
        _check(record)
    except (KeyError, ValueError, TypeError) as error:
        raise _damaged(path, error) from None
    return record


def read_stability(path: Path) -> Stability | None:
    """The errors after other music, None when there are none; InputError when they are damaged."""
    content = _arrays(path)
    if content is None:
        return None
    try:
        found = Stability(content["error"], float(content["step_s"]))
        if found.error.ndim != 2 or not found.error.size or not _numbers(found.error) or not found.step_s > 0:
            raise ValueError("the errors are not numbers of clips and steps")
    except (KeyError, ValueError, TypeError) as error:
        raise _damaged(path, error) from None
    return found


def _steps(content: dict[str, Array]) -> Steps:
    steps = Steps(content["step_true"], content["step_told"], content["step_starts"], float(content["step_s"]))
    starts = steps.starts
    if starts.ndim != 1 or starts.dtype.kind not in "iu" or len(starts) != len(content["names"]) + 1:
        raise ValueError("the pieces' starts don't belong to its clips")
    if starts[0] != 0 or (np.diff(starts) < 0).any() or not steps.step_s > 0:
        raise ValueError("the pieces' starts are not ascending")
    if steps.true.shape != (starts[-1], 2) or steps.told.shape != steps.true.shape or not _numbers(steps.told):
        raise ValueError("the curves don't fit to the pieces' starts")
    if steps.true.dtype.kind != "f":
        raise ValueError("the curves are no numbers")
    return steps


def _check(record: Record) -> None:
    n = len(record.names)
    if record.quadrants.shape != (n,) or record.quadrants.dtype.kind != "i":
        raise ValueError("the quadrants are not whole numbers, one for each clip")
    if n and not (record.quadrants.min() >= -1 and record.quadrants.max() <= 3):
        raise ValueError("a quadrant is not within -1 to 3")
    if record.emotion.shape != (n, 2) or record.told.shape != (n, 4):
        raise ValueError("emotion or quadrant is not one row for each clip")
    if record.ratings.shape != record.true_ratings.shape or record.ratings.ndim != 2 or record.ratings.shape[1] < 2:
        raise ValueError("the ratings don't fit to each other")
    if len(record.ratings) != n or record.features.ndim != 2 or len(record.features) != n:
        raise ValueError("ratings or features are not one row for each clip")
    if not all(_numbers(part) for part in (record.emotion, record.told, record.ratings, record.features)):
        raise ValueError("a value is no number")
    if record.true_ratings.dtype.kind != "f":
        raise ValueError("the true ratings are no numbers")


def _numbers(values: Array) -> bool:
    return values.dtype.kind in "fiu" and bool(np.isfinite(values).all())


def _arrays(path: Path) -> dict[str, Array] | None:
    if not path.exists():
        return None
    content = read_arrays(path)
    if content is None:
        raise InputError(f"{path} cannot be read; remove it and evaluate again.")
    return content


def _damaged(path: Path, error: Exception) -> InputError:
    why = f"{error} is missing" if isinstance(error, KeyError) else str(error).rstrip(".")
    return InputError(f"{path} is not as an evaluation writes it ({why}); remove it and evaluate again.")
