"""python -m trainer gate: fit and judge the network that tells music from speech and noise."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from device.errors import InputError
from trainer import options as shared
from trainer.cache import cache_dir
from trainer.corpora import registry
from trainer.ear.options import EarOptions
from trainer.words import command_of

if TYPE_CHECKING:
    from trainer.ear.study import Study


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command `gate` with `evaluate` and `fit`."""
    gate = commands.add_parser("gate", help="the ear: tell music from speech and noise", description=__doc__)
    parts = gate.add_subparsers(required=True, metavar="evaluate|fit")
    plain = EarOptions()
    for name, function in (("evaluate", _evaluate), ("fit", _fit)):
        parser = parts.add_parser(name, help=(function.__doc__ or "").partition(".")[0], description=function.__doc__)
        parser.add_argument("out", type=Path, metavar="FOLDER", help="folder of scores, card and weights")
        shared.add_places(parser)
        parser.add_argument("--jobs", type=int, default=2, help="minutes of sound made at a time (default: 2)")
        for field in msgspec.structs.fields(EarOptions):
            value = getattr(plain, field.name)
            word = "--" + field.name.replace("_", "-")
            if isinstance(value, bool):
                parser.add_argument(word, action=argparse.BooleanOptionalAction, default=value)
            else:
                parser.add_argument(word, type=type(value), default=value, help=f"(default: {value})")
        parser.set_defaults(command=function)


def _study(given: argparse.Namespace) -> "Study":
    from trainer.ear.study import Study

    own = EarOptions(**{field.name: getattr(given, field.name) for field in msgspec.structs.fields(EarOptions)})
    if (
        min(
            own.members,
            own.taps,
            own.filters,
            own.hidden,
            own.units,
            own.epochs,
            own.batch,
            own.crop,
            own.streams,
            own.tests,
            given.jobs,
        )
        < 1
    ):
        raise InputError("The numbers of the ear's training must be at least 1.")
    return Study(own, registry.corpora_dir(given.corpora), cache_dir(given.cache), given.jobs)


def _evaluate(given: argparse.Namespace) -> None:
    """Cross-validate the ear and write FOLDER/scores.json. Sound is made once and kept in the cache; a stopped run goes
    on from there."""
    for way, told in _study(given).evaluate(given.out).items():
        print(f"{way:<6}" + "  ".join(f"{name} {value:.3f}" for name, value in told.items()))


def _fit(given: argparse.Namespace) -> None:
    """Fit the network to all clips and write FOLDER/card.json and FOLDER/weights.npz, after `evaluate` with the same
    options."""
    _study(given).fit(given.out, command_of(given.words))
    print(f"{given.out} is finished")
