"""Meter: measures what a microphone gives, raw and as the lamp will hear it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from device.hearing.condition import CLIP, HOP_S, Conditioner
from device.hearing.level import FLOOR_DB, Level
from hardware.microphone import Block

RATE = 24_000
"""What the conditioner makes of it, samples per second; the level of a hop does not depend on it."""

SETTLING = 4
"""Hops that hear the offset of the microphone go, when it has just begun."""

PerSlot = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a microphone gave, by its slots [slots]; shares are of full scale, 1.

    heard_s: seconds of sound. lost_s: that were lost between. deaf_s: in which the device gave nothing.
    levels_db: [hops] dBFS of the lamp's mix without DC. alive: which slots that mix holds.
    constant: all samples were the same. offset: the mean. rms: of what is left without it.
    clipped: the share of samples at full scale. likeness: of neighboring samples, their correlation at lag 1.
    """

    heard_s: float
    lost_s: float
    deaf_s: float
    levels_db: NDArray[np.float64]
    alive: NDArray[np.bool_]
    constant: NDArray[np.bool_]
    offset: PerSlot
    rms: PerSlot
    clipped: PerSlot
    likeness: PerSlot

    @property
    def floor_db(self) -> float:
        """The level that a tenth of the hops stay below: the room between the sounds."""
        return float(np.percentile(self.levels_db, 10)) if len(self.levels_db) else FLOOR_DB

    @property
    def loudest_db(self) -> float:
        """The level of the loudest hop."""
        return float(self.levels_db.max()) if len(self.levels_db) else FLOOR_DB


class Meter:
    """Takes blocks of a live source in, and tells in `reading` what they held. rate: samples per second and slot.

    Raises InputError for a rate that the lamp can't hear.
    """

    def __init__(self, rate: int, slots: int) -> None:
        self._rate = rate
        self._conditioner = Conditioner(rate, slots, RATE, live=True)
        self._level = Level(round(HOP_S * RATE))
        self._levels: list[NDArray[np.float32]] = []
        self._heard = self._lost = self._deaf = 0
        self._sum, self._squares, self._products, self._clipped = (np.zeros(slots) for _ in range(4))
        self._lowest, self._highest = np.full(slots, np.inf), np.full(slots, -np.inf)

    def process(self, block: Block) -> None:
        """One more block, int32 [n, slots]."""
        self._lost += block.lost
        if block.deaf:
            self._deaf += len(block.samples)
            return
        if not len(block.samples):
            return
        if block.lost:
            self._level.reset()
        self._levels.append(self._level.process(self._conditioner.process(block)))
        x = block.samples * 2.0**-31
        self._heard += len(x)
        self._sum += x.sum(axis=0)
        self._squares += np.square(x).sum(axis=0)
        self._products += (x[1:] * x[:-1]).sum(axis=0) + x[-1] ** 2  # as if the last one came twice
        self._clipped += (np.abs(x) >= CLIP).sum(axis=0)
        self._lowest = np.minimum(self._lowest, x.min(axis=0))
        self._highest = np.maximum(self._highest, x.max(axis=0))

    @property
    def reading(self) -> Reading:
        """All of it so far."""
        count = max(1, self._heard)
        mean = self._sum / count
        power = np.maximum(self._squares / count - mean**2, 0.0)
        covariance = self._products / count - mean**2
        return Reading(
            heard_s=self._heard / self._rate,
            lost_s=self._lost / self._rate,
            deaf_s=self._deaf / self._rate,
            levels_db=np.concatenate([np.zeros(0), *self._levels])[SETTLING:],
            alive=self._conditioner.alive,
            constant=self._lowest >= self._highest,
            offset=mean,
            rms=np.sqrt(power),
            clipped=self._clipped / count,
            likeness=np.divide(covariance, power, out=np.ones_like(power), where=power > 0),
        )
