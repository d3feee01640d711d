"""Blocks over mel bands: their level, and how much they rise at an onset."""

import numpy as np

from device.features.names import MEL_BANDS
from device.features.spec import FeatureSpec
from device.features.spectra import Array, Spectra, rise

LOWEST_HZ = 40.0
HIGHEST_HZ = 7_800.0
"""Below half of 16 kHz: band limits of codecs, microphones and rooms tell little of the music."""
FLOOR = 1e-10
"""Power that reads -100 dB: below what any microphone here resolves."""


def triangles(bins: int, rate: int) -> Array:
    """[bins, MEL_BANDS] overlapping triangles of unit sum, equally spaced in mel (O'Shaughnessy 1987)."""
    low, high = 2595 * np.log10(1 + np.array([LOWEST_HZ, min(HIGHEST_HZ, 0.49 * rate)]) / 700)
    edges = 700 * (10 ** (np.linspace(low, high, MEL_BANDS + 2) / 2595) - 1)
    hz = np.arange(bins) * rate / (2.0 * bins)
    rising = (hz[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - hz[:, None]) / (edges[2:] - edges[1:-1])
    weights = np.maximum(0.0, np.minimum(rising, falling))
    # A low band can be narrower than the spacing of the bins: it then reads the nearest bin.
    empty = np.flatnonzero(weights.sum(axis=0) == 0)
    weights[np.abs(hz[:, None] - edges[1:-1][empty]).argmin(axis=0), empty] = 1.0
    return weights / weights.sum(axis=0)


class LogMel:
    """[T, 40] mean power of each mel band, dB re a full-scale sine, at least -100."""

    def __init__(self, spec: FeatureSpec) -> None:
        self.weights = triangles(spec.window // 2, spec.rate)

    def reset(self) -> None:
        """Nothing is remembered."""

    def process(self, spectra: Spectra) -> Array:
        """[T, 40] of T frames."""
        return 10 * np.log10(spectra.hann_power @ self.weights + FLOOR)


class Onset:
    """[T, 1] mean rise of the mel bands since the frame before, dB; 0 in the first frame (after Dixon 2006)."""

    def __init__(self, spec: FeatureSpec) -> None:
        self.bands = LogMel(spec)
        self.previous: Array | None = None

    def reset(self) -> None:
        """Forget the frame before."""
        self.previous = None

    def process(self, spectra: Spectra) -> Array:
        """[T, 1] of T frames."""
        level = self.bands.process(spectra)
        change = rise(level, self.previous)
        self.previous = level[-1].copy()
        return np.asarray(np.add.reduce(np.maximum(change, 0.0), axis=1, keepdims=True) / MEL_BANDS)
