"""Blocks on how tonal or noisy a spectrum is: contrast and flatness."""

from itertools import pairwise

import numpy as np

from device.features.mel import FLOOR, HIGHEST_HZ
from device.features.names import CONTRAST_BANDS
from device.features.spec import FeatureSpec
from device.features.spectra import Array, Spectra

LOWEST_OCTAVE_HZ = 200.0
NEIGHBORHOOD = 0.2
"""Share of a band's bins that count as its peaks, and as its valleys."""


class Contrast:
    """[T, 6] mean level of the strongest fifth of the bins over that of the weakest, dB, in octave bands.

    Jiang et al., "Music type classification by spectral contrast feature" (ICME 2002), eq. 1-3; bands 0-200 Hz,
    then octaves up to 6.4 kHz.
    """

    def __init__(self, spec: FeatureSpec) -> None:
        edges_hz = np.concatenate([[0.0], LOWEST_OCTAVE_HZ * 2.0 ** np.arange(CONTRAST_BANDS)])
        edges = np.round(edges_hz * spec.window / spec.rate).astype(int)
        self.bands = [slice(low, max(high, low + 2)) for low, high in pairwise(edges)]
        # How many bins of each band are its peaks.
        self.some = np.array([max(1, round(NEIGHBORHOOD * (band.stop - band.start))) for band in self.bands])

    def reset(self) -> None:
        """Nothing is remembered."""

    def process(self, spectra: Spectra) -> Array:
        """[T, 6] of T frames."""
        peak, valley = np.empty((2, len(spectra.frames), CONTRAST_BANDS))
        power = spectra.hann_power
        for column, (band, some) in enumerate(zip(self.bands, self.some.tolist(), strict=True)):
            ordered = np.sort(power[:, band], axis=1)
            # Not mean(), whose own bookkeeping takes longer than so short a sum.
            np.add.reduce(ordered[:, -some:], axis=1, out=peak[:, column])
            np.add.reduce(ordered[:, :some], axis=1, out=valley[:, column])
        return np.asarray(10 * np.log10((peak / self.some + FLOOR) / (valley / self.some + FLOOR)))


class Flatness:
    """[T, 1] geometric over arithmetic mean of the power below 7.8 kHz, 0 to 1 (Johnston 1988); silence reads 1."""

    def __init__(self, spec: FeatureSpec) -> None:
        self.bins = int(min(HIGHEST_HZ, 0.49 * spec.rate) * spec.window / spec.rate)

    def reset(self) -> None:
        """Nothing is remembered."""

    def process(self, spectra: Spectra) -> Array:
        """[T, 1] of T frames."""
        power = spectra.hann_power[:, 1 : self.bins] + FLOOR
        count = self.bins - 1
        level = np.add.reduce(np.log(power), axis=1, keepdims=True) / count
        return np.asarray(np.exp(level) / (np.add.reduce(power, axis=1, keepdims=True) / count))
