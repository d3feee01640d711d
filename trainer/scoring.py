"""From held-out answers to the flat scores of scores.json, each with its interval."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer import scores
from trainer.corpora import soundtracks, vgmidi
from trainer.corpora.clip import QUADRANT_SIGNS, QUADRANTS
from trainer.dataset import Dataset
from trainer.evaluation import HeldOut, groups_of
from trainer.targets import NO_QUADRANT, RATINGS

Array = NDArray[Any]
Scores = dict[str, float]
Intervals = dict[str, tuple[float, float]]

FILM_AXES = ("valence", "energy")
"""Soundtracks' words for our two axes."""
MEASURES = {"r2": scores.r2, "rmse": scores.rmse, "ccc": scores.ccc, "r": scores.pearson}


class Sheet:
    """Scores and intervals as they come together."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.scores: Scores = {}
        self.intervals: Intervals = {}

    def add(self, name: str, value: float) -> None:
        """A score without an interval."""
        self.scores[name] = round(float(value), 4)

    def sure(
        self, name: str, score: Callable[[Array, Array], float], truth: Array, told: Array, groups: list[str]
    ) -> None:
        """The interval of a score."""
        low, high = scores.interval(score, truth, told, groups, self.seed)
        self.intervals[name] = (round(low, 4), round(high, 4))


def score(held: HeldOut, data: Dataset, sheet: Sheet) -> None:
    """Add what one cross-validation tells of every corpus in it. Names end in the protocol's name."""
    name = held.protocol.name
    kinds = np.array([data.clips[i].corpus for i in held.positions])
    if held.steps:
        _curves(held, data, sheet)
        return
    for corpus in dict.fromkeys(kinds.tolist()):
        own = kinds == corpus
        if (data.quadrants[held.positions[own]] != NO_QUADRANT).all():
            _quadrants(held, data, own, name, sheet)
        # Rated corpora are grouped in the stratified protocol too; one of them tells.
        elif not name.startswith("stratified"):
            _ratings(held, data, own, name, sheet)
    _conditions(held, data, kinds, sheet)


def repeated(sheet: Sheet, runs: Sequence[HeldOut], data: Dataset) -> None:
    """Mean and deviation over the repetitions of the stratified protocol, for every corpus that has quadrants."""
    orders = [np.argsort(held.positions) for held in runs]
    positions = runs[0].positions[orders[0]]
    kinds = np.array([data.clips[i].corpus for i in positions])
    told = np.stack(
        [held.told.quadrant[order].argmax(axis=1) for held, order in zip(runs, orders, strict=True)], axis=1
    )

    def mean_f1(truth: Array, answers: Array) -> float:
        return float(np.mean([scores.macro_f1(truth, answer) for answer in answers.T]))

    for corpus in dict.fromkeys(kinds.tolist()):
        own = kinds == corpus
        truth = data.quadrants[positions[own]]
        if (truth == NO_QUADRANT).any():
            continue
        each = [scores.quadrants(truth, answer) for answer in told[own].T]
        for kind in ("accuracy", "f1"):
            values = [one[kind] for one in each]
            sheet.add(f"{corpus}_{kind}_stratified", float(np.mean(values)))
            if len(values) > 1:
                sheet.add(f"{corpus}_{kind}_stratified_sd", float(np.std(values, ddof=1)))
        groups = groups_of(data, positions[own])
        sheet.sure(f"{corpus}_f1_stratified", mean_f1, truth, told[own], groups)


def _quadrants(held: HeldOut, data: Dataset, own: Array, name: str, sheet: Sheet) -> None:
    positions = held.positions[own]
    corpus = data.clips[int(positions[0])].corpus
    truth = data.quadrants[positions]
    groups = groups_of(data, positions)
    if name == f"without_{corpus}":
        # Nobody told the network what a quadrant is: the signs of its standardized ratings have to say it.
        told = scores.numbers_of(held.told.ratings[own])
        sheet.add(f"{corpus}_accuracy_{name}", float((told == truth).mean()))
        sheet.add(f"{corpus}_f1_{name}", scores.macro_f1(truth, told))
        sheet.sure(f"{corpus}_f1_{name}", scores.macro_f1, truth, told, groups)
        # Film music is calmer than most; the middle of what is told, which needs no label, is a fairer border.
        ratings = held.told.ratings[own]
        told = scores.numbers_of(ratings - np.median(ratings, axis=0))
        sheet.add(f"{corpus}_f1_medians_{name}", scores.macro_f1(truth, told))
        sheet.sure(f"{corpus}_f1_medians_{name}", scores.macro_f1, truth, told, groups)
        return
    told = held.told.quadrant[own].argmax(axis=1)
    for kind, value in scores.quadrants(truth, told).items():
        sheet.add(f"{corpus}_{kind}_{name}", value)
    # The lamp's colors take the signs of (valence, arousal).
    signs = scores.numbers_of(held.told.emotion[own])
    sheet.add(f"{corpus}_f1_signs_{name}", scores.macro_f1(truth, signs))
    single = [scores.macro_f1(truth, one.quadrant[own].argmax(axis=1)) for one in held.members]
    sheet.add(f"{corpus}_f1_one_member_{name}", float(np.mean(single)))
    sheet.sure(f"{corpus}_f1_{name}", scores.macro_f1, truth, told, groups)


def _ratings(held: HeldOut, data: Dataset, own: Array, name: str, sheet: Sheet) -> None:
    positions = held.positions[own]
    corpus = data.clips[int(positions[0])].corpus
    films = corpus == soundtracks.NAME
    start, axes = ("soundtracks", FILM_AXES) if films else (corpus, RATINGS[:2])
    ending = "" if films and name == "artist" else f"_{name}"
    groups = np.array(groups_of(data, positions))
    strange = name == f"without_{corpus}"
    # Nobody told the network this corpus' ratings or scale: what its quadrants expect has to say it.
    expected = held.told.quadrant[own] @ np.array([QUADRANT_SIGNS[quadrant] for quadrant in QUADRANTS])
    for column, axis in enumerate(axes):
        truth = data.means[positions, column]
        known = np.isfinite(truth)
        if known.sum() < 2:
            continue
        told = (expected if strange else held.told.ratings[own])[known, column]
        truth, grouped = truth[known], groups[known].tolist()
        for kind, function in MEASURES.items():
            # Without its scale only what doesn't ask for one can be judged, and how far that is off.
            if strange and kind in ("r2", "rmse"):
                continue
            sheet.add(f"{start}_{kind}_{axis}{ending}", function(truth, told))
            sheet.sure(f"{start}_{kind}_{axis}{ending}", function, truth, told, grouped)
        if not strange:
            emotion = held.told.emotion[own][known, column]
            sheet.add(f"{start}_r_emotion_{axis}{ending}", scores.pearson(truth, emotion))
            single = [scores.r2(truth, one.ratings[own][known, column]) for one in held.members]
            sheet.add(f"{start}_r2_one_member_{axis}{ending}", float(np.mean(single)))


def _curves(held: HeldOut, data: Dataset, sheet: Sheet) -> None:
    """Over all steps of all pieces, and the mean over pieces of the correlation within each."""
    for column, axis in enumerate(RATINGS[:2]):
        truth, told, groups, within = [], [], [], []
        for position, steps in zip(held.positions, held.steps, strict=True):
            row = data.plain.ratings_of(int(position))[:, column]
            known = np.isfinite(row)
            truth.append(row[known])
            told.append(steps.ratings[known, column])
            groups += groups_of(data, [int(position)]) * int(known.sum())
            within.append(scores.pearson(row[known], steps.ratings[known, column]))
        whole, answer = np.concatenate(truth), np.concatenate(told)
        for kind, function in MEASURES.items():
            sheet.add(f"{vgmidi.NAME}_{kind}_{axis}", function(whole, answer))
            sheet.sure(f"{vgmidi.NAME}_{kind}_{axis}", function, whole, answer, groups)
        sheet.add(f"{vgmidi.NAME}_r_within_{axis}", float(np.mean(within)))


def _conditions(held: HeldOut, data: Dataset, kinds: Array, sheet: Sheet) -> None:
    """How much each condition moves the emotion of all clips (their means over time), and what it costs in F1."""
    ending = "" if held.protocol.name == "artist" else f"_{held.protocol.name}"
    groups = groups_of(data, held.positions)
    truth = data.quadrants[held.positions]
    plain = held.told.quadrant.argmax(axis=1)

    def mean(moved: Array, _: Array) -> float:
        return float(moved.mean())

    def loss(truth: Array, told: Array) -> float:
        return scores.macro_f1(truth, told[:, 0]) - scores.macro_f1(truth, told[:, 1])

    for condition, told in held.conditions.items():
        moved = np.abs(told.emotion - held.told.emotion)
        for column, axis in enumerate(RATINGS[:2]):
            sheet.add(f"change_{axis}_{condition}{ending}", float(moved[:, column].mean()))
            sheet.sure(f"change_{axis}_{condition}{ending}", mean, moved[:, column], moved[:, column], groups)
        there = told.quadrant.argmax(axis=1)
        for corpus in dict.fromkeys(kinds.tolist()):
            own = kinds == corpus
            if (truth[own] == NO_QUADRANT).any():
                continue
            both = np.stack([plain[own], there[own]], axis=1)
            sheet.add(f"{corpus}_f1_{condition}{ending}", scores.macro_f1(truth[own], there[own]))
            sheet.add(f"{corpus}_f1_loss_{condition}{ending}", loss(truth[own], both))
            own_groups = [group for group, is_own in zip(groups, own, strict=True) if is_own]
            sheet.sure(f"{corpus}_f1_loss_{condition}{ending}", loss, truth[own], both, own_groups)
