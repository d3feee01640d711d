"""Bands: how loud each hop of the sound is in each half octave."""

import numpy as np
from numpy.typing import NDArray

FLOOR_DB = -75.0
"""No band is told to be quieter: what begins below it, nobody hears."""
LOWEST_HZ, COUNT = 60.0, 14
_EDGE = 0.125  # share of the hop over which it fades in, and out


class Bands:
    """The levels of every hop of `hop` samples in 14 half octaves from 60 Hz to 7.7 kHz, as far as the rate goes.

    Hops are taken one by one, without overlap: what begins in a hop is known at its end. Raises ValueError for a hop
    that is too short to tell any two bands apart.
    """

    _held: NDArray[np.float32]

    def __init__(self, rate: int, hop: int) -> None:
        edges_hz = LOWEST_HZ * 2.0 ** (np.arange(COUNT + 1) / 2)
        edges = np.unique(np.ceil(edges_hz[edges_hz <= rate / 2] * hop / rate).astype(int))
        if hop < 1 or len(edges) < 3:
            raise ValueError(f"{hop} samples at {rate} Hz are too few for bands")
        self._hop, self._edges = hop, edges
        fade = np.sin(np.pi / 2 * (np.arange(round(_EDGE * hop)) + 0.5) / max(1, round(_EDGE * hop))) ** 2
        window = np.ones(hop)
        window[: len(fade)], window[hop - len(fade) :] = fade, fade[::-1]
        self._window = window.astype(np.float32)
        self._scale = 2.0 / (hop * float(np.sum(window**2)))
        self.silence: NDArray[np.float64] = np.full(len(edges) - 1, FLOOR_DB)
        self.reset()

    def process(self, samples: NDArray[np.float32]) -> NDArray[np.float64]:
        """Samples [n], any n, to the levels [m, bands] in dBFS of the m hops that are now full."""
        held = np.concatenate((self._held, np.asarray(samples, np.float32)))
        full = len(held) // self._hop * self._hop
        if not full:
            self._held = held
            return np.zeros((0, len(self._edges) - 1))
        self._held = held[full:].copy()
        spectrum = np.fft.rfft(held[:full].reshape(-1, self._hop) * self._window, axis=1)
        power = np.square(spectrum.real) + np.square(spectrum.imag)
        bands = np.add.reduceat(power[:, : self._edges[-1]], self._edges[:-1], axis=1)
        return np.asarray(10.0 * np.log10(np.maximum(self._scale * bands, 10 ** (FLOOR_DB / 10))))

    def reset(self) -> None:
        """Forget the hop that is not yet full."""
        self._held = np.zeros(0, np.float32)
