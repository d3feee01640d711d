"""Ratings of film music: what people rated against what was told."""

from typing import Any

import numpy as np

from trainer import scores
from trainer.corpora import soundtracks
from trainer.report.drawing import picture
from trainer.report.markup import Html, absent, figure, grid, number, section, table
from trainer.report.reading import Run
from trainer.report.style import day

TITLE = "Film music, rated and told"
CAPTION = (
    "Each point is an excerpt of Soundtracks from an album that the networks had never heard. Good is a cloud along "
    "the dashed line, where told equals rated. R² is the share of the ratings' variance that is explained: 1 is "
    "perfect, 0 no better than always saying the mean."
)
AXES = (("valence", 0), ("energy", 1))


def section_of(run: Run) -> Html:
    """Scatter of both axes, and the scores."""
    record = run.records.get("artist")
    own = None if record is None else record.of(soundtracks.NAME)
    if record is None or own is None or not own.any():
        return section("ratings", TITLE, CAPTION, absent("not evaluated", run.evaluate("artist")))
    pictures, rows = [], []
    for axis, column in AXES:
        known = own & np.isfinite(record.true_ratings[:, column])
        if not known.any():
            continue
        truth, told = record.true_ratings[known, column], record.ratings[known, column]
        found = scores.regression(truth, told)
        rows.append([axis, *(number(found[kind], 2) for kind in ("r2", "r", "ccc", "rmse")), str(len(truth))])
        pictures.append(_figure(axis, truth, told, found))
    head = ("axis", "R²", "r", "CCC", "RMSE", "clips")
    notes = [] if rows else [absent("the excerpts have no ratings")]
    return section("ratings", TITLE, CAPTION, *notes, grid(*pictures), *([table(head, rows)] if rows else []))


def _figure(axis: str, truth: np.ndarray, told: np.ndarray, found: dict[str, float]) -> Html:
    def draw(canvas: Any) -> None:
        axes = canvas.subplots()
        edge = max(1.0, float(np.abs(told).max()), float(np.abs(truth).max())) * 1.03
        axes.plot((-edge, edge), (-edge, edge), color=day("soft"), lw=1.2, ls="--")
        axes.scatter(truth, told, s=14, color=day("told"), alpha=0.6, lw=0)
        words = f"R² = {number(found['r2'], 2)}\nr = {number(found['r'], 2)}"
        axes.text(0.04, 0.96, words, transform=axes.transAxes, va="top")
        limits = (-edge, edge)
        axes.set(xlabel=f"{axis}, rated (−1 to 1)", ylabel=f"{axis}, told", xlim=limits, ylim=limits, aspect="equal")
        axes.locator_params(nbins=5)

    label = f"{axis} of {len(truth)} excerpts, rated and told"
    return figure(axis.capitalize(), picture(draw, label, (5.0, 4.7)))
