"""The command line's words for a recipe."""

import argparse
from pathlib import Path

from device.features.names import BLOCK_COLUMNS
from device.features.spec import FeatureSpec
from trainer.corpora.registry import CORPORA
from trainer.recipe import ModelOptions, Recipe

DEFAULT_BLOCKS = tuple(BLOCK_COLUMNS)
DEFAULT_DELTAS = False


def add_places(parser: argparse.ArgumentParser, cache: bool = True) -> None:
    """--corpora and --cache."""
    parser.add_argument(
        "--corpora", type=Path, metavar="DIR", help="folder that holds the corpora (else the variable LAMPYRIS_CORPORA)"
    )
    if cache:
        parser.add_argument(
            "--cache",
            type=Path,
            metavar="DIR",
            help="folder for computed features (else LAMPYRIS_CACHE, else ~/.cache/lampyris)",
        )


def add_recipe(parser: argparse.ArgumentParser) -> None:
    """Every option of a recipe, with its default shown."""
    plain, model = Recipe(FeatureSpec()), ModelOptions()
    what = parser.add_argument_group("what is heard")
    what.add_argument("--use", nargs="+", choices=list(CORPORA), default=list(plain.corpora), metavar="CORPUS")
    what.add_argument("--weights", nargs="+", type=float, help="how much a frame of each corpus counts")
    what.add_argument("--blocks", nargs="+", choices=list(BLOCK_COLUMNS), default=list(DEFAULT_BLOCKS), metavar="BLOCK")
    what.add_argument("--deltas", action=argparse.BooleanOptionalAction, default=DEFAULT_DELTAS)
    what.add_argument("--rate", type=int, default=24_000, help="samples per second")
    what.add_argument("--pool", type=int, default=plain.pool_hops, help="50 ms frames per step of the model")
    net = parser.add_argument_group("network")
    net.add_argument("--kind", choices=["parallel", "forked"], default=model.kind)
    net.add_argument("--cell", choices=["gru", "lstm", "rnn"], default=model.cell)
    net.add_argument("--units", type=int, default=model.units)
    net.add_argument("--dense", nargs="+", type=int, default=list(model.dense), help="widths of each head's layers")
    net.add_argument("--dropout", type=float, default=model.dropout)
    net.add_argument("--input-dropout", type=float, default=model.input_dropout)
    net.add_argument("--members", type=int, default=plain.members, help="networks in the ensemble")
    fit = parser.add_argument_group("fitting")
    fit.add_argument("--epochs", type=int, default=plain.epochs)
    fit.add_argument("--batch", type=int, default=plain.batch)
    fit.add_argument("--learning-rate", type=float, default=plain.rate)
    fit.add_argument("--weight-decay", type=float, default=plain.weight_decay)
    fit.add_argument("--average", type=float, default=plain.average, help="decay of the weights' running mean, 0: none")
    fit.add_argument("--crop-s", type=float, default=plain.crop_s, help="seconds of a training sequence")
    fit.add_argument("--warmup-s", type=float, default=plain.warmup_s, help="seconds without loss after each start")
    fit.add_argument("--join", type=float, default=plain.join, help="share of sequences cut to a second song")
    fit.add_argument("--quadrant-target", type=float, default=plain.quadrant_target, help="what a quadrant stands for")
    fit.add_argument("--one-sided", action=argparse.BooleanOptionalAction, default=plain.one_sided)
    fit.add_argument("--gain-db", type=float, default=plain.gain_db, help="random level, up or down")
    fit.add_argument("--noise", type=float, default=plain.noise, help="noise on standardized columns")
    fit.add_argument("--mixup", type=float, default=plain.mixup, help="Beta parameter of mixup, 0: none")
    fit.add_argument("--seed", type=int, default=plain.seed)


def recipe_of(given: argparse.Namespace) -> Recipe:
    """The recipe that the options spell; InputError for values out of range."""
    hop = given.rate // 20
    return Recipe(
        features=FeatureSpec(given.rate, hop, hop, tuple(given.blocks), given.deltas),
        model=ModelOptions(given.kind, given.cell, given.units, tuple(given.dense), given.dropout, given.input_dropout),
        corpora=tuple(given.use),
        weights=tuple(given.weights or [1.0] * len(given.use)),
        pool_hops=given.pool,
        members=given.members,
        epochs=given.epochs,
        batch=given.batch,
        rate=given.learning_rate,
        weight_decay=given.weight_decay,
        crop_s=given.crop_s,
        warmup_s=given.warmup_s,
        join=given.join,
        quadrant_target=given.quadrant_target,
        one_sided=given.one_sided,
        gain_db=given.gain_db,
        noise=given.noise,
        mixup=given.mixup,
        average=given.average,
        seed=given.seed,
    )
