"""The 34 short-term features of the lamp study, as pyAudioAnalysis 0.3.14 defines them.

Formulas: Giannakopoulos, "pyAudioAnalysis" (PLoS ONE 10(12), 2015), and the behaviour of release 0.3.14 where the
two differ. On purpose the same, although odd: the mel filters sit at half their nominal frequency, the chroma of a
semitone is that of its highest bin only, and no window is applied.

On purpose different: the reference first divides a whole recording by its peak and removes its mean, which needs the
future; here the samples come conditioned (device/hearing) and are taken as they are.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dct

from device.features.spec import FeatureSpec
from device.features.spectra import Array, Spectra

EPS = float(np.finfo(np.float64).eps)
ENTROPY_BLOCKS = 10
FEW = 4
"""Fewer frames than this are not worth a detour."""
ROLLOFF_SHARE = 0.90
MFCC_COUNT = 13
LOWEST_NOTE_HZ = 27.5


@lru_cache
def mel_filters(bins: int, rate: int) -> Array:
    """[40, bins] triangles: 13 linear from 133.33 Hz in steps of 66.67 Hz, 27 logarithmic by 1.0711703 (Slaney 1998).

    The reference takes bin k for k * rate / bins Hz, twice its true frequency; kept.
    """
    edges = np.empty(42)
    edges[:13] = 133.33 + np.arange(13) * 200.0 / 3.0
    edges[13:] = edges[12] * 1.0711703 ** np.arange(1, 30)
    low, center, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    k = np.arange(bins)
    hz = k * rate / bins
    first, middle, last = (np.floor(edge * bins / rate) for edge in (low, center, high))
    height = 2.0 / (high - low)
    rising = height / (center - low) * (hz - low)
    falling = height / (high - center) * (high - hz)
    zero = np.zeros_like(rising)
    return np.where((k > first) & (k <= middle), rising, zero) + np.where((k > middle) & (k <= last), falling, zero)


@lru_cache
def chroma_weights(bins: int, rate: int) -> tuple[NDArray[np.int_], Array]:
    """The bins that chroma reads, and [len(bins read), 12] weights from their power to the pitch classes (A first)."""
    hz = (np.arange(bins) + 1) * rate / (2.0 * bins)
    note = np.round(12.0 * np.log2(hz / LOWEST_NOTE_HZ)).astype(int)
    notes, sharing = np.unique(note, return_counts=True)
    sharing_of_bin = sharing[np.searchsorted(notes, note)]
    last_bin = {int(n): k for k, n in enumerate(note)}
    read = np.array(list(last_bin.values()))
    # Notes below 27.5 Hz are negative and count from the end of the reference's table of `bins` cells.
    cell = np.array(list(last_bin)) % bins
    weights = np.zeros((len(read), 12))
    # The reference divides by the count of the bin whose number is the note of the bin whose number is the cell.
    weights[np.arange(len(read)), cell % 12] = 1.0 / sharing_of_bin[note[cell]]
    return read, weights


def _entropy(parts: Array, total: Array) -> Array:
    """Entropy in bits of [T, n] parts of the [T] totals."""
    share = parts / (total + EPS)[:, None]
    return -np.einsum("tn,tn->t", share, np.log2(share + EPS))


def _energies(values: Array) -> tuple[Array, Array]:
    """[T, 10] energies of consecutive tenths of [T, n] values, and [T] of all (a remainder at the end included)."""
    count, length = len(values), values.shape[1] // ENTROPY_BLOCKS
    used = length * ENTROPY_BLOCKS
    # A batch of dot products: the fastest sum of squares that numpy has.
    parts = np.matmul(values[:, :used].reshape(-1, 1, length), values[:, :used].reshape(-1, length, 1))
    parts = parts.reshape(count, ENTROPY_BLOCKS)
    total = parts.sum(axis=1)
    if used < values.shape[1]:
        rest = values[:, used:]
        total += np.einsum("tn,tn->t", rest, rest)
    return parts, total


def _zero_crossings(frames: Array) -> Array:
    """[T] half the sum of |difference of signs|; touching zero counts a half."""
    count, length = frames.shape
    changes = np.zeros(frames.size, dtype=np.uint8)
    for side in (frames > 0, frames < 0):
        # Flat, over the ends of the frames too: that is the fast way; the column of those is not summed.
        flat = side.reshape(-1)
        changes[:-1] += flat[1:] != flat[:-1]
    return changes.reshape(count, length)[:, :-1].sum(axis=1, dtype=np.uint16) / 2


def _rolloff_bin(power: Array, tenths: Array, threshold: Array) -> Array:
    """[T] first bin whose cumulative power + EPS exceeds the [T] threshold (0 where none does).

    First the tenth of the bins by its energy, then the bin inside: a running sum over all bins is ten times as slow.
    """
    count, length = len(power), power.shape[1] // ENTROPY_BLOCKS
    limit = (threshold - EPS)[:, None]
    if count < FEW:
        return (power.cumsum(axis=1) > limit).argmax(axis=1)
    upto = np.zeros((count, ENTROPY_BLOCKS + 1))
    tenths.cumsum(axis=1, out=upto[:, 1:])
    tenth = (upto[:, 1:-1] <= limit).sum(axis=1)
    row = np.arange(count)
    inside = power[:, : length * ENTROPY_BLOCKS].reshape(count, ENTROPY_BLOCKS, length)[row, tenth]
    inside[:, 0] += upto[row, tenth]
    reached = inside.cumsum(axis=1) > limit
    first = tenth * length + reached.argmax(axis=1)
    # Not reached in the last tenth: only where the bins do not divide by ten, and the rest holds much power.
    late = ~reached[:, -1]
    if late.any():
        first[late] = (power[late].cumsum(axis=1) > limit[late]).argmax(axis=1)
    return first


class ShortTerm:
    """[T, 34] from spectra; remembers one spectrum, for the flux."""

    def __init__(self, spec: FeatureSpec) -> None:
        self.bins = spec.window // 2
        position = np.arange(1, self.bins + 1) / self.bins
        self.moments = np.stack([np.ones(self.bins), position, position**2], axis=1)
        filters = mel_filters(self.bins, spec.rate)
        self.mel_bins = int(np.flatnonzero(filters.any(axis=0))[-1]) + 1
        self.mel = np.ascontiguousarray(filters[:, : self.mel_bins].T)
        self.cepstrum = np.asarray(dct(np.eye(len(filters)), type=2, norm="ortho", axis=-1))[:, :MFCC_COUNT]
        self.chroma_bins, self.chroma = chroma_weights(self.bins, spec.rate)
        self.reset()

    def reset(self) -> None:
        """Forget the spectrum before."""
        self._last: tuple[Array, Array, Array] | None = None

    def process(self, spectra: Spectra) -> Array:
        """[T, 34] features of T frames."""
        frames, power, magnitude = spectra.frames, spectra.power, spectra.magnitude
        out = np.empty((len(frames), 34))
        count = frames.shape[1]
        tenths, energy = _energies(frames)
        out[:, 0] = _zero_crossings(frames) / (count - 1)
        out[:, 1] = energy / count
        out[:, 2] = _entropy(tenths, energy)

        zeroth, first, second = (magnitude @ self.moments).T
        weight = np.where(zeroth == 0, 1.0, zeroth)
        centroid = first / weight
        out[:, 3] = centroid
        out[:, 4] = np.sqrt(np.maximum(second / weight - centroid * centroid, 0.0))

        tenths, total = _energies(magnitude)
        out[:, 5] = _entropy(tenths, total)
        out[:, 6] = self._flux(magnitude, zeroth + self.bins * EPS, total)
        out[:, 7] = _rolloff_bin(power, tenths, ROLLOFF_SHARE * total) / self.bins

        out[:, 8:21] = np.log10(magnitude[:, : self.mel_bins] @ self.mel + EPS) @ self.cepstrum
        chroma = power[:, self.chroma_bins] @ self.chroma
        chroma /= np.where(total == 0, EPS, total)[:, None]
        out[:, 21:33] = chroma
        centered = chroma - chroma.sum(axis=1, keepdims=True) / 12
        out[:, 33] = np.sqrt(np.einsum("tc,tc->t", centered, centered) / 12)
        return out

    def _flux(self, magnitude: Array, sums: Array, energy: Array) -> Array:
        """[T] squared distance of each spectrum, divided by its sum, from the one before; 0 for the first of all.

        By |a - b|² = |a|² + |b|² - 2 a·b, which needs no pass over the spectra but the one for a·b.
        """
        if self._last is None:
            self._last = (magnitude[0].copy(), sums[:1], energy[:1])
        spectrum, last_sum, last_energy = self._last
        product = np.empty(len(magnitude))
        product[0] = magnitude[0] @ spectrum
        np.einsum("tb,tb->t", magnitude[1:], magnitude[:-1], out=product[1:])
        sums, energy = np.concatenate([last_sum, sums]), np.concatenate([last_energy, energy])
        size = energy / (sums * sums)
        self._last = (magnitude[-1].copy(), sums[-1:], energy[-1:])
        return np.maximum(size[1:] + size[:-1] - 2 * product / (sums[1:] * sums[:-1]), 0.0)
