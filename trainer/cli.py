"""python -m trainer: look at the corpora, fit a run, evaluate it."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from device.errors import InputError
from hardware.errors import HardwareError
from trainer import options
from trainer.backend import use_jax
from trainer.cache import cache_dir
from trainer.corpora import registry
from trainer.ear import commands as ear
from trainer.words import command_of

PROTOCOL_WORDS = ("artist", "stratified", "vgmidi", "corpus", "stability", "check")

EXAMPLE = """\
The usual way, from sound files to a bundle for the lamp:

  export LAMPYRIS_CORPORA=~/corpora
  python -m trainer corpora                  what is there, and what isn't
  python -m trainer fit --out runs/mine      four networks on all clips; carries on when interrupted
  python -m trainer evaluate runs/mine       the same recipe in honest cross-validation
  python -m trainer report runs/mine         a page of it, to look at
  python -m convert runs/mine --out models/mine
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line; 0, or 2 with one sentence on stderr for bad input."""
    # TensorFlow's notes on the processor would drown our own lines.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    given = _parser().parse_args(arguments)
    given.words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        use_jax()
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
        "--repetitions",
        type=int,
        default=3,
        help="times that the stratified protocol is run, on other folds (default: 3)",
    )
    evaluate.add_argument(
        "--protocol",
        nargs="+",
        choices=PROTOCOL_WORDS,
        default=list(PROTOCOL_WORDS[:-1]),
        metavar="WORD",
        help=f"any of {', '.join(PROTOCOL_WORDS)} (default: all but check, which can be run only once)",
    )
    evaluate.add_argument("--members", type=int, help="size of the ensemble that is evaluated (else that of the run)")
    evaluate.set_defaults(command=_evaluate)

    report = commands.add_parser("report", help="draw a page of a run", description=_report.__doc__)
    report.add_argument("run", type=Path, metavar="RUN", help="folder of the run")
    report.add_argument("--out", type=Path, metavar="FILE", help="the page (default: RUN/report.html)")
    report.set_defaults(command=_report)

    tune = commands.add_parser("tune", help="look for a better recipe", description=_tune.__doc__)
    tune.add_argument("study", type=Path, metavar="STUDY", help="folder of the study")
    tune.add_argument("--trials", type=int, required=True, metavar="N", help="recipes to have tried when it is done")
    tune.add_argument("--hours", type=float, metavar="H", help="no trial begins later than that (default: no limit)")
    tune.add_argument("--folds", type=int, default=3, help="parts of every corpus, each left out once (default: 3)")
    options.add_places(tune)
    options.add_recipe(tune)
    tune.set_defaults(command=_tune)
    ear.add(commands)
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
    if run.begun:
        run.begin(recipe)
    if run.finished:
        print(f"{given.out} is finished; choose another --out for a new run.", file=sys.stderr)
        return
    data = loading.load(recipe, corpora, cache_dir(given.cache))
    # Only now: a run whose music can't be read has not begun.
    run.begin(recipe)
    ensemble.fit(run, recipe, data, _at_least_one(given.jobs, "--jobs"), command_of(given.words))
    print(f"{given.out} is finished: {recipe.members} members")


def _evaluate(given: argparse.Namespace) -> None:
    """Cross-validate the recipe of RUN (its own networks have seen every clip, so others are fitted for each
    fold) and write RUN/scores.json. The same command carries an interrupted evaluation on.

    artist: folds that share no artist, album or piece; also in rooms, noise, quiet and by the lamp's microphone.
    stratified: 4QAED as its literature does it. vgmidi: over time. corpus: each corpus without itself.
    stability: after ten minutes of other music. check: artist folds that nothing was chosen on, once, at the end."""
    from trainer.judgement import Judgement
    from trainer.run_folder import RunFolder

    run = RunFolder(given.run)
    recipe = run.recipe()
    if given.members is not None:
        recipe = msgspec.structs.replace(recipe, members=_at_least_one(given.members, "--members"))
    if given.folds < 2:
        raise InputError("--folds must be at least 2.")
    Judgement(
        run=run,
        recipe=recipe,
        corpora=registry.corpora_dir(given.corpora),
        cache=cache_dir(given.cache),
        folds=given.folds,
        repetitions=_at_least_one(given.repetitions, "--repetitions"),
        jobs=_at_least_one(given.jobs, "--jobs"),
        command=command_of(given.words),
    ).judge(given.protocol)


def _report(given: argparse.Namespace) -> None:
    """Draw one page of everything that was measured of RUN: learning curves, what is taken for what, curves over time,
    a map of the features, robustness, and the published numbers beside ours. It needs neither corpora nor a network,
    and names what has not been evaluated yet."""
    from trainer.report.page import write

    print(f"{write(given.run, given.out)} is written")


def _tune(given: argparse.Namespace) -> None:
    """Look for a recipe with better scores, beginning with the given one, and keep everything that was tried in
    STUDY. The same command carries a stopped study on; with a larger --trials it goes further.

    A trial fits one network for each fold and is judged by the mean of 4QAED's F1 and Soundtracks' R² of valence and
    energy; it is given up early when its first folds are worse than those of half the others."""
    from trainer.tuning.study import Study

    if given.folds < 2:
        raise InputError("--folds must be at least 2.")
    if given.hours is not None and not given.hours > 0:
        raise InputError("--hours must be above 0.")
    Study(
        folder=given.study,
        recipe=options.recipe_of(given),
        corpora=registry.corpora_dir(given.corpora),
        cache=cache_dir(given.cache),
        folds=given.folds,
        trials=_at_least_one(given.trials, "--trials"),
        hours=given.hours,
    ).run()


def _at_least_one(number: int, name: str) -> int:
    if number < 1:
        raise InputError(f"{name} must be at least 1, not {number}.")
    return number
