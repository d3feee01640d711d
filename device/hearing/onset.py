"""Onset: how suddenly the sound grows, for the light's pulse."""

import math

import numpy as np
from numpy.typing import NDArray

SUDDEN_DB = 10.0
"""A band that rises by this much within a hop has fully begun."""
DEAD_DB = 1.5
"""Levels move by this much all the time, without anything beginning."""
RISE_S, FALL_S = 0.05, 0.1
"""How fast the past is forgotten where it gets louder, so that a beginning is told once, and where it gets quieter."""
ENOUGH = 0.4
"""The share of bands that must begin for a full onset: a note is not heard in all of them, nor a drum."""


class Onset:
    """Compares the levels of a hop with their recent past, band by band: in dense music the whole level hardly moves.

    Needs no more than one hop of sound, so the light need not wait.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the past: the next hop is no onset."""
        self._recent_db: NDArray[np.float64] | None = None

    def process(self, levels_db: NDArray[np.float64], dt_s: float) -> float:
        """Levels [bands] of the last `dt_s` seconds in dBFS (see device.hearing.bands) to an onset strength, 0 to 1.

        Raises ValueError for a level that is not finite or a dt_s that is not positive.
        """
        if not (np.isfinite(levels_db).all() and 0 < dt_s < math.inf):
            raise ValueError(f"an onset needs finite levels and a positive time, not {levels_db} dB and {dt_s} s")
        if self._recent_db is None:
            self._recent_db = np.array(levels_db, np.float64)
        rise_db = levels_db - self._recent_db
        self._recent_db += rise_db * np.where(rise_db > 0, -math.expm1(-dt_s / RISE_S), -math.expm1(-dt_s / FALL_S))
        begun = np.minimum(np.maximum((rise_db - DEAD_DB) / (SUDDEN_DB - DEAD_DB), 0.0), 1.0)
        return min(1.0, float(np.add.reduce(begun)) / len(begun) / ENOUGH)
