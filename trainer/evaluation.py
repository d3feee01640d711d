"""Cross-validation of a run's recipe: what it says of clips that no part of it has seen.

Normalization, the corpora's rating scales and the weights come from the training folds alone; there is no early
stopping and nothing is chosen on the held-out clips.
"""

import hashlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from device.errors import InputError
from trainer import proof
from trainer.dataset import Dataset, digest_of
from trainer.parallel import each
from trainer.prediction import Predictor, Told, average, stacked
from trainer.protocols import Protocol
from trainer.recipe import Recipe
from trainer.run_folder import RunFolder
from trainer.storage import read_arrays, write_arrays

Array = NDArray[np.float32]
PLAIN = "plain"
PARTS = ("emotion", "quadrant", "ratings")

Conditions = dict[str, list[Array]]
"""Pooled frames of every clip, by the condition under which it is heard."""


@dataclass(frozen=True)
class Work:
    """What the trainings of one cross-validation need. conditions: beside the plain sound, maybe none;
    condition_prints: fingerprints of these."""

    run: RunFolder
    recipe: Recipe
    data: Dataset
    protocol: Protocol
    conditions: Conditions
    condition_prints: tuple[str, ...] = ()

    def name(self, number: int, member: int) -> str:
        """What one training's files are called."""
        return f"{self.protocol.name}_{self.protocol.count}_fold_{number}_member_{member}"

    def stored(self, number: int, member: int) -> dict[str, Array] | None:
        """What was said of a fold, by names like "emotion@plain", if it is there for these very clips."""
        content = read_arrays(self.run.folder / "folds" / f"{self.name(number, member)}.npz") or {}
        same = "digest" in content and str(content["digest"]) == self.digest(number)
        kept = ("steps",) if self.protocol.steps else ()
        wanted = {f"{part}@{condition}" for part in PARTS for condition in (PLAIN, *kept, *self.conditions)}
        whole = not self.protocol.proof or proof.kept(self, number, member)
        return content if same and whole and wanted <= set(content) else None

    def digest(self, number: int) -> str:
        """What the answers of one fold depend on: recipe, training clips, held-out clips and their conditions."""
        training = digest_of(self.recipe, self.data, self.protocol.kept(number))
        about = [training, self.names(self.protocol.left_out(number)).tolist(), self.condition_prints]
        return hashlib.sha256(repr(about).encode()).hexdigest()[:16]

    def names(self, chosen: NDArray[np.int64]) -> NDArray[np.str_]:
        """ "corpus/id" of the chosen clips."""
        return np.array([f"{self.data.clips[i].corpus}/{self.data.clips[i].id}" for i in chosen])


@dataclass(frozen=True)
class HeldOut:
    """What an ensemble said of the clips that its members had not seen.

    positions: of those clips in the dataset. members: one Told each, and `told` their mean, one row for each clip;
    ratings are on each corpus' own scale. conditions: the ensemble under each condition. steps: of every clip, the
    ensemble's answer at every step, where the protocol keeps them.
    """

    protocol: Protocol
    positions: NDArray[np.int64]
    members: list[Told]
    told: Told
    conditions: dict[str, Told]
    steps: list[Told]


def cross_validate(work: Work, jobs: int) -> HeldOut:
    """Fit what is missing and gather the answers. The same call carries an interrupted one on."""
    both = [(number, member) for number in range(work.protocol.count) for member in range(work.recipe.members)]
    todo = [(work, *one) for one in both if work.stored(*one) is None]
    for done, name in enumerate(each(fit_fold, todo, jobs), start=1):
        print(f"{name} is done, {done} of {len(todo)}", file=sys.stderr, flush=True)
    held = gathered(work)
    if work.protocol.proof:
        proof.complete(work, held)
    return held


def gathered(work: Work) -> HeldOut:
    """The stored answers of a finished cross-validation, put together; InputError when one is missing."""
    count, size = work.protocol.count, work.recipe.members
    positions = np.concatenate([work.protocol.left_out(number) for number in range(count)])
    content = []
    for number in range(count):
        for member in range(size):
            stored = work.stored(number, member)
            if stored is None:
                raise InputError(f"{work.name(number, member)}.npz is missing; run the evaluation again.")
            content.append(stored)

    def of(condition: str, member: int) -> Told:
        own = [content[number * size + member] for number in range(count)]
        return stacked([Told(*(one[f"{part}@{condition}"] for part in PARTS)) for one in own])

    members = [of(PLAIN, member) for member in range(size)]
    conditions = {
        condition: average([of(condition, member) for member in range(size)]) for condition in work.conditions
    }
    steps: list[Told] = []
    if work.protocol.steps:
        every = average([of("steps", member) for member in range(size)])
        ends = np.cumsum(work.data.plain.lengths[positions])[:-1]
        parts = zip(*(np.split(getattr(every, part), ends) for part in PARTS), strict=True)
        steps = [Told(*part) for part in parts]
    return HeldOut(work.protocol, positions, members, average(members), conditions, steps)


def fit_fold(work: Work, number: int, member: int) -> str:
    """Fit one member without one fold and store what it says of that fold; the name of what was stored."""
    from trainer.fitting import Fitting

    name = work.name(number, member)
    checkpoint = work.run.checkpoint(name)
    tag = work.protocol.tag + 50 * number + member
    fitting = Fitting(work.data, work.protocol.kept(number), work.recipe, tag, checkpoint)

    def progress(epoch: int, losses: dict[str, float]) -> None:
        work.run.log(fold=name, epoch=epoch, **{key: round(value, 5) for key, value in losses.items()})

    model = fitting.run(progress)
    predictor = Predictor(model)
    chosen = work.protocol.left_out(number)
    offset, spread = fitting.batches.scale.of([work.data.clips[i].corpus for i in chosen])
    warmup = work.recipe.warmup_steps
    content: dict[str, Array] = {}

    def keep(condition: str, told: Told, offset: Array, spread: Array) -> None:
        content[f"emotion@{condition}"] = told.emotion
        content[f"quadrant@{condition}"] = told.quadrant
        content[f"ratings@{condition}"] = told.ratings * spread + offset

    plain = [work.data.plain.of(i) for i in chosen]
    keep(PLAIN, predictor.clips(plain, warmup), offset, spread)
    for condition, frames in work.conditions.items():
        keep(condition, predictor.clips([frames[i] for i in chosen], warmup), offset, spread)
    if work.protocol.steps:
        lengths = [len(sequence) for sequence in plain]
        told = stacked(predictor.steps(plain))
        keep("steps", told, np.repeat(offset, lengths, axis=0), np.repeat(spread, lengths, axis=0))
    if work.protocol.proof:
        proof.keep(work, number, member, model, (offset, spread))
    write_arrays(
        work.run.folder / "folds" / f"{name}.npz",
        clips=work.names(chosen),
        digest=np.array(work.digest(number)),
        **content,
    )
    checkpoint.unlink(missing_ok=True)
    return name


def groups_of(data: Dataset, positions: Sequence[int] | NDArray[np.int64]) -> list[str]:
    """The group of each clip, distinct between corpora."""
    return [f"{data.clips[i].corpus}/{data.clips[i].group}" for i in positions]
