"""What a fitted network says of whole clips."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from trainer.models.recurrent import OUTPUTS, Model

Array = NDArray[np.float32]

AT_ONCE = 64


@dataclass(frozen=True)
class Told:
    """emotion [n, 2] in (-1, 1), quadrant [n, 4] probabilities, ratings [n, R]: n clips, or the n steps of one.

    A sound head's answer is not kept.
    """

    emotion: Array
    quadrant: Array
    ratings: Array

    def mean(self, first: int) -> "Told":
        """One row: the mean over the rows from `first` on."""
        return Told(*(getattr(self, field.name)[first:].mean(axis=0, keepdims=True) for field in fields(self)))


def stacked(parts: Sequence[Told]) -> Told:
    """The rows of all parts, one after the other."""
    return Told(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Told)))


def average(parts: Sequence[Told]) -> Told:
    """The ensemble's answer: the mean over members, row by row."""
    return Told(*(np.mean([getattr(part, field.name) for part in parts], axis=0) for field in fields(Told)))


class Predictor:
    """A model's answers to whole sequences, each from a fresh state."""

    def __init__(self, model: Model) -> None:
        trainable = [variable.value for variable in model.trainable_variables]
        fixed = [variable.value for variable in model.non_trainable_variables]

        def infer(x: Any) -> Any:
            return model.stateless_call(trainable, fixed, x, training=False)[0][: len(OUTPUTS)]

        self._infer = jax.jit(infer)

    def steps(self, sequences: Sequence[Array]) -> list[Told]:
        """Every step of every sequence [T, width]."""
        out: list[Told] = []
        if not sequences:
            return out
        # Padding comes after the end, which a causal model cannot see; one shape means one compilation.
        longest = max(len(sequence) for sequence in sequences)
        for first in range(0, len(sequences), AT_ONCE):
            part = sequences[first : first + AT_ONCE]
            x = np.zeros((AT_ONCE, longest, sequences[0].shape[1]), dtype=np.float32)
            for row, sequence in zip(x, part, strict=False):
                row[: len(sequence)] = sequence
            answers = [np.asarray(answer) for answer in self._infer(x)]
            out += [Told(*(answer[i, : len(sequence)] for answer in answers)) for i, sequence in enumerate(part)]
        return out

    def clips(self, sequences: Sequence[Array], warmup_steps: int) -> Told:
        """One row for every sequence: the mean over its steps after the warm-up."""
        return stacked([steps.mean(warmup_steps) for steps in self.steps(sequences)])
