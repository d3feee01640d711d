"""Samples of any chunk size in, one feature vector a hop out."""

from typing import Protocol

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from device.features.mel import LogMel, Onset
from device.features.short_term import ShortTerm
from device.features.spec import FeatureSpec
from device.features.spectra import FRAMES_AT_ONCE, Array, Spectra, rise
from device.features.texture import Contrast, Flatness
from device.features.tonal import Tonal

LARGEST = 1e6
"""No sample of a real sound comes near this, in whatever unit; what is beyond counts as not finite."""


class Block(Protocol):
    """A group of columns."""

    def process(self, spectra: Spectra) -> Array: ...

    def reset(self) -> None: ...


_BLOCKS: dict[str, type] = {
    "short_term": ShortTerm,
    "log_mel": LogMel,
    "contrast": Contrast,
    "flatness": Flatness,
    "onset": Onset,
    "tonal": Tonal,
}


class FeatureExtractor:
    """Turns conditioned mono samples into frames; batch is one large chunk of the same.

    process(samples [n], any float or integer kind, full scale 1.0) -> float32 [frames, spec.width], frames 0 or more.
    Frame i ends at sample i * hop + window and sees nothing after it. Values that are not finite, or beyond any
    real sample (|x| > 1e6), are counted in `non_finite` and taken as silence.
    """

    def __init__(self, spec: FeatureSpec) -> None:
        self.spec = spec
        self._width = spec.width  # counted once: it is asked for with every block
        self._spectra = Spectra(spec.window)
        self._blocks: list[Block] = [_BLOCKS[name](spec) for name in spec.blocks]
        self.reset()

    def reset(self) -> None:
        """A fresh start: pending samples, the frame before and the count of non-finite samples are gone."""
        self.non_finite = 0
        self._pending: Array = np.empty(0)
        self._skip = 0
        self._previous: Array | None = None
        for block in self._blocks:
            block.reset()

    def process(self, samples: NDArray[np.generic]) -> NDArray[np.float32]:
        """Take the next samples [n]; return the frames [k, width] that they complete."""
        if samples.ndim != 1:
            raise ValueError(f"samples must be one-dimensional, not of shape {samples.shape}")
        fresh = self._clean(np.asarray(samples, dtype=np.float64))
        buffer = np.concatenate([self._pending, fresh]) if len(self._pending) else fresh
        if self._skip:
            dropped = min(self._skip, len(buffer))
            self._skip -= dropped
            buffer = buffer[dropped:]
        window, hop = self.spec.window, self.spec.hop
        count = max(0, (len(buffer) - window) // hop + 1)
        out = np.empty((count, self._width), dtype=np.float32)
        if not count:
            self._pending = buffer.copy()
            return out
        if hop == window:  # the usual case, and far cheaper for a single hop
            frames = buffer[: count * hop].reshape(count, window)
        else:
            frames = sliding_window_view(buffer, window)[::hop]
        for start in range(0, count, FRAMES_AT_ONCE):
            part = slice(start, min(start + FRAMES_AT_ONCE, count))
            out[part] = self._vectors(np.ascontiguousarray(frames[part]))
        used = count * hop
        self._skip += max(0, used - len(buffer))
        self._pending = buffer[used:].copy()
        return out

    def _clean(self, samples: Array) -> Array:
        # One pass in the usual case: a NaN, an infinity or a value beyond the limit makes the energy fail this.
        # (np.dot, unlike @, does not warn of them.)
        if np.dot(samples, samples) <= LARGEST**2:
            return samples
        bad = ~(np.abs(samples) <= LARGEST)
        self.non_finite += int(bad.sum())
        return np.where(bad, 0.0, samples)

    def _vectors(self, frames: Array) -> Array:
        self._spectra.load(frames)
        blocks = [block.process(self._spectra) for block in self._blocks]
        base = blocks[0] if len(blocks) == 1 else np.concatenate(blocks, axis=1)
        if not self.spec.deltas:
            return base
        change = rise(base, self._previous)
        self._previous = base[-1].copy()
        return np.concatenate([base, change], axis=1)


def extract(samples: NDArray[np.generic], spec: FeatureSpec) -> NDArray[np.float32]:
    """[frames, spec.width] of a whole recording [n], by the code that the lamp runs hop by hop."""
    return FeatureExtractor(spec).process(samples)
