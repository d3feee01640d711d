"""Noise beside the music: made up, or laid out from a recording."""

import math

import numpy as np
import scipy.fft
from numpy.typing import NDArray

Samples = NDArray[np.float32]

BLEND_S = 0.05
LOWEST_HZ = 30.0
"""Coloured noise rises no further below this."""


def coloured(count: int, slope: float, rate: int, rng: np.random.Generator) -> Samples:
    """Noise [count] of RMS 1 whose power falls as 1 / f**slope: 0 is white, 1 pink, 2 brown."""
    size = scipy.fft.next_fast_len(max(count, 16), real=True)
    bins = size // 2 + 1
    shape = np.maximum(np.arange(bins, dtype=np.float32) * (rate / size), LOWEST_HZ) ** np.float32(-slope / 2)
    parts = rng.standard_normal((bins, 2), dtype=np.float32)
    parts[0] = 0
    spectrum = shape * parts.view(np.complex64)[:, 0]
    sound = scipy.fft.irfft(spectrum, size)
    return np.asarray(sound / np.sqrt(np.mean(np.square(sound))), np.float32)[:count]


def hum(count: int, mains_hz: int, rate: int, rng: np.random.Generator) -> Samples:
    """The mains [count] of RMS about 1: twelve harmonics with random phases, on average 6 dB less for each doubling."""
    time = np.arange(rate) / rate
    second = np.zeros(rate)
    for order in range(1, 13):
        level, phase = rng.rayleigh(1 / order), rng.uniform(0, 2 * math.pi)
        second += level * np.sin(2 * math.pi * order * mains_hz * time + phase)
    return np.resize(second.astype(np.float32), count)


def laid_out(recorded: Samples, count: int, rate: int, rng: np.random.Generator) -> Samples:
    """A recording [n], repeated from a random place until there are `count` samples, each repeat blended into the last.

    The blend keeps the power (quarter sine), since the two ends have nothing to do with each other.
    """
    blend = min(round(BLEND_S * rate), len(recorded) // 2)
    period = len(recorded) - blend
    ramp = np.sin(np.linspace(0, math.pi / 2, blend, dtype=np.float32))
    loop = recorded[:period].copy()
    loop[:blend] = loop[:blend] * ramp + recorded[period:] * ramp[::-1]
    return np.resize(np.roll(loop, -int(rng.integers(period))), count)
