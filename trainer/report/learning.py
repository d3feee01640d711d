"""Learning curves: whether training had settled when it stopped."""

from typing import Any

import numpy as np

from trainer.report.drawing import legend, picture
from trainer.report.log import LOSSES, Curve, Log
from trainer.report.markup import Html, absent, element, figure, grid, section
from trainer.report.reading import Run
from trainer.report.style import day

TITLE = "Learning curves"
CAPTION = (
    "The loss on the training clips, epoch by epoch; lower is better, and flat at the end means that more epochs would "
    "change little. It says nothing about unheard clips: that is what the rest of this page is for."
)
WORDS = {
    "loss": ("Loss", "loss", "What training makes small: the two others together, weighted."),
    "quadrant": (
        "Quadrants",
        "cross-entropy (nats)",
        "Over all steps, those without a quadrant too.",
    ),
    "ratings": (
        "Ratings",
        "squared error (deviations²)",
        "Of all standardized ratings together, over all steps.",
    ),
}


def section_of(run: Run) -> Html:
    """Loss, cross-entropy and squared error over the epochs."""
    log = run.log
    notes = []
    if not log.members:
        notes.append(absent("no learning curves of a fitted run in log.jsonl"))
    if not log.folds:
        notes.append(absent("no learning curves of an evaluation in log.jsonl", run.evaluate("artist")))
    if log.damaged:
        words = "1 line" if log.damaged == 1 else f"{log.damaged} lines"
        notes.append(element("p", f"{words} of log.jsonl could not be read and were left out.", class_="missing"))
    pictures = [_figure(log, key) for key in LOSSES if _known(log, key)]
    return section("learning", TITLE, CAPTION, *notes, *([grid(*pictures)] if pictures else []))


def shown_folds(log: Log) -> tuple[str, list[Curve]]:
    """What the folds' band is called, and its curves: the artist protocol's, or else all of them."""
    artist = [curve for name, curve in log.folds.items() if name.startswith("artist_")]
    return ("artist folds", artist) if artist else ("folds", list(log.folds.values()))


def matrix(curves: list[Curve], key: str) -> tuple[np.ndarray, np.ndarray]:
    """epochs [E] that any curve has, and values [curves, E], NaN where one hasn't."""
    epochs = sorted({epoch for curve in curves for epoch in curve})
    rows = [[getattr(curve[epoch], key) if epoch in curve else None for epoch in epochs] for curve in curves]
    return np.array(epochs), np.array(rows, dtype=np.float64).reshape(len(curves), len(epochs))


def _known(log: Log, key: str) -> bool:
    every = [*log.members.values(), *log.folds.values()]
    return any(np.isfinite(matrix([curve], key)[1]).any() for curve in every)


def _figure(log: Log, key: str) -> Html:
    title, unit, caption = WORDS[key]
    name, folds = shown_folds(log)

    def draw(canvas: Any) -> None:
        axes = canvas.subplots()
        epochs, values = matrix(folds, key)
        told = np.isfinite(values).any(axis=0)
        if told.any():
            epochs, values = epochs[told], values[:, told]
            low, high = np.nanmin(values, axis=0), np.nanmax(values, axis=0)
            axes.fill_between(epochs, low, high, color=day("other"), alpha=0.3, lw=0, label=f"{name}, all")
            middle = np.nanmedian(values, axis=0)
            axes.plot(epochs, middle, color=day("ink"), ls="--", label=f"{name}, median", zorder=3)
        for i, curve in enumerate(log.members.values()):
            epochs, values = matrix([curve], key)
            label = "members that ship" if i == 0 else None
            axes.plot(epochs, values[0], color=day("told"), lw=1, alpha=0.85, label=label)
        axes.set_xlabel("epoch")
        axes.set_ylabel(unit)
        axes.xaxis.get_major_locator().set_params(integer=True)
        legend(canvas, 2)

    return figure(title, picture(draw, f"{title} over the epochs", (5.0, 3.9)), caption)
