"""The low-pass filter of a change of rate, cut into one short filter for each phase."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import i0

from device.errors import InputError

STOP_BAND_DB = 90.0
"""Attenuation the design aims at; what is measured stays below -80 dB."""
PASS_BAND = 0.9
"""Flat up to this part of the lower Nyquist frequency; the stop band begins at that frequency itself."""
MAX_COEFFICIENTS = 8_000_000
"""The largest table that is still made (32 MB)."""


def reach(rate_in: int, rate_out: int) -> int:
    """Inputs that an output needs on either side of its own time.

    Half the length of a Kaiser design (Kaiser 1974): N = (A - 7.95) / (2.285 * width of the transition in radians).
    """
    nyquist = min(rate_in, rate_out) / 2
    width = 2 * math.pi * (1 - PASS_BAND) * nyquist / rate_in
    return math.ceil((STOP_BAND_DB - 7.95) / (2.285 * width) / 2) + 1


def phase_filters(rate_in: int, rate_out: int) -> NDArray[np.float32]:
    """The filters, [phases, 2 * reach]; output k is phase (k * down) % phases of rate_in / rate_out = down / phases.

    Row p, applied to the inputs i - reach + 1 … i + reach, gives the sound at the time (i + p / phases) / rate_in.
    Every row sums to 1, so that a constant stays exactly that constant.
    Raises InputError when the two rates share so few factors that the table would be huge.
    """
    phases = rate_out // math.gcd(rate_in, rate_out)
    half = reach(rate_in, rate_out)
    if phases * 2 * half > MAX_COEFFICIENTS:
        raise InputError(
            f"Sound with {rate_in} samples a second cannot be brought to {rate_out}; "
            "convert it to 44100 or 48000 first."
        )
    # Distance in inputs from each tap to the output's time.
    distance = np.arange(phases)[:, None] / phases - (np.arange(2 * half) - half + 1)
    beta = 0.1102 * (STOP_BAND_DB - 8.7)
    window = i0(beta * np.sqrt(np.maximum(1 - (distance / half) ** 2, 0))) / i0(beta)
    # Twice the middle of the transition, in cycles per input.
    cutoff = (1 + PASS_BAND) / 2 * min(rate_in, rate_out) / rate_in
    filters = np.sinc(cutoff * distance) * window
    filters /= filters.sum(axis=1, keepdims=True)
    return np.asarray(filters, np.float32)
