"""Ours beside the published numbers, and every score there is."""

from typing import Any

from trainer.report.header import spelled
from trainer.report.markup import ABSENT, HARD, Html, absent, element, number, percent, section, table
from trainer.report.published import NUMBERS
from trainer.report.reading import Run

TITLE = "Against published numbers"
CAPTION = (
    "On the 900 clips of 4QAED. The literature's folds have clips of one artist on both sides, which flatters; compare "
    "it with our stratified row, and take the artist row for music that nobody trained on."
)
OURS = (
    ("artist", "10-fold, artists apart"),
    ("stratified", "repeated stratified 10-fold, artists not kept apart"),
    ("check", "10-fold, artists apart, looked at once"),
)


def section_of(run: Run) -> Html:
    """The table, ours first."""
    rows: list[list[str]] = []
    notes = []
    for name, words in OURS:
        f1 = run.score(f"4qaed_f1_{name}")
        if f1 is None:
            notes.append(absent("not evaluated", run.evaluate(name)))
            continue
        ends = run.sheet.intervals.get(f"4qaed_f1_{name}")
        folds = run.sheet.protocol.get("folds", 10)
        protocol = words.replace("10-fold", f"{folds}-fold")
        interval = f"{100 * f1:.1f} {spelled(ends)}" if ends else f"{100 * f1:.1f}"
        accuracy = percent(run.score(f"4qaed_accuracy_{name}")).removesuffix(f"{HARD}%")
        rows.append([f"this run ({run.name})", accuracy, interval, protocol, "this page"])
    marked = range(len(rows))
    rows += [[row.method, row.accuracy or ABSENT, row.f1 or ABSENT, row.protocol, row.source] for row in NUMBERS]
    head = ("method", "accuracy, %", "macro-F1, % [95 %]", "protocol", "source")
    return section("published", TITLE, CAPTION, *notes, table(head, rows, list(marked), "wide"))


def every_score(run: Run) -> Html:
    """All scores, what the protocols mean, and the commands; folded away."""
    caption = "Everything in scores.json, for who wants to compute with it."
    sheet = run.sheet
    if not sheet.scores:
        return section(
            "scores", "All scores", caption, absent("not evaluated", f"python -m trainer evaluate {run.name}")
        )
    rows = []
    for name, value in sheet.scores.items():
        low, high = sheet.intervals.get(name, (None, None))
        rows.append([name, number(value, 4), number(low, 4), number(high, 4)])
    origins = [
        [name, _given(one.seed), _given(one.members), one.date or ABSENT, element("code", one.command or ABSENT)]
        for name, one in sheet.runs.items()
    ]
    words = [part for key, value in sheet.protocol.items() for part in (element("dt", key), element("dd", str(value)))]
    return section(
        "scores",
        "All scores",
        caption,
        _folded(f"{len(rows)} scores", table(("score", "value", "95 % from", "to"), rows)),
        _folded("What the protocols mean", element("dl", *words)),
        _folded(
            "How they were made", table(("protocol", "seed", "members", "date", "command"), origins, class_="wide")
        ),
    )


def _given(value: Any) -> str:
    return ABSENT if value is None else str(value)


def _folded(title: str, content: Html) -> Html:
    return element("details", element("summary", title), content)
