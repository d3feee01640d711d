"""The page: all sections in one file that needs nothing else."""

from pathlib import Path

from trainer.report import (
    comparison,
    header,
    learning,
    neighbors,
    over_time,
    quadrants,
    ratings,
    robustness,
)
from trainer.report.markup import Html, element, joined
from trainer.report.reading import Run, read
from trainer.report.style import css
from trainer.storage import write_atomic

CONTENTS = (
    ("learning", learning.TITLE),
    ("quadrants", quadrants.TITLE),
    ("ratings", ratings.TITLE),
    ("time", over_time.TITLE),
    ("features", neighbors.TITLE),
    ("robustness", robustness.TITLE),
    ("published", comparison.TITLE),
    ("scores", "All scores"),
)


def write(folder: Path, out: Path | None = None) -> Path:
    """Draw the run of a folder; where the page is. InputError when there is no run, or it is damaged."""
    path = out or folder / "report.html"
    content = page(read(folder)).encode()
    write_atomic(path, lambda stream: stream.write(content))
    return path


def page(run: Run) -> Html:
    """The whole document."""
    top = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", f"{run.name} – Lampyris"),
        element("style", Html(css())),
    )
    sections = (
        learning.section_of(run),
        quadrants.section_of(run),
        ratings.section_of(run),
        over_time.section_of(run),
        neighbors.section_of(run),
        robustness.section_of(run),
        comparison.section_of(run),
        comparison.every_score(run),
    )
    links = [element("a", title, href=f"#{key}") for key, title in CONTENTS]
    body = element("body", element("main", header.head(run), element("nav", *links), *sections))
    return joined(Html("<!doctype html>\n"), element("html", top, body, lang="en"), Html("\n"))
