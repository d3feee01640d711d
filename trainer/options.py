"""The command line's words for a recipe."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from device.features.names import BLOCK_COLUMNS
from device.features.spec import FeatureSpec
from trainer.augmentation.change import TRAINING
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
    heard = parser.add_argument_group("what is heard")
    _list(heard, "--use", plain.corpora, "corpora to train on", list(CORPORA))
    heard.add_argument("--weights", nargs="+", type=float, help="how much a frame of each corpus counts (default: 1)")
    _list(heard, "--blocks", DEFAULT_BLOCKS, "features of a frame", list(BLOCK_COLUMNS))
    _switch(heard, "--deltas", DEFAULT_DELTAS, "add every column's change since the frame before")
    _list(
        heard,
        "--changes",
        plain.changes,
        "ways in which every clip is also heard; twice is two variants",
        ["none", *TRAINING],
    )
    _switch(heard, "--tag-ratings", plain.tag_ratings, "rate clips that have mood words and no numbers by their words")
    _number(heard, "--rate", 24_000, "samples per second")
    _number(heard, "--pool", plain.pool_hops, "50 ms frames that one step of the model sees as mean and deviation")

    net = parser.add_argument_group("network")
    _choice(net, "--kind", model.kind, "a recurrent layer for each of quadrant and ratings, or one for both", _KINDS)
    _choice(net, "--cell", model.cell, "recurrent layer", _CELLS)
    _number(net, "--units", model.units, "width of the recurrent layer")
    _list(net, "--dense", model.dense, "widths of each head's ReLU layers")
    _number(net, "--dropout", model.dropout, "share dropped after the recurrent layer")
    _number(net, "--input-dropout", model.input_dropout, "share of the columns dropped")
    _switch(net, "--sound", model.sound, "a head that tells music, speech and noise apart (train with the corpus gate)")
    _number(net, "--members", plain.members, "networks in the ensemble")

    fit = parser.add_argument_group("fitting")
    _number(fit, "--epochs", plain.epochs, "times that a sequence begins with each clip")
    _number(fit, "--batch", plain.batch, "sequences in a batch")
    _number(fit, "--learning-rate", plain.rate, "at the start; it falls to 0 along a cosine")
    _number(fit, "--weight-decay", plain.weight_decay, "of AdamW")
    _number(fit, "--average", plain.average, "decay of the weights' running mean per step, 0: none")
    _number(fit, "--crop-s", plain.crop_s, "seconds of a training sequence")
    _number(fit, "--warmup-s", plain.warmup_s, "seconds without loss after each start of a clip")
    _number(fit, "--join", plain.join, "share of sequences cut to a second song")
    _number(fit, "--agreement", plain.agreement, "weight of feeling a song alike as it is and changed, 0: none")
    _number(fit, "--gain-db", plain.gain_db, "random level, up or down")
    _number(fit, "--coloring", plain.coloring, "constant change of every standardized column for the length of a piece")
    _number(fit, "--noise", plain.noise, "noise on the standardized columns, another in every step")
    _number(fit, "--masking", plain.masking, "share of sequences of which spans of time and columns are masked")
    _number(
        fit, "--rating-weight", plain.rating_weight, "of a rating's squared error beside a quadrant's cross-entropy"
    )
    _number(fit, "--seed", plain.seed, "decides weights, order, augmentation and folds")


_KINDS = ("parallel", "forked")
_CELLS = ("gru", "lstm", "rnn")
_Group = argparse._ArgumentGroup


def _number(group: _Group, name: str, default: float, text: str) -> None:
    group.add_argument(name, type=type(default), default=default, metavar="N", help=f"{text} (default: {default})")


def _switch(group: _Group, name: str, default: bool, text: str) -> None:
    shown = f"{text} (default: {'yes' if default else 'no'})"
    group.add_argument(name, action=argparse.BooleanOptionalAction, default=default, help=shown)


def _choice(group: _Group, name: str, default: str, text: str, choices: Sequence[str]) -> None:
    shown = f"{text}: {', '.join(choices)} (default: {default})"
    group.add_argument(name, choices=choices, default=default, metavar="WORD", help=shown)


def _list(group: _Group, name: str, default: Sequence[Any], text: str, choices: Sequence[str] | None = None) -> None:
    shown = f"{text}: any of {', '.join(choices)}" if choices else text
    kind, metavar = (str, "WORD") if choices else (int, "N")
    shown += f" (default: {' '.join(map(str, default))})"
    group.add_argument(name, nargs="+", type=kind, choices=choices, default=list(default), metavar=metavar, help=shown)


def recipe_of(given: argparse.Namespace) -> Recipe:
    """The recipe that the options spell; InputError for values out of range."""
    hop = given.rate // 20
    return Recipe(
        features=FeatureSpec(given.rate, hop, hop, tuple(given.blocks), given.deltas),
        model=ModelOptions(
            given.kind, given.cell, given.units, tuple(given.dense), given.dropout, given.input_dropout, given.sound
        ),
        corpora=tuple(given.use),
        weights=tuple(given.weights or [1.0] * len(given.use)),
        changes=tuple(name for name in given.changes if name != "none"),
        pool_hops=given.pool,
        members=given.members,
        epochs=given.epochs,
        batch=given.batch,
        rate=given.learning_rate,
        weight_decay=given.weight_decay,
        crop_s=given.crop_s,
        warmup_s=given.warmup_s,
        join=given.join,
        agreement=given.agreement,
        gain_db=given.gain_db,
        coloring=given.coloring,
        noise=given.noise,
        masking=given.masking,
        tag_ratings=given.tag_ratings,
        rating_weight=given.rating_weight,
        average=given.average,
        seed=given.seed,
    )
