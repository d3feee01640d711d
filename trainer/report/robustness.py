"""Rooms, noise, quiet, the microphone, and ten minutes of other music before: how much they move what is told."""

from typing import Any

import numpy as np

from trainer.report.drawing import legend, picture
from trainer.report.markup import Html, absent, element, figure, grid, section
from trainer.report.reading import Run
from trainer.report.records import AXES, Stability
from trainer.report.style import day

TITLE = "Robustness"
CAPTION = (
    "The same held-out clips, heard as the lamp would hear them: in a room, with household noise, quietly, through its "
    "microphone, and all at once, with rooms and noises that no training used. Good are short bars."
)
ORDER = ("room", "quiet", "noise", "capture", "all")
SETTLED_S = 15.0
COLORS = ("sadness", "joy")
"""Of valence and arousal: a dark and a light one, so that they differ without color too."""


def section_of(run: Run) -> Html:
    """Bars of the changes and of the loss of F1; the curve of the error after other music."""
    pictures, notes = [], []
    changes = {axis: by_condition(run, f"change_{axis}_") for axis in AXES}
    losses = by_condition(run, "4qaed_f1_loss_")
    if any(changes.values()):
        pictures.append(_changes(changes))
    if losses:
        pictures.append(_losses(run, losses))
    if not pictures:
        notes.append(absent("not evaluated", run.evaluate("artist")))
    if run.stability is None:
        notes.append(absent("not evaluated", run.evaluate("stability")))
    else:
        pictures.append(_stability(run.stability))
    return section("robustness", TITLE, CAPTION, *notes, *([grid(*pictures)] if pictures else []))


def by_condition(run: Run, start: str) -> dict[str, float]:
    """Scores whose name starts so, by condition, the known conditions in their order; those of the check left out."""
    scores = run.sheet.scores
    own = [name for name in scores if name.startswith(start) and not name.endswith("_check")]
    found = {name.removeprefix(start): scores[name] for name in own}
    usual = [name for name in ORDER if name in found]
    return {name: found[name] for name in (*usual, *sorted(found.keys() - usual))}


def _changes(changes: dict[str, dict[str, float]]) -> Html:
    conditions = list(dict.fromkeys(name for each in changes.values() for name in each))

    def draw(canvas: Any) -> None:
        axes = canvas.subplots()
        places = np.arange(len(conditions))
        for i, (axis, values) in enumerate(changes.items()):
            widths = [values.get(name, np.nan) for name in conditions]
            bars = axes.barh(places + (i - 0.5) * 0.38, widths, 0.36, color=day(COLORS[i]), label=axis)
            axes.bar_label(bars, [f"{width:.2f}" for width in widths], padding=3, fontsize=11, color=day("soft"))
        axes.set_yticks(places, conditions)
        axes.set(xlabel="mean |change|, on axes from −1 to 1")
        axes.invert_yaxis()
        axes.grid(False, axis="y")
        axes.margins(x=0.14)
        axes.locator_params(axis="x", nbins=5)
        legend(canvas, 2)

    caption = "How far valence and arousal move from what is told of the clean sound. 0.1 is a twentieth of the axis."
    label = "Change of valence and arousal in " + ", ".join(conditions)
    return figure("Change of the emotion", picture(draw, label, (5.0, 4.0)), caption)


def _losses(run: Run, losses: dict[str, float]) -> Html:
    def draw(canvas: Any) -> None:
        axes = canvas.subplots()
        places, points = np.arange(len(losses)), [100 * value for value in losses.values()]
        bars = axes.barh(places, points, 0.6, color=day("told"))
        words = [f"{point:+.1f}".replace("-", "−") for point in points]
        axes.bar_label(bars, words, padding=3, fontsize=11, color=day("soft"))
        axes.axvline(0, color=day("soft"), lw=1)
        axes.set_yticks(places, list(losses))
        axes.set(xlabel="loss of macro-F1 (percentage points)")
        axes.invert_yaxis()
        axes.grid(False, axis="y")
        axes.margins(x=0.2)

    plain = by_condition(run, "4qaed_f1_")
    kept = [f"{name} {100 * plain[name]:.1f} %" for name in losses if name in plain]
    caption = f"What each condition costs on 4QAED. What is left: {', '.join(kept)}." if kept else ""
    return figure("Loss of F1", picture(draw, "Loss of F1 in " + ", ".join(losses), (5.0, 4.0)), caption)


def _stability(stability: Stability) -> Html:
    error = stability.error
    seconds = stability.step_s * np.arange(1, error.shape[1] + 1)

    def draw(canvas: Any) -> None:
        axes = canvas.subplots()
        axes.plot(seconds, np.quantile(error, 0.9, axis=0), color=day("joy"), ls="--", label="90th percentile")
        axes.plot(seconds, error.mean(axis=0), color=day("told"), lw=2, label="mean")
        axes.axvline(SETTLED_S, color=day("soft"), lw=1, ls=":", label=f"{SETTLED_S:g} s")
        axes.set(xlabel="time since the clip began (s)", ylabel="mean |difference|")
        axes.set_ylim(bottom=0)
        axes.set_xlim(left=0)
        legend(canvas, 3)

    caption = (
        f"{len(error)} clips after ten minutes of other music, against a fresh start; the mean of both axes. The lamp "
        f"should have let go of the past by {SETTLED_S:g} s: good is a curve near 0 there."
    )
    label = "Difference to a fresh start over the seconds of a clip"
    return element("div", figure("After other music", picture(draw, label, (5.0, 4.0)), caption))
