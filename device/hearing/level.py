"""Level: how loud each hop of the sound is."""

import math

import numpy as np
from numpy.typing import NDArray

FLOOR_DB = -120.0
"""The level of digital silence; nothing is told to be quieter."""


def level_db(samples: NDArray[np.float32]) -> float:
    """RMS level of samples [n] in dBFS, 20 * log10(rms): a square wave of full scale is 0, silence or nothing -120."""
    # Not mean(), whose own bookkeeping takes longer than the sum.
    power = float(np.add.reduce(np.square(samples, dtype=np.float64))) / len(samples) if len(samples) else 0.0
    return max(10 * math.log10(power), FLOOR_DB) if power > 0 else FLOOR_DB


class Level:
    """The level of every hop of `hop` samples, for the same hops that the features are made of."""

    _held: NDArray[np.float32]

    def __init__(self, hop: int) -> None:
        if hop < 1:
            raise ValueError(f"A hop has at least one sample, not {hop}.")
        self._hop = hop
        self.reset()

    def process(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Samples [n], any n, to the levels [m] in dBFS of the m hops that are now full."""
        held = np.concatenate((self._held, np.asarray(samples, np.float32)))
        full = len(held) // self._hop * self._hop
        if not full:
            self._held = held
            return np.zeros(0, np.float32)
        self._held = held[full:].copy()
        hops = held[:full].reshape(-1, self._hop)
        return np.array([level_db(hop) for hop in hops], np.float32)

    def reset(self) -> None:
        """Forget the hop that is not yet full."""
        self._held = np.zeros(0, np.float32)
