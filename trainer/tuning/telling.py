"""Trials told to a person, and recipes in the command line's words."""

import argparse
import shlex
from collections.abc import Iterator
from typing import Any

import optuna
from optuna.trial import TrialState

from trainer import options
from trainer.recipe import Recipe
from trainer.tuning.space import changed, recipe_of, tuned

BEST = 5
"""Trials in the table."""


def finished(study: optuna.Study) -> list[optuna.trial.FrozenTrial]:
    """Trials that came to an end."""
    return study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.PRUNED))


def line(trial: optuna.trial.FrozenTrial, study: optuna.Study, recipe: Recipe) -> str:
    """One finished trial, for a person to read."""
    if trial.state is TrialState.PRUNED:
        told = f"pruned after fold {len(trial.intermediate_values)}"
    else:
        told = f"{trial.value:.4f}" + (", the best" if trial.number == study.best_trial.number else "")
    return f"trial {trial.number}: {told}  {spelled(recipe_of(trial, recipe), recipe)}"


def spelled(recipe: Recipe, start: Recipe) -> str:
    """What is tuned and differs from where the study starts, in the command line's words."""
    plain = changed(start, tuned(recipe))
    default = dict(_pairs(start))
    words = [word for name, own in _pairs(plain) if own != default.get(name) for word in own]
    return shlex.join(words) or "as given"


def table(study: optuna.Study, recipe: Recipe) -> str:
    """The best trials with the words that `fit` needs to do the same."""
    done = [trial for trial in finished(study) if trial.state is TrialState.COMPLETE]
    done.sort(key=lambda trial: -float(trial.value or 0.0))
    lines = [f"{len(finished(study))} trials, {len(finished(study)) - len(done)} of them pruned; the best:"]
    for trial in done[:BEST]:
        parts = trial.user_attrs
        lines.append(
            f"{trial.value:.4f}  F1 {parts['f1']:.3f}  R² valence {parts['r2_valence']:.3f}  "
            f"energy {parts['r2_energy']:.3f}  trial {trial.number}"
        )
        lines.append(f"        {words(recipe_of(trial, recipe)) or 'fit as it is, without options'}")
    return "\n".join(lines)


def words(recipe: Recipe) -> str:
    """The options of `fit` that spell this recipe, those left out that have their defaults."""
    parser = argparse.ArgumentParser()
    options.add_recipe(parser)
    default = dict(_pairs(options.recipe_of(parser.parse_args([]))))
    shown = [(name, own) for name, own in _pairs(recipe) if own != default[name]]
    # Which weights are the default depends on the corpora.
    if set(recipe.weights) == {1.0}:
        shown = [(name, own) for name, own in shown if name != "weights"]
    return shlex.join([word for _, own in shown for word in own])


def _pairs(recipe: Recipe) -> Iterator[tuple[str, list[str]]]:
    """Every option by name, with the words that give it its value: the inverse of options.recipe_of."""
    model, features = recipe.model, recipe.features
    values: dict[str, Any] = {
        "use": recipe.corpora,
        "weights": recipe.weights,
        "blocks": features.blocks,
        "deltas": features.deltas,
        "changes": recipe.changes or ("none",),
        "tag-ratings": recipe.tag_ratings,
        "rate": features.rate,
        "pool": recipe.pool_hops,
        "learning-rate": recipe.rate,
    }
    for name in ("kind", "cell", "units", "dense", "dropout", "input_dropout", "sound"):
        values[name.replace("_", "-")] = getattr(model, name)
    for name in ("members", "epochs", "batch", "weight_decay", "average", "crop_s", "warmup_s", "join", "gain_db"):
        values[name.replace("_", "-")] = getattr(recipe, name)
    for name in ("agreement", "coloring", "noise", "masking", "rating_weight", "seed"):
        values[name.replace("_", "-")] = getattr(recipe, name)
    for name, value in values.items():
        if isinstance(value, bool):
            yield name, [f"--{name}" if value else f"--no-{name}"]
        elif isinstance(value, tuple):
            yield name, [f"--{name}", *map(str, value)]
        else:
            yield name, [f"--{name}", str(value)]
