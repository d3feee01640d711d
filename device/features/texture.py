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

    def reset(self) -> None:
        """Nothing is remembered."""

    def process(self, spectra: Spectra) -> Array:
        """[T, 6] of T frames."""
        out = np.empty((len(spectra.frames), CONTRAST_BANDS))
        for column, band in enumerate(self.bands):
            ordered = np.sort(spectra.hann_power[:, band], axis=1)
            some = max(1, round(NEIGHBORHOOD * ordered.shape[1]))
            peak, valley = ordered[:, -some:].mean(axis=1), ordered[:, :some].mean(axis=1)
            out[:, column] = 10 * np.log10((peak + FLOOR) / (valley + FLOOR))
        return out


class Flatness:
    """[T, 1] geometric over arithmetic mean of the power below 7.8 kHz, 0 to 1 (Johnston 1988); silence reads 1."""

    def __init__(self, spec: FeatureSpec) -> None:
        self.bins = int(min(HIGHEST_HZ, 0.49 * spec.rate) * spec.window / spec.rate)

    def reset(self) -> None:
        """Nothing is remembered."""

    def process(self, spectra: Spectra) -> Array:
        """[T, 1] of T frames."""
        power = spectra.hann_power[:, 1 : self.bins] + FLOOR
        return np.asarray(np.exp(np.log(power).mean(axis=1, keepdims=True)) / power.mean(axis=1, keepdims=True))
