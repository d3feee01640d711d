"""t-SNE: which clips are alike to the features, before any network."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.report.drawing import legend, picture
from trainer.report.markup import Html, absent, figure, grid, section
from trainer.report.quadrants import moods
from trainer.report.reading import Run
from trainer.report.style import day

TITLE = "Features as a map"
CAPTION = (
    "t-SNE puts clips whose features are alike close together (perplexity 30). Only neighbors tell something: "
    "directions, far distances and the sizes of the clouds mean nothing. Where one color keeps to itself, the features "
    "alone tell that mood; where colors mix, a network must find it in what comes after what."
)
POINTS = 1300
PERPLEXITY = 30.0
FEWEST = 8
SEED = 0
ITERATIONS = 750
"""Enough for so few points; 5 s of one core."""


def section_of(run: Run) -> Html:
    """The map of the artist record's features."""
    record = run.records.get("artist")
    if record is None:
        return section("features", TITLE, CAPTION, absent("not evaluated", run.evaluate("artist")))
    rows = np.random.default_rng(SEED).permutation(len(record.names))[:POINTS]
    points = embedded(record.features[rows])
    if points is None:
        return section("features", TITLE, CAPTION, absent("too few different clips for a map"))
    quadrants = record.quadrants[rows]
    told = np.where(quadrants < 0, -1, record.told[rows].argmax(axis=1))
    words = f"{len(rows)} clips" if len(rows) == len(record.names) else f"{len(rows)} of {len(record.names)} clips"
    strangers = dict.fromkeys(str(name).split("/", 1)[0] for name in record.names[rows][quadrants < 0])
    gray = f"; gray, without quadrants: {', '.join(strangers)}" if strangers else ""
    pictures = (
        figure("True moods", _map(points, quadrants, "true moods"), f"{words}{gray}."),
        figure("Told moods", _map(points, told, "told moods"), "The same map in the colors of what the networks told."),
    )
    return section("features", TITLE, CAPTION, grid(*pictures))


def _map(points: NDArray[Any], quadrants: NDArray[Any], what: str) -> Html:
    def draw(canvas: Any) -> None:
        axes = canvas.subplots()
        if (quadrants < 0).any():
            x, y = points[quadrants < 0].T
            axes.scatter(x, y, s=9, color=day("other"), alpha=0.55, lw=0, label="none")
        moods(axes, points, quadrants)
        # Without the ticks' unit a map needs no equal axes, and fills its place.
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
        legend(canvas, 3)

    return picture(draw, f"Map of the clips by their features, {what}", (5.0, 5.0))


def embedded(features: NDArray[Any]) -> NDArray[Any] | None:
    """[n, 2] t-SNE of features [n, W], each column standardized; None when there is nothing to tell apart."""
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    values = features.astype(np.float64)
    if len(values) < FEWEST:
        return None
    spread = values.std(axis=0)
    told = spread > 1e-9 * (1 + np.abs(values).max(axis=0))
    if not told.any():
        return None
    standard = (values[:, told] - values[:, told].mean(axis=0)) / spread[told]
    kind = TSNE(
        perplexity=min(PERPLEXITY, (len(values) - 1) / 3),
        # The principal axes of less than two columns make no plane to start from.
        init="pca" if standard.shape[1] > 1 else "random",
        max_iter=ITERATIONS,
        random_state=SEED,
    )
    # So few points come out the same with one thread, and several wait for each other when the machine is busy.
    with threadpool_limits(1):
        return kind.fit_transform(standard.astype(np.float32))
