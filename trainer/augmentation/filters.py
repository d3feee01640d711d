"""Recursive filters of second order: what loudspeakers and microphones do to a spectrum."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy import signal

Samples = NDArray[np.float32]
Sections = NDArray[np.float64]
"""[sections, 6], as scipy.signal.sosfilt takes them."""


def high_pass(hz: float, order: int, rate: int) -> Sections:
    """Butterworth, -3 dB at hz."""
    return np.asarray(signal.butter(order, hz, "highpass", fs=rate, output="sos"))


def low_pass(hz: float, order: int, rate: int) -> Sections:
    """Butterworth, -3 dB at hz."""
    return np.asarray(signal.butter(order, hz, "lowpass", fs=rate, output="sos"))


def peak(hz: float, gain_db: float, q: float, rate: int) -> Sections:
    """A bell of gain_db around hz (R. Bristow-Johnson, Audio EQ Cookbook, "peakingEQ")."""
    a = 10.0 ** (gain_db / 40.0)
    w = 2 * math.pi * hz / rate
    alpha = math.sin(w) / (2 * q)
    b = np.array([1 + alpha * a, -2 * math.cos(w), 1 - alpha * a])
    c = np.array([1 + alpha / a, -2 * math.cos(w), 1 - alpha / a])
    return np.concatenate([b, c])[None] / c[0]


def high_shelf(hz: float, gain_db: float, rate: int) -> Sections:
    """gain_db above hz, half of it at hz (Audio EQ Cookbook, "highShelf" with slope 1)."""
    a = 10.0 ** (gain_db / 40.0)
    w = 2 * math.pi * hz / rate
    cos, root = math.cos(w), 2 * math.sqrt(a) * math.sin(w) / math.sqrt(2)
    b = a * np.array([a + 1 + (a - 1) * cos + root, -2 * (a - 1 + (a + 1) * cos), a + 1 + (a - 1) * cos - root])
    c = np.array([a + 1 - (a - 1) * cos + root, 2 * (a - 1 - (a + 1) * cos), a + 1 - (a - 1) * cos - root])
    return np.concatenate([b, c])[None] / c[0]


class Cascade:
    """Filters one after the other, from rest."""

    def __init__(self, *parts: Sections) -> None:
        self.sections = np.concatenate(parts)

    def process(self, samples: Samples) -> Samples:
        """Samples [n] to [n]."""
        return np.asarray(signal.sosfilt(self.sections, samples), np.float32) if len(samples) else samples

    def gain_db(self, hz: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
        """The gain in dB at the given frequencies."""
        _, response = signal.sosfreqz(self.sections, hz, fs=rate)
        return 20 * np.log10(np.maximum(np.abs(response), 1e-9))
