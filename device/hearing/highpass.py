"""HighPass: takes the constant part and the slowest rumble out of a sound."""

import math

import numpy as np
from numpy.typing import NDArray

BLOCK = 32
"""Samples that one row of the matrix product works on."""


class HighPass:
    """One pole: y[n] = g (x[n] - x[n-1]) + r y[n-1], r = exp(-2 pi cutoff / rate), g = (1 + r) / 2 (gain 1 at Nyquist).

    The recursion runs over blocks of samples by a matrix of the powers of r; scipy.signal's filter would do the same,
    but loading it takes half a second on a workstation, many times that on a small Pi, and tens of megabytes.
    """

    def __init__(self, cutoff_hz: float, rate: int) -> None:
        self._pole = math.exp(-2 * math.pi * cutoff_hz / rate)
        self._gain = (1 + self._pole) / 2
        steps = np.arange(BLOCK)
        later = steps[None, :] - steps[:, None]
        self._powers = np.where(later >= 0, self._pole ** np.maximum(later, 0), 0.0)
        self._decay = self._pole ** (steps + 1.0)
        self.reset()

    def reset(self) -> None:
        """As if silence had gone before."""
        self._input = self._output = 0.0

    def process(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Samples [n] to [n], the same under any chunking to within the rounding of float32."""
        count = len(samples)
        if count == 0:
            return samples
        blocks = -(-count // BLOCK)
        drive = np.zeros(blocks * BLOCK)
        drive[0] = samples[0] - self._input
        np.subtract(samples[1:], samples[:-1], out=drive[1:count], dtype=np.float64)
        drive *= self._gain
        out = drive.reshape(blocks, BLOCK) @ self._powers
        # What each block inherits from the one before.
        carry, inherited = self._output, []
        across = float(self._decay[-1])
        for last in out[:, -1].tolist():
            inherited.append(carry)
            carry = last + across * carry
        out += np.array(inherited)[:, None] * self._decay
        flat = out.reshape(-1)[:count]
        self._input, self._output = float(samples[-1]), float(flat[-1])
        return flat.astype(np.float32)
