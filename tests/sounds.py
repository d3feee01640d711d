"""Made-up sounds, mono float32 at 48 kHz, each the same for the same seed."""

import numpy as np
from numpy.typing import NDArray
from scipy import signal

RATE = 48_000
Samples = NDArray[np.float32]


def talk(seed: int, seconds: float) -> Samples:
    """Something like speech: a buzzing glottis that glides, syllables of three formants, hisses and pauses."""
    rng = np.random.default_rng(seed)
    wanted = round(seconds * RATE)
    parts: list[NDArray[np.float64]] = []
    while sum(map(len, parts)) < wanted:
        count = int(rng.uniform(0.08, 0.25) * RATE)
        t = np.arange(count) / RATE
        if rng.random() < 0.2:
            sound = signal.sosfilt(
                signal.butter(2, 3500, "highpass", fs=RATE, output="sos"), rng.standard_normal(count)
            )
            sound *= 0.1
        else:
            pitch = rng.uniform(90, 160) * (1 + rng.uniform(-0.8, 0.8) * t)
            source = np.diff(np.floor(np.cumsum(pitch) / RATE), prepend=0) - pitch / RATE
            sound = np.zeros(count)
            for hz, wide in (
                (rng.uniform(300, 800), 80),
                (rng.uniform(900, 2200), 120),
                (rng.uniform(2300, 3000), 180),
            ):
                b, a = signal.iirpeak(hz, hz / wide, fs=RATE)
                sound += signal.lfilter(b, a, source)
        sound = sound / (np.abs(sound).max() + 1e-9) * np.hanning(count) * rng.uniform(0.2, 1)
        parts.append(sound)
        if rng.random() < 0.35:
            parts.append(np.zeros(int(rng.uniform(0.05, 0.4) * RATE)))
    whole = np.concatenate(parts)[:wanted]
    return (0.3 * whole + 0.0005 * rng.standard_normal(wanted)).astype(np.float32)


def fan(seed: int, seconds: float) -> Samples:
    """A ventilator: brownish noise."""
    noise = np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    low = signal.sosfilt(signal.butter(1, 300, "lowpass", fs=RATE, output="sos"), noise)
    return (0.05 * low / low.std()).astype(np.float32)


def rain(seed: int, seconds: float) -> Samples:
    """White noise."""
    return (0.05 * np.random.default_rng(seed).standard_normal(round(seconds * RATE))).astype(np.float32)
