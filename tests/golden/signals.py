"""The sounds on which our features are compared with pyAudioAnalysis: made here, or cut from the demo piece."""

import numpy as np
from numpy.typing import NDArray

SECONDS = 1.0


def normalized(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean 0 and peak 1, as pyAudioAnalysis makes every recording before it looks at it; silence stays."""
    x = x - x.mean()
    peak = np.abs(x).max()
    return x / peak if peak > 0 else x


def made(rate: int) -> dict[str, NDArray[np.float64]]:
    """Noise, tones, silence and clipping at `rate` Hz, one second each."""
    rng = np.random.default_rng(20261120)
    t = np.arange(int(SECONDS * rate)) / rate
    tone = np.sin(2 * np.pi * 440.0 * t)
    chord = sum(np.sin(2 * np.pi * f * t + f) / (i + 1) for i, f in enumerate((220.0, 277.2, 329.6, 440.0)))
    white = rng.standard_normal(len(t))
    gated = np.where((t % 0.4) < 0.2, white, 0.0)
    return {
        "white_noise": normalized(white),
        "brown_noise": normalized(np.cumsum(white) - np.linspace(0, white.sum(), len(t))),
        "tone": normalized(tone),
        "tone_on_a_bin": normalized(np.sin(2 * np.pi * 1000.0 * t)),
        "chord": normalized(np.asarray(chord)),
        "sweep": normalized(np.sin(2 * np.pi * (60.0 * t + (0.4 * rate - 60.0) / 2 * t**2))),
        "silence": np.zeros(len(t)),
        "noise_and_silence": normalized(gated),
        "clipped": normalized(np.clip(4.0 * tone + 0.2 * white, -1.0, 1.0)),
    }
