"""Onset: how suddenly the sound grows, for the light's pulse."""

import math

SUDDEN_DB = 9.0
"""A rise of this much within a hop counts as a full onset."""
DEAD_DB = 1.5
"""Level moves by this much all the time, without anything beginning."""
FOLLOW_S = 0.2


class Onset:
    """Compares the level of a hop with its recent past; needs no spectrum, so the light need not wait for one."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the past: the next hop is no onset."""
        self._recent_db: float | None = None

    def process(self, level_db: float, dt_s: float) -> float:
        """Level of the last `dt_s` seconds in dBFS to an onset strength, 0 to 1.

        Raises ValueError for a level that is not finite or a dt_s that is not positive.
        """
        if not (math.isfinite(level_db) and 0 < dt_s < math.inf):
            raise ValueError(f"an onset needs a finite level and a positive time, not {level_db} dB and {dt_s} s")
        if self._recent_db is None:
            self._recent_db = level_db
        rise_db = level_db - self._recent_db
        self._recent_db += rise_db * -math.expm1(-dt_s / FOLLOW_S)
        return min(1.0, max(0.0, (rise_db - DEAD_DB) / (SUDDEN_DB - DEAD_DB)))
