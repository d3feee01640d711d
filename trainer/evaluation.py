"""Cross-validation of a run's recipe: what it scores on clips that no part of it has seen.

Normalization and weights come from the training folds alone; nothing is chosen on the held-out ones. A quadrant is
read from the signs of (valence, arousal): the calibration is fixed at zero, as the lamp's colors take it.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device.errors import InputError
from trainer import scores
from trainer.corpora import fourqaed, soundtracks
from trainer.dataset import Dataset
from trainer.folds import PROTOCOLS, Protocol, fold_of
from trainer.parallel import each
from trainer.recipe import Recipe
from trainer.run_folder import RunFolder
from trainer.storage import read_arrays, write_arrays

FOLD_TAG = 10_000
"""Seeds of the folds' members begin here, apart from those of the shipped ones."""


@dataclass(frozen=True)
class Plan:
    """One cross-validation. fold: [clips] the number of the fold that leaves each clip out."""

    run: RunFolder
    recipe: Recipe
    data: Dataset
    protocol: Protocol
    folds: int
    fold: NDArray[np.int64]

    def left_out(self, number: int) -> NDArray[np.int64]:
        """Positions of the clips of fold `number`."""
        return np.flatnonzero(self.fold == number)

    def name(self, number: int, member: int) -> str:
        """What one training's files are called."""
        return f"{self.protocol}_{self.folds}_fold_{number}_member_{member}"

    def stored(self, number: int, member: int) -> NDArray[np.float32] | None:
        """[clips left out, 2] predictions that are there already, for these very clips."""
        content = read_arrays(self.run.folder / "folds" / f"{self.name(number, member)}.npz") or {}
        same = "clips" in content and np.array_equal(content["clips"], _names(self.data, self.left_out(number)))
        return content["predicted"] if same and "predicted" in content else None


def held_out(
    run: RunFolder, recipe: Recipe, data: Dataset, protocol: Protocol, folds: int, jobs: int
) -> NDArray[np.float32]:
    """[members, clips, 2] prediction of every clip by members that were fitted without its fold."""
    plan = Plan(run, recipe, data, protocol, folds, fold_of(data.clips, protocol, folds, recipe.seed))
    both = [(number, member) for number in range(folds) for member in range(recipe.members)]
    todo = [(plan, *one) for one in both if plan.stored(*one) is None]
    for done, name in enumerate(each(fit_fold, todo, jobs), start=1):
        print(f"{name} is done, {done} of {len(todo)}", file=sys.stderr, flush=True)
    out = np.empty((recipe.members, len(data.clips), 2), dtype=np.float32)
    for number, member in both:
        predicted = plan.stored(number, member)
        if predicted is None:
            raise InputError(f"{plan.name(number, member)}.npz was lost meanwhile; run the evaluation again.")
        out[member, plan.left_out(number)] = predicted
    return out


def fit_fold(plan: Plan, number: int, member: int) -> str:
    """Fit one member without one fold and store what it says of that fold; the name of what was stored."""
    from trainer.fitting import Fitting, clip_predictions

    name = plan.name(number, member)
    tag = FOLD_TAG * (1 + PROTOCOLS.index(plan.protocol)) + 100 * number + member
    checkpoint = plan.run.checkpoint(name)
    model = Fitting(plan.data, np.flatnonzero(plan.fold != number), plan.recipe, tag, checkpoint).run()
    left_out = plan.left_out(number)
    predicted = clip_predictions(model, plan.data, left_out, plan.recipe)
    write_arrays(plan.run.folder / "folds" / f"{name}.npz", clips=_names(plan.data, left_out), predicted=predicted)
    checkpoint.unlink(missing_ok=True)
    return name


def score(data: Dataset, predicted: NDArray[np.float32], protocol: Protocol) -> dict[str, float]:
    """Flat scores of one protocol from [members, clips, 2]; the ensemble is the members' mean."""
    ensemble = predicted.mean(axis=0)
    out: dict[str, float] = {}
    chosen = data.positions(fourqaed.NAME)
    if len(chosen):
        truth = [str(data.clips[i].quadrant) for i in chosen]
        for name, value in scores.quadrants(truth, ensemble[chosen]).items():
            out[f"{fourqaed.NAME}_{name}_{protocol}"] = value
        single = [scores.quadrants(truth, one[chosen])["f1"] for one in predicted]
        out[f"{fourqaed.NAME}_f1_one_member_{protocol}"] = float(np.mean(single))
    chosen = data.positions(soundtracks.NAME)
    # Soundtracks is grouped by album in both protocols, so one of them tells.
    if len(chosen) and protocol == "artist":
        for axis, column in (("energy", 1), ("valence", 0)):
            truth_axis = data.targets[chosen, column]
            for name, value in scores.regression(truth_axis, ensemble[chosen, column]).items():
                out[f"soundtracks_{name}_{axis}"] = value
    return {name: round(value, 4) for name, value in out.items()}


def protocol_text(recipe: Recipe, folds: int, protocols: Sequence[str]) -> dict[str, Any]:
    """What the scores mean, for the card."""
    return {
        "folds": folds,
        "run": list(protocols),
        "stratified": "4QAED: stratified folds of clips, artists on both sides",
        "artist": "4QAED: stratified folds grouped by artist; Soundtracks: folds grouped by album, left out jointly",
        "prediction": f"mean of the ensemble's frames after {recipe.warmup_s:g} s",
        "quadrant": "signs of (valence, arousal), no calibration",
        "r2": "1 - SSE / SST over all held-out clips together; valence mapped by (x - 4) / 3, energy by (x - 5) / 4",
        "members": recipe.members,
        "selection": "the recipe was chosen on artist-grouped folds of the same corpora, so scores lean a little high",
    }


def _names(data: Dataset, chosen: NDArray[np.int64]) -> NDArray[np.str_]:
    return np.array([f"{data.clips[i].corpus}/{data.clips[i].id}" for i in chosen])
