"""Fitting a whole run: several members from different seeds, on all clips."""

import sys

import numpy as np

from trainer.dataset import Dataset
from trainer.parallel import each
from trainer.recipe import Recipe
from trainer.run_folder import RunFolder


def fit(run: RunFolder, recipe: Recipe, data: Dataset, jobs: int, command: str) -> None:
    """Fit the members that are missing, then complete the run's folder. Carries on where an earlier call stopped."""
    todo = [number for number in range(recipe.members) if not run.member(number).is_file()]
    if len(todo) < recipe.members:
        print(f"{recipe.members - len(todo)} of {recipe.members} members are there already", file=sys.stderr)
    for number in each(fit_member, [(run, recipe, data, number) for number in todo], jobs):
        print(f"member {number} is done", file=sys.stderr)
    run.save_frames(data, recipe)
    run.finish(recipe, data, command)


def fit_member(run: RunFolder, recipe: Recipe, data: Dataset, number: int) -> int:
    """Fit and save one member; its number."""
    from trainer.fitting import Fitting

    def progress(epoch: int, losses: dict[str, float]) -> None:
        run.log(member=number, epoch=epoch, **{name: round(value, 5) for name, value in losses.items()})
        if epoch % 5 == 0 or epoch == recipe.epochs:
            told = f"member {number}  epoch {epoch}/{recipe.epochs}  loss {losses['loss']:.4f}"
            print(told, file=sys.stderr, flush=True)

    checkpoint = run.checkpoint(f"member_{number}")
    fitting = Fitting(data, np.arange(len(data.clips)), recipe, number, checkpoint)
    run.save_model(run.member(number), fitting.run(progress))
    checkpoint.unlink(missing_ok=True)
    return number
