"""Made-up sound, and a corpora folder with a small gate/ in the real layout."""

from pathlib import Path

import numpy as np
import soundfile

RATE = 24_000
PARTIALS = ((220.0, 1.0), (1_000.0, 1.7), (4_000.0, 2.3))
"""Frequencies and how often they come and go in a second, both in Hz."""


def music(seconds: float = 2.0, rate: int = RATE, level: float = 0.1) -> np.ndarray:
    """Three partials that come and go over a bit of noise, float32 [n]."""
    time = np.arange(round(seconds * rate)) / rate
    tones = sum(np.sin(2 * np.pi * hz * time) * (1 + np.sin(2 * np.pi * beat * time)) for hz, beat in PARTIALS)
    noise = np.random.default_rng(7).standard_normal(len(time))
    return (level * (0.4 * tones + 0.05 * noise)).astype(np.float32)


def decay(rt60_s: float, seconds: float, seed: int, rate: int = RATE) -> np.ndarray:
    """White noise that falls by 60 dB in rt60_s."""
    time = np.arange(round(seconds * rate)) / rate
    return np.random.default_rng(seed).standard_normal(len(time)) * 10 ** (-3 * time / rt60_s)


def render_gate(corpora: Path, count: int = 12) -> Path:
    """gate/ with `count` rooms, of which two do not fit, and twice as many noises, each recording in two takes."""
    gate = corpora / "gate"
    rooms, sounds = ["file,set,kind,rt60_t20_s"], ["file,kind,set,label,lang"]
    for number in range(count):
        kind, time = ("measured plate", 0.4) if number == 0 else ("room, measured", 2.0 if number == 1 else 0.3)
        file = f"rir/set{number}/room{number}.flac"
        rooms.append(f'{file},set{number},"{kind}",{time}')
        write(gate / file, 0.2 * decay(0.3, 0.4, number))
        for take in "AB":
            file = f"noise/esc50_subset/rain__{number}-{100 + number}-{take}.flac"
            sounds.append(f"{file},noise,esc50_subset,rain,")
            write(gate / file, 0.1 * np.random.default_rng(number).standard_normal(RATE))
    sounds.append("noise/esc50_subset/rooster__1-99-A.flac,noise,esc50_subset,rooster,")
    (gate / "rir_index.csv").write_text("\n".join(rooms) + "\n")
    (gate / "index.csv").write_text("\n".join(sounds) + "\n")
    return corpora


def write(path: Path, samples: np.ndarray) -> None:
    """FLAC, mono."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.clip(samples, -1, 1), RATE)
