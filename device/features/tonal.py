"""Block on harmony: which intervals sound, how clear the key is, and where its notes lie relative to the tonic.

Everything is the same in every key: what is felt in a harmony is its intervals, not its pitch. On film music these
columns alone explain more of the rated valence than all others together (benchmarks/blocks.py).
"""

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.fft import rfft

from device.features.names import INTERVALS, PITCH_CLASSES
from device.features.spec import FeatureSpec
from device.features.spectra import Array, Spectra

SHORTEST_S = 0.15
"""A semitone at 100 Hz is 6 Hz wide: the 50 ms of a frame cannot tell it, 150 ms and more can."""

LOWEST_HZ, HIGHEST_HZ = 80.0, 2_100.0
MIDDLE_C_MIDI = 60.0
REGISTER_SEMITONES = 15.0
"""Standard deviation of the weight around middle C: bass is too blurred and high partials too many to tell a chord."""
NOTE_SEMITONES = 0.35
"""Standard deviation of a pitch class' window: some vibrato and mistuning still count, the neighbors do not."""

MEMORY_S = 2.5
"""Time constant of what is heard as the present harmony."""

SILENT = 1e-9
"""Chroma below this sum is nothing: an amplitude far under the last bit of 24."""

# Probe-tone ratings of Krumhansl and Kessler (1982), C major and C minor, from C upwards.
MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)


def long_window(rate: int) -> int:
    """Samples of the block's own window: the power of two that lasts at least 150 ms."""
    return int(2 ** math.ceil(math.log2(SHORTEST_S * rate)))


def chroma_weights(window: int, rate: int) -> tuple[slice, Array]:
    """The bins that matter, and [bins, 12] how much each counts for every pitch class, C first, A = 440 Hz."""
    hz = np.arange(window // 2 + 1) * rate / window
    used = slice(int(np.searchsorted(hz, LOWEST_HZ)), int(np.searchsorted(hz, HIGHEST_HZ)))
    midi = 12 * np.log2(hz[used] / 440.0) + 69
    apart = (midi[:, None] - np.arange(PITCH_CLASSES) + 6) % 12 - 6
    note = np.exp(-0.5 * np.square(apart / NOTE_SEMITONES))
    return used, note * np.exp(-0.5 * np.square((midi - MIDDLE_C_MIDI) / REGISTER_SEMITONES))[:, None]


def key_profiles() -> Array:
    """[24, 12] the probe-tone profiles of all major, then all minor keys, of mean 0 and length 1."""
    profiles = np.array([np.roll(kind, key) for kind in (MAJOR, MINOR) for key in range(PITCH_CLASSES)])
    profiles -= profiles.mean(axis=1, keepdims=True)
    return np.asarray(profiles / np.linalg.norm(profiles, axis=1, keepdims=True))


class Tonal:
    """[T, 34] of T frames, from the last 0.15 s or more of sound; all 0 in silence, and never changed by the level.

    key_major, key_minor: correlation of the chroma of the last seconds with the best major and minor key profile
    (Krumhansl and Schmuckler, in Krumhansl 1990, ch. 4), -1 to 1; key_mode: their difference.
    degree_i: the share of the note i - 1 semitones above the tonic of the best key, over the same seconds.
    interval_i: autocorrelation of the present chroma at i semitones (0: how few notes; 3, 4: thirds; 6: tritones).
    rank_i: the present chroma's shares in rising order: the notes that sound, without saying which.
    """

    def __init__(self, spec: FeatureSpec) -> None:
        self.window, self.hop = long_window(spec.rate), spec.hop
        self._taper = np.hanning(self.window) / self.window
        self._used, self._weights = chroma_weights(self.window, spec.rate)
        self._profiles = key_profiles()
        self._keep = math.exp(-spec.hop_s / MEMORY_S)
        self._turns = (np.arange(PITCH_CLASSES)[:, None] + np.arange(PITCH_CLASSES)) % PITCH_CLASSES
        self.reset()

    def reset(self) -> None:
        """Forget the sound before."""
        self._fresh_start = True
        self._tail: Array = np.zeros(self.window)
        self._recent: Array = np.zeros(PITCH_CLASSES)

    def process(self, spectra: Spectra) -> Array:
        """[T, 34] of T frames."""
        chroma = self._chroma(spectra.frames)
        recent = self._smoothed(chroma)
        now, harmony = _shares(chroma), _shares(recent)
        fit = _unit(harmony - harmony.sum(axis=1, keepdims=True) / PITCH_CLASSES) @ self._profiles.T
        major, minor = fit[:, :PITCH_CLASSES].max(axis=1), fit[:, PITCH_CLASSES:].max(axis=1)
        tonic = fit.argmax(axis=1) % PITCH_CLASSES
        degrees = np.take_along_axis(harmony, self._turns[tonic], axis=1)
        intervals = (now[:, self._turns[:INTERVALS]] * now[:, None, :]).sum(axis=2)
        keys = np.stack((major, minor, major - minor), axis=1)
        return np.concatenate((keys, degrees, intervals, np.sort(now, axis=1)), axis=1)

    def _chroma(self, frames: Array) -> Array:
        # Frames may overlap: only the last hop of each is new, but all of the very first.
        fresh = frames[:, -self.hop :].reshape(-1)
        if self._fresh_start and self.hop < frames.shape[1]:
            before = frames[0, : -self.hop][-self.window :]
            self._tail[-len(before) :] = before
        self._fresh_start = False
        sound = np.concatenate([self._tail, fresh])
        self._tail = sound[-self.window :].copy()
        if len(fresh) == self.hop:  # a single frame is spared the bookkeeping of many
            views = self._tail[None]
        else:
            views = sliding_window_view(sound, self.window)[self.hop :: self.hop]
        magnitude = np.abs(rfft(views * self._taper, axis=1)[:, self._used])
        return np.asarray(magnitude @ self._weights)

    def _smoothed(self, chroma: Array) -> Array:
        out = np.empty_like(chroma)
        for i, row in enumerate(chroma):
            self._recent = self._keep * self._recent + (1 - self._keep) * row
            out[i] = self._recent
        return out


def _shares(chroma: Array) -> Array:
    total = chroma.sum(axis=1, keepdims=True)
    return np.where(total > SILENT, chroma / np.maximum(total, SILENT), 0.0)


def _unit(rows: Array) -> Array:
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(length, SILENT))
