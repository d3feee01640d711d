"""Scores of held-out predictions, and how sure they are."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

RESAMPLINGS = 1_000
LEVEL = 0.95


def r2(truth: Array, predicted: Array) -> float:
    """Share of variance explained, 1 - SSE / SST, over all given clips together (not a mean over folds)."""
    spread = np.square(truth - truth.mean()).sum()
    return float(1 - np.square(truth - predicted).sum() / spread) if spread else 0.0


def rmse(truth: Array, predicted: Array) -> float:
    """Root mean square error, in units of [-1, 1]."""
    return float(np.sqrt(np.square(truth - predicted).mean()))


def ccc(truth: Array, predicted: Array) -> float:
    """Concordance correlation coefficient (Lin 1989), with population moments; 0 when neither varies."""
    covariance = ((truth - truth.mean()) * (predicted - predicted.mean())).mean()
    size = truth.var() + predicted.var() + (truth.mean() - predicted.mean()) ** 2
    return float(2 * covariance / size) if size else 0.0


def pearson(truth: Array, predicted: Array) -> float:
    """Correlation coefficient; 0 when either does not vary."""
    if truth.std() == 0 or predicted.std() == 0:
        return 0.0
    return float(np.corrcoef(truth, predicted)[0, 1])


def regression(truth: Array, predicted: Array) -> dict[str, float]:
    """All four scores of one axis."""
    return {
        "r2": r2(truth, predicted),
        "rmse": rmse(truth, predicted),
        "ccc": ccc(truth, predicted),
        "r": pearson(truth, predicted),
    }


def confusion(truth: Array, told: Array, classes: int) -> NDArray[np.int64]:
    """[classes, classes] counts; rows are the truth, columns what was told."""
    counts = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(counts, (truth, told), 1)
    return counts


def macro_f1(truth: Array, told: Array, classes: int = 4) -> float:
    """Mean over the classes of 2 hits / (told + true); a class that is neither told nor true counts as 0."""
    return float(np.mean(f1_of_each(confusion(truth, told, classes))))


def f1_of_each(counts: Array) -> list[float]:
    """F1 of every class of a confusion matrix."""
    named = counts.sum(axis=0) + counts.sum(axis=1)
    return [float(2 * hits / total) if total else 0.0 for hits, total in zip(np.diag(counts), named, strict=True)]


def quadrants(truth: Array, told: Array) -> dict[str, float]:
    """Accuracy, macro-F1 and each quadrant's F1; both [clips] are quadrant numbers, 0 for Q1 to 3 for Q4."""
    each = f1_of_each(confusion(truth, told, 4))
    names = {f"f1_q{i + 1}": value for i, value in enumerate(each)}
    return {"accuracy": float((told == truth).mean()), "f1": float(np.mean(each)), **names}


def numbers_of(emotion: Array) -> NDArray[np.int64]:
    """[clips] quadrant numbers of points [clips, 2], by their signs; zero counts as positive."""
    high, up = emotion[:, 0] >= 0, emotion[:, 1] >= 0
    return np.where(up, np.where(high, 0, 1), np.where(high, 3, 2))


def interval(
    score: Callable[[Array, Array], float], truth: Array, predicted: Array, groups: Sequence[str], seed: int
) -> tuple[float, float]:
    """The middle 95 % of a score over bootstrap resamplings (Efron 1979) of whole groups.

    Groups (artists, albums) are drawn, not clips: clips of one artist are alike, so they tell less than their number.
    """
    members: dict[str, list[int]] = {}
    for position, group in enumerate(groups):
        members.setdefault(group, []).append(position)
    blocks = [np.array(own) for own in members.values()]
    rng = np.random.default_rng(seed)
    values = []
    for _ in range(RESAMPLINGS):
        rows = np.concatenate([blocks[i] for i in rng.integers(0, len(blocks), len(blocks))])
        values.append(score(truth[rows], predicted[rows]))
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
