"""python -m trainer: look at the corpora, fit a run, evaluate it."""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from device.errors import InputError
from hardware.errors import HardwareError
from trainer import options
from trainer.cache import cache_dir
from trainer.corpora import registry

EXAMPLE = """\
The usual way, from sound files to a bundle for the lamp:

  export LAMPYRIS_CORPORA=~/corpora
  python -m trainer corpora                  what is there, and what isn't
  python -m trainer fit --out runs/mine      five networks on all clips; carries on when interrupted
  python -m trainer evaluate runs/mine       the same recipe in honest cross-validation
  python -m convert runs/mine --out models/mine
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line; 0, or 2 with one sentence on stderr for bad input."""
    # TensorFlow's notes on the processor would drown our own lines.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    given = _parser().parse_args(arguments)
    given.words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        given.command(given)
    except (InputError, HardwareError) as error:
        print(f"trainer: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("trainer: stopped; the same command carries on from here.", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("python -m trainer", description=__doc__, epilog=EXAMPLE, formatter_class=raw)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    table = commands.add_parser("corpora", help="a table of the corpora that are there", description=_corpora.__doc__)
    options.add_places(table, cache=False)
    table.set_defaults(command=_corpora)

    fit = commands.add_parser("fit", help="fit a run on all clips", description=_fit.__doc__)
    fit.add_argument("--out", type=Path, required=True, metavar="RUN", help="folder of the run")
    options.add_places(fit)
    fit.add_argument("--jobs", type=int, default=2, help="members at a time, one thread each (default: 2)")
    options.add_recipe(fit)
    fit.set_defaults(command=_fit)

    evaluate = commands.add_parser("evaluate", help="cross-validate a run's recipe", description=_evaluate.__doc__)
    evaluate.add_argument("run", type=Path, metavar="RUN", help="folder of the run")
    options.add_places(evaluate)
    evaluate.add_argument("--jobs", type=int, default=2, help="trainings at a time, one thread each (default: 2)")
    evaluate.add_argument(
        "--folds", type=int, default=10, help="parts of every corpus, each left out once (default: 10)"
    )
    evaluate.add_argument(
        "--protocol",
        choices=["stratified", "artist", "all"],
        default="all",
        help="who is left out together (default: all)",
    )
    evaluate.add_argument("--members", type=int, help="size of the ensemble that is evaluated (else that of the run)")
    evaluate.set_defaults(command=_evaluate)
    return parser


def _corpora(given: argparse.Namespace) -> None:
    """Print a table of the corpora: clips, groups, missing sound files and rows that can't be used."""
    print(registry.describe(registry.corpora_dir(given.corpora)))


def _fit(given: argparse.Namespace) -> None:
    """Fit the ensemble on all clips into RUN. The same command carries an interrupted run on."""
    from trainer import ensemble, loading
    from trainer.run_folder import RunFolder

    recipe = options.recipe_of(given)
    corpora = registry.corpora_dir(given.corpora)
    run = RunFolder(given.out)
    run.begin(recipe)
    if run.finished:
        print(f"{given.out} is finished; choose another --out for a new run.", file=sys.stderr)
        return
    data = loading.load(recipe, corpora, cache_dir(given.cache))
    ensemble.fit(run, recipe, data, _at_least_one(given.jobs, "--jobs"), _command(given.words))
    print(f"{given.out} is finished: {recipe.members} members")


def _evaluate(given: argparse.Namespace) -> None:
    """Cross-validate the recipe of RUN (its own networks have seen every clip, so others are fitted for each
    fold) and write RUN/scores.json. The same command carries an interrupted evaluation on."""
    from trainer import evaluation, loading
    from trainer.run_folder import RunFolder
    from trainer.storage import write_json

    run = RunFolder(given.run)
    recipe = run.recipe()
    if given.members is not None:
        recipe = msgspec.structs.replace(recipe, members=_at_least_one(given.members, "--members"))
    if given.folds < 2:
        raise InputError("--folds must be at least 2.")
    data = loading.load(recipe, registry.corpora_dir(given.corpora), cache_dir(given.cache))
    jobs = _at_least_one(given.jobs, "--jobs")
    protocols = evaluation.PROTOCOLS if given.protocol == "all" else (given.protocol,)
    scores: dict[str, float] = {}
    for protocol in protocols:
        predicted = evaluation.held_out(run, recipe, data, protocol, given.folds, jobs)
        scores |= evaluation.score(data, predicted, protocol)
        for name, value in scores.items():
            print(f"{name:<36}{value:>8.4f}")
        content = {
            "protocol": evaluation.protocol_text(recipe, given.folds, protocols),
            "scores": scores,
            "command": _command(given.words),
            "seed": recipe.seed,
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        write_json(run.folder / "scores.json", content)


def _at_least_one(number: int, name: str) -> int:
    if number < 1:
        raise InputError(f"{name} must be at least 1, not {number}.")
    return number


def _command(words: Sequence[str]) -> str:
    """The command without the names of this machine's folders, since it ends up in a bundle's card."""
    shown = [word if not ("/" in word or os.sep in word) else Path(word).name for word in words]
    return " ".join(["python -m trainer", *shown])
