"""The four quadrants: what is taken for what, and where the clips lie on the plane."""

from typing import Any

import numpy as np

from trainer import scores
from trainer.corpora import fourqaed
from trainer.corpora.clip import QUADRANTS
from trainer.report.drawing import MARKERS, MOODS, legend, picture
from trainer.report.header import spelled
from trainer.report.markup import ABSENT, Html, absent, element, figure, grid, percent, section, table
from trainer.report.reading import Run
from trainer.report.records import Record
from trainer.report.style import day

TITLE = "Quadrants"
CAPTION = (
    "Which mood the networks tell for clips of 4QAED whose artist they had never heard. A row is the true mood, a "
    "column what was told; per cent are of the row. Good is a dark diagonal; joy and anger, or sadness and calm, "
    "differ in valence only, which is the harder of the two to hear."
)
TICKS = (-1, -0.5, 0, 0.5, 1)
NAMES = [f"{mood} ({quadrant})" for mood, quadrant in zip(MOODS, QUADRANTS, strict=True)]
PROTOCOLS = {
    "artist": "artists apart",
    "stratified": "stratified: artists on both sides",
    "check": "artists apart, other folds, looked at once",
    f"without_{fourqaed.NAME}": "trained without 4QAED",
}


def section_of(run: Run) -> Html:
    """Confusion matrix, scores of each class and of each protocol, the plane."""
    record = run.records.get("artist")
    own = None if record is None else record.of(fourqaed.NAME) & (record.quadrants >= 0)
    if record is None or own is None or not own.any():
        return section("quadrants", TITLE, CAPTION, absent("not evaluated", run.evaluate("artist")), by_protocol(run))
    counts = scores.confusion(record.quadrants[own], record.told[own].argmax(axis=1), 4)
    tables = element("div", _matrix(counts), _classes(counts), by_protocol(run))
    return section("quadrants", TITLE, CAPTION, grid(tables, _plane(record, own)))


def _matrix(counts: np.ndarray) -> Html:
    def cell(row: np.ndarray, value: int) -> Html:
        share = value / max(1, row.sum())
        # Seen through, the cell is right by day and by night.
        tint = f"background:rgba(122,62,157,{0.75 * share:.3f})"
        return element("td", str(value), element("span", f"{100 * share:.0f} %"), class_="cell", style=tint)

    top = element("tr", element("th", "true ↓ told →"), *(element("th", name, scope="col") for name in NAMES))
    rows = [
        element("tr", element("th", name, scope="row"), *(cell(row, int(value)) for value in row))
        for name, row in zip(NAMES, counts, strict=True)
    ]
    inner = element("table", element("thead", top), element("tbody", *rows), class_="confusion")
    return element("div", inner, class_="scroll", tabindex="0")


def _classes(counts: np.ndarray) -> Html:
    """Precision, recall and F1 of each quadrant; told or true never: 0, as in the scores."""
    hits = np.diag(counts)
    precision, recall = (hits / np.maximum(1, counts.sum(axis=axis)) for axis in (0, 1))
    each = scores.f1_of_each(counts)
    values = [*zip(precision, recall, each, strict=True), (precision.mean(), recall.mean(), sum(each) / 4)]
    support = [*counts.sum(axis=1).tolist(), int(counts.sum())]
    rows = [
        [name, *(percent(float(value)) for value in row), str(clips)]
        for name, row, clips in zip([*NAMES, "mean, all"], values, support, strict=True)
    ]
    return table(("mood", "precision", "recall", "F1", "clips"), rows, marked=[4])


def by_protocol(run: Run) -> Html:
    """Accuracy and macro-F1 of every protocol that has been evaluated."""
    rows = []
    for name, words in PROTOCOLS.items():
        f1 = run.score(f"{fourqaed.NAME}_f1_{name}")
        if f1 is None:
            continue
        ends = run.sheet.intervals.get(f"{fourqaed.NAME}_f1_{name}")
        accuracy = percent(run.score(f"{fourqaed.NAME}_accuracy_{name}"))
        rows.append([words, accuracy, percent(f1), spelled(ends) if ends else ABSENT])
    return table(("protocol", "accuracy", "macro-F1", "95 %"), rows) if rows else Html()


def moods(axes: Any, points: np.ndarray, quadrants: np.ndarray) -> None:
    """Points [n, 2] in the color and with the marker of their quadrant [n]."""
    for i, (mood, marker) in enumerate(MARKERS.items()):
        x, y = points[quadrants == i].T
        axes.scatter(x, y, s=13, marker=marker, color=day(mood), alpha=0.75, lw=0, label=NAMES[i])


def _plane(record: Record, own: np.ndarray) -> Html:
    def draw(canvas: Any) -> None:
        axes = canvas.subplots()
        for line in (axes.axhline, axes.axvline):
            line(0, color=day("soft"), lw=1)
        moods(axes, record.emotion[own], record.quadrants[own])
        axes.set(xlabel="valence (−1 to 1)", ylabel="arousal (−1 to 1)", xlim=(-1, 1), ylim=(-1, 1), aspect="equal")
        axes.set(xticks=TICKS, yticks=TICKS)
        legend(canvas, 2)

    caption = (
        "Where the ensemble puts each held-out clip; color and marker are the true mood. Good is each mood in its own "
        "corner: joy top right, anger top left, sadness bottom left, calm bottom right."
    )
    return figure("Clips on the plane", picture(draw, "Clips of 4QAED on the plane", (5.0, 5.1)), caption)
