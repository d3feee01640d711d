"""One curve out of those of many annotators."""

import numpy as np
from numpy.typing import NDArray

TRIMMED = 0.2
"""Part of the annotators that a trimmed mean leaves out at each end, at every step anew."""

LEAST = 3
"""Fewer annotators than this are no agreement."""


def moved(curves: NDArray[np.float64]) -> NDArray[np.bool_]:
    """[annotators] whether each one ever moved the point, of curves [annotators, steps, axes]."""
    return np.asarray(np.ptp(curves, axis=1).max(axis=1) > 0)


def trimmed_mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean over the first axis without the lowest and the highest TRIMMED part of it, elsewhere element by element.

    As long as at most that part of the annotators is off, the result stays within what the others said
    (Tukey 1962, The Future of Data Analysis).
    """
    cut = int(TRIMMED * len(values))
    return np.asarray(np.sort(values, axis=0)[cut : len(values) - cut].mean(axis=0))


def agreed(curves: NDArray[np.float64]) -> tuple[NDArray[np.float64], int]:
    """[steps, axes] the common curve of [annotators, steps, axes], and how many annotators were dropped for it.

    Dropped is who never moved the point, unless fewer than LEAST did move it. ValueError for fewer than LEAST.
    """
    if len(curves) < LEAST:
        raise ValueError(f"only {len(curves)} usable annotators")
    kept = moved(curves)
    if kept.sum() < LEAST:
        kept = np.ones(len(curves), dtype=bool)
    return trimmed_mean(curves[kept]), int((~kept).sum())
