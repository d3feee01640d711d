"""Cross-validation of a run's recipe: what it scores on clips that no part of it has seen.

Normalization and weights come from the training folds alone; nothing is chosen on the held-out ones. A quadrant is
read from the signs of (valence, arousal): the calibration is fixed at zero, as the lamp's colors take it.
"""

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer import scores
from trainer.corpora import fourqaed, soundtracks
from trainer.dataset import Dataset
from trainer.folds import Protocol, fold_of
from trainer.parallel import each
from trainer.recipe import Recipe
from trainer.run_folder import RunFolder
from trainer.storage import read_arrays, write_arrays

PROTOCOLS: tuple[Protocol, ...] = ("artist", "stratified")
FOLD_TAG = 1000
"""Seeds of the folds' members begin here, apart from those of the shipped ones."""


def held_out(
    run: RunFolder, recipe: Recipe, data: Dataset, protocol: Protocol, folds: int, jobs: int
) -> NDArray[np.float32]:
    """[members, clips, 2] prediction of every clip by members that were fitted without its fold."""
    fold = fold_of(data.clips, protocol, folds, recipe.seed)
    # Fold by fold, so that an interrupted evaluation has whole folds.
    tasks = [
        (run, recipe, data, protocol, folds, fold, number, member)
        for number in range(folds)
        for member in range(recipe.members)
    ]
    done = 0
    for _ in each(fit_fold, tasks, jobs):
        done += 1
        print(f"{protocol}: {done} of {len(tasks)} trainings", file=sys.stderr, flush=True)
    out = np.empty((recipe.members, len(data.clips), 2), dtype=np.float32)
    for task in tasks:
        number, member = task[-2], task[-1]
        left_out = np.flatnonzero(fold == number)
        stored = _stored(run, recipe, data, protocol, folds, left_out, number, member)
        assert stored is not None
        out[member, left_out] = stored
    return out


def fit_fold(
    run: RunFolder,
    recipe: Recipe,
    data: Dataset,
    protocol: Protocol,
    folds: int,
    fold: NDArray[np.int64],
    number: int,
    member: int,
) -> None:
    """Fit one member without one fold and store what it says of that fold, unless that is there already."""
    left_out = np.flatnonzero(fold == number)
    if _stored(run, recipe, data, protocol, folds, left_out, number, member) is not None:
        return
    from trainer.fitting import Fitting, clip_predictions

    name = _name(protocol, folds, number, member)
    tag = FOLD_TAG * (1 + PROTOCOLS.index(protocol)) + 10 * number + member
    checkpoint = run.checkpoint(name)
    model = Fitting(data, np.flatnonzero(fold != number), recipe, tag, checkpoint).run()
    predicted = clip_predictions(model, data, left_out, recipe)
    write_arrays(run.folder / "folds" / f"{name}.npz", clips=_names(data, left_out), predicted=predicted)
    checkpoint.unlink(missing_ok=True)


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
        "r2": "1 - SSE / SST over all held-out clips together; ratings mapped by (x - 4) / 3",
        "members": recipe.members,
        "selection": "the recipe was chosen on artist-grouped folds of the same corpora, so scores lean a little high",
    }


def _name(protocol: Protocol, folds: int, number: int, member: int) -> str:
    return f"{protocol}_{folds}_fold_{number}_member_{member}"


def _names(data: Dataset, chosen: NDArray[np.int64]) -> NDArray[np.str_]:
    return np.array([f"{data.clips[i].corpus}/{data.clips[i].id}" for i in chosen])


def _stored(
    run: RunFolder,
    recipe: Recipe,
    data: Dataset,
    protocol: Protocol,
    folds: int,
    left_out: NDArray[np.int64],
    number: int,
    member: int,
) -> NDArray[np.float32] | None:
    """[len(left_out), 2] predictions of an earlier call, if they are there and for these very clips."""
    content = read_arrays(run.folder / "folds" / f"{_name(protocol, folds, number, member)}.npz") or {}
    same = "clips" in content and np.array_equal(content["clips"], _names(data, left_out))
    return content["predicted"] if same and "predicted" in content else None
