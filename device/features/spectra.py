"""One transform for all blocks: frames of samples to magnitude and power spectra."""

import numpy as np
from numpy.typing import NDArray
from scipy.fft import rfft

Array = NDArray[np.float64]

FRAMES_AT_ONCE = 128
"""Frames that are worked on together: their spectra still fit a core's cache."""


class Spectra:
    """What the blocks share of a run of at most FRAMES_AT_ONCE frames.

    The spectra have window // 2 bins, bin k at k * rate / window Hz; the Nyquist bin is left out. All arrays are
    views of memory that the next `load` writes over: asking the system for fresh pages costs more than the sums.
    """

    def __init__(self, window: int) -> None:
        self.bins = window // 2
        self._memory = np.empty((3, FRAMES_AT_ONCE, self.bins))

    def load(self, frames: Array) -> None:
        """Take frames [T, window] float64 and transform them, under the rectangular window.

        `magnitude` [T, bins] is scaled as pyAudioAnalysis scales it (1 / bins); `power` is its square.
        """
        self.frames = frames
        self._spectrum = rfft(frames, axis=1)[:, : self.bins]
        self.magnitude, self.power, self._hann_power = self._memory[:, : len(frames)]
        self._has_hann = False
        np.abs(self._spectrum, out=self.magnitude)
        self.magnitude *= 1.0 / self.bins
        np.multiply(self.magnitude, self.magnitude, out=self.power)

    @property
    def hann_power(self) -> Array:
        """[T, bins] power under a Hann window; a full-scale sine reads 1 (0 dB) at its bin. Made when first asked for.

        Multiplying by a Hann window is convolving the rectangular spectrum with (-1/4, 1/2, -1/4)
        (Harris 1978, "On the use of windows", sec. V-C): no second transform is needed.
        """
        if not self._has_hann:
            spectrum = self._spectrum
            hann = 0.5 * spectrum
            hann[:, 1:] -= 0.25 * spectrum[:, :-1]
            hann[:, :-1] -= 0.25 * spectrum[:, 1:]
            # Real input: the bin below 0 is the conjugate of bin 1.
            hann[:, 0] -= 0.25 * spectrum[:, 1].conj()
            np.abs(hann, out=self._hann_power)
            np.square(self._hann_power, out=self._hann_power)
            self._hann_power *= (4.0 / self.frames.shape[1]) ** 2
            self._has_hann = True
        return self._hann_power


def rise(rows: Array, before: Array | None) -> Array:
    """[T, n] change of each row since the one before; `before` [n] precedes the first, None stands for no change."""
    change = np.empty_like(rows)
    change[0] = 0.0 if before is None else rows[0] - before
    np.subtract(rows[1:], rows[:-1], out=change[1:])
    return change
