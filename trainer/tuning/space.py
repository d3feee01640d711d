"""What is tuned, and how a trial's values become a recipe."""

from typing import Any, NamedTuple

import msgspec
import optuna

from device.errors import InputError
from trainer.recipe import Recipe


class Range(NamedTuple):
    """From low to high, both included. log: small values are looked at as closely as large ones."""

    low: float
    high: float
    log: bool = False
    whole: bool = False


SPACE: dict[str, Range | tuple[str, ...]] = {
    # The network.
    "kind": ("forked", "parallel"),
    "units": Range(16, 96, log=True, whole=True),
    "dropout": Range(0.0, 0.5),
    "input_dropout": Range(0.0, 0.4),
    # Its fitting.
    "rate": Range(5e-4, 1e-2, log=True),
    "weight_decay": Range(1e-4, 1e-1, log=True),
    "rating_weight": Range(0.05, 2.0, log=True),
    "epochs": Range(15, 80, log=True, whole=True),
    # What it hears meanwhile.
    "crop_s": Range(10.0, 30.0),
    "join": Range(0.0, 0.8),
    "coloring": Range(0.0, 1.0),
    "masking": Range(0.0, 1.0),
}
"""Everything that is tuned, by its name in Recipe or ModelOptions. A recipe beyond a range widens it."""


def space(recipe: Recipe) -> dict[str, Range | tuple[str, ...]]:
    """SPACE, wide enough to hold a recipe; InputError where a factor is looked for and the recipe says 0."""
    wide: dict[str, Range | tuple[str, ...]] = {}
    for name, value in tuned(recipe).items():
        of = SPACE[name]
        if isinstance(of, Range):
            if of.log and value <= 0:
                raise InputError(f"{name} must be above 0 to be tuned.")
            of = of._replace(low=min(of.low, value), high=max(of.high, value))
        wide[name] = of
    return wide


def tuned(recipe: Recipe) -> dict[str, Any]:
    """The recipe's own values of everything in SPACE."""
    both = {**msgspec.structs.asdict(recipe), **msgspec.structs.asdict(recipe.model)}
    return {name: both[name] for name in SPACE}


def changed(recipe: Recipe, values: dict[str, Any]) -> Recipe:
    """The recipe with other values of what is tuned."""
    inner = {name: value for name, value in values.items() if name in recipe.model.__struct_fields__}
    outer = {name: value for name, value in values.items() if name not in inner}
    model = msgspec.structs.replace(recipe.model, **inner)
    return msgspec.structs.replace(recipe, model=model, **outer)


def suggested(trial: optuna.Trial, recipe: Recipe) -> dict[str, Any]:
    """A value of everything in the space, with three digits: more would only be long to write."""
    values: dict[str, Any] = {}
    for name, of in space(recipe).items():
        if not isinstance(of, Range):
            values[name] = trial.suggest_categorical(name, of)
        elif of.whole:
            values[name] = trial.suggest_int(name, int(of.low), int(of.high), log=of.log)
        else:
            values[name] = _short(trial.suggest_float(name, of.low, of.high, log=of.log), tuned(recipe)[name])
    return values


def _short(value: float, given: float) -> float:
    # The recipe that the study starts with stays as it is.
    return value if value == given else float(f"{value:.3g}")


def recipe_of(trial: optuna.Trial | optuna.trial.FrozenTrial, recipe: Recipe) -> Recipe:
    """The recipe that a trial tried (as far as it came to choose)."""
    own = tuned(recipe)
    short = {name: _short(v, own[name]) if isinstance(v, float) else v for name, v in trial.params.items()}
    return changed(recipe, short)
