"""Curves over time: what people felt along a piece against what was told, step by step."""

from typing import Any

import numpy as np

from trainer.report.drawing import legend, picture
from trainer.report.markup import Html, absent, element, figure, grid, section
from trainer.report.reading import Run
from trainer.report.records import AXES, Record, Steps
from trainer.report.style import day

TITLE = "Over time"
CAPTION = (
    "Piano pieces of game music that the networks had never heard, told every step from the start on. Good is a "
    "colored curve that rises and falls with the gray one, the mean of what people felt; its first seconds are a guess."
)
CHOICE = (
    "Pieces are sorted by their root mean square error (RMSE) over both axes: shown are the best, those at a quarter, "
    "half and three quarters, and the worst, and of the others the one on which people's curves move most."
)
RANKS = ("best", "a quarter down", "median", "three quarters down", "worst")
LIVELY = "moves most"


def section_of(run: Run) -> Html:
    """Six pieces, from the best to the worst."""
    record = run.records.get("vgmidi")
    chosen = [] if record is None or record.steps is None else chosen_pieces(record.steps)
    if record is None or record.steps is None or not chosen:
        return section("time", TITLE, CAPTION, absent("not evaluated", run.evaluate("vgmidi")))
    steps = record.steps
    values = [part[steps.starts[i] : steps.starts[i + 1]] for i, _, _ in chosen for part in (steps.true, steps.told)]
    edge = min(1.5, max(0.5, 1.1 * max(float(np.nanmax(np.abs(part))) for part in values)))
    pictures = [_figure(record, steps, i, f"{why}, RMSE {error:.2f}", edge) for i, why, error in chosen]
    return section("time", TITLE, CAPTION, element("p", CHOICE, class_="note"), grid(*pictures))


def errors(steps: Steps) -> np.ndarray:
    """[n] RMSE of each piece over both axes, NaN for one that nobody rated."""
    squares = np.square(steps.told - steps.true)
    own = [squares[low:high] for low, high in zip(steps.starts, steps.starts[1:], strict=False)]
    return np.array([np.sqrt(part[np.isfinite(part)].mean()) if np.isfinite(part).any() else np.nan for part in own])


def chosen_pieces(steps: Steps) -> list[tuple[int, str, float]]:
    """(piece, why, RMSE) of at most six different pieces."""
    error = errors(steps)
    order = [int(i) for i in np.argsort(error, kind="stable") if np.isfinite(error[i])]
    if not order:
        return []
    places = np.linspace(0, len(order) - 1, len(RANKS)).round().astype(int)
    why: dict[int, str] = {}
    for place, words in zip(places, RANKS, strict=True):
        why.setdefault(order[place], words)
    rest = [i for i in order if i not in why]
    if rest:
        why[max(rest, key=lambda i: _movement(steps, i))] = LIVELY
    return [(i, words, float(error[i])) for i, words in why.items()]


def _movement(steps: Steps, piece: int) -> float:
    own = steps.true[steps.starts[piece] : steps.starts[piece + 1]]
    known = own[np.isfinite(own).all(axis=1)]
    return float(known.std(axis=0).sum()) if len(known) else 0.0


def _figure(record: Record, steps: Steps, piece: int, why: str, edge: float) -> Html:
    own = slice(int(steps.starts[piece]), int(steps.starts[piece + 1]))
    true, told = steps.true[own], steps.told[own]
    seconds = steps.step_s * np.arange(1, len(true) + 1)

    def draw(canvas: Any) -> None:
        both = canvas.subplots(2, 1, sharex=True)
        for column, axes in enumerate(both):
            axes.axhline(0, color=day("line"), lw=1)
            axes.plot(seconds, true[:, column], color=day("human"), lw=3, alpha=0.7, label="people")
            axes.plot(seconds, told[:, column], color=day("told"), lw=1.5, label="told")
            axes.set(ylabel=AXES[column], ylim=(-edge, edge))
        both[1].set_xlabel("time (s)")
        legend(canvas, 2)

    name = str(record.names[piece]).split("/", 1)[-1].replace("_", " ")
    return figure(f"{why[0].upper()}{why[1:]}", picture(draw, f"{name}: people and told", (5.0, 4.0)), name)
