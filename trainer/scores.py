"""Scores of held-out predictions."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.corpora.clip import QUADRANTS
from trainer.folds import quadrant_of

Array = NDArray[Any]


def r2(truth: Array, predicted: Array) -> float:
    """Share of variance explained, 1 - SSE / SST, over all given clips together (not a mean over folds)."""
    return float(1 - np.square(truth - predicted).sum() / np.square(truth - truth.mean()).sum())


def rmse(truth: Array, predicted: Array) -> float:
    """Root mean square error, in units of [-1, 1]."""
    return float(np.sqrt(np.square(truth - predicted).mean()))


def ccc(truth: Array, predicted: Array) -> float:
    """Concordance correlation coefficient (Lin 1989), with population moments."""
    covariance = ((truth - truth.mean()) * (predicted - predicted.mean())).mean()
    return float(2 * covariance / (truth.var() + predicted.var() + (truth.mean() - predicted.mean()) ** 2))


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


def quadrants(truth: list[str], predicted: Array) -> dict[str, float]:
    """Accuracy, macro-F1 and each quadrant's F1; predicted [clips, 2] points, whose signs tell the quadrant."""
    told = np.array([quadrant_of(float(valence), float(arousal)) for valence, arousal in predicted])
    true = np.array(truth)
    scores = {}
    for quadrant in QUADRANTS:
        hits = float(((told == quadrant) & (true == quadrant)).sum())
        named = float((told == quadrant).sum() + (true == quadrant).sum())
        scores[f"f1_{quadrant.lower()}"] = 2 * hits / named if named else 0.0
    macro = float(np.mean(list(scores.values())))
    return {"accuracy": float((told == true).mean()), "f1": macro, **scores}
