"""A tiny corpora folder with the real layouts: seconds of tones instead of music."""

from pathlib import Path

import numpy as np
import soundfile

RATE = 24_000
QUADRANTS = ("Q1", "Q2", "Q3", "Q4")


def tone(seconds: float, hz: float, level: float, seed: int) -> np.ndarray:
    """A trembling tone with a little noise."""
    t = np.arange(round(seconds * RATE)) / RATE
    noise = np.random.default_rng(seed).standard_normal(len(t))
    wave = np.sin(2 * np.pi * hz * t) * (1 + 0.5 * np.sin(2 * np.pi * 3 * t))
    return (level * (0.6 * wave + 0.1 * noise)).astype(np.float32)


def write_sound(path: Path, samples: np.ndarray) -> None:
    """Ogg Vorbis, whatever the name says; libsndfile tells formats by content."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, RATE, format="OGG", subtype="VORBIS")


def render(folder: Path, per_quadrant: int = 2, films: int = 4, seconds: float = 3.0) -> Path:
    """4qaed with `per_quadrant` clips of each quadrant and soundtracks360 with `films` excerpts, each its own group."""
    qaed, film = folder / "4qaed", folder / "soundtracks360"
    songs = ["Song,Quadrant"]
    metadata = ['"Song","Artist","Title"']
    for number in range(4 * per_quadrant):
        name, quadrant = f"MT{number:010d}", QUADRANTS[number % 4]
        songs.append(f"{name},{quadrant}")
        metadata.append(f'"{name}","Béla {number}","Piece {number}"')
        high, loud = quadrant in ("Q1", "Q4"), quadrant in ("Q1", "Q2")
        sound = tone(seconds, 880 if high else 220, 0.5 if loud else 0.05, number)
        write_sound(qaed / "audio" / f"{name}.opus", sound)
    (qaed / "annotations.csv").write_text("\n".join(songs) + "\n", encoding="utf-8")
    (qaed / "metadata.csv").write_text("\n".join(metadata) + "\n", encoding="latin-1")
    ratings = [",Number,Valence,Energy,Tension,Album name"]
    for number in range(1, films + 1):
        energy = 1 + 5 * number / films
        ratings.append(f"{number - 1},{number},{7 - energy:.2f},{energy:.2f},3.0,Film {number}")
        write_sound(film / "audio" / f"{number:03d}.opus", tone(seconds, 440, 0.1 * energy, 100 + number))
    (film / "ratings.csv").write_text("\n".join(ratings) + "\n", encoding="utf-8")
    return folder
