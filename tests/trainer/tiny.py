"""A tiny corpora folder with the real layouts: seconds of tones instead of music."""

import json
from pathlib import Path

import numpy as np
import soundfile

from tests.trainer.corpora.trees import midi

RATE = 24_000
PIECES, PIECE_S = 5, 4.0
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


def games(folder: Path) -> Path:
    """vgmidi with PIECES pieces of PIECE_S; their valence rises in four steps, their arousal falls."""
    own = folder / "vgmidi"
    pieces, annotations = {}, {}
    for number in range(PIECES):
        file = f"Game_NES_World{number}_Theme.mid"
        # Eight beats of half a second, higher in every piece.
        midi(own / "midi" / file, [(beat, 1.0, 55 + 3 * number + beat) for beat in range(8)])
        pieces[f"piece{number}"] = {"midi": file, "measures": 4}
        for annotator in range(3):
            # Pleasant and calm on the whole, all of them: five pieces can be balanced in one way only.
            valence = [-0.4 + 0.05 * number, 0.0, 0.3, 0.7 - 0.1 * annotator]
            arousal = [-value for value in valence]
            annotations[f"piece{number}_{annotator}"] = {"valence": valence, "arousal": arousal}
    for name, content in (("vgmidi_raw_1.json", pieces), ("vgmidi_raw_2.json", {})):
        (own / name).write_text(json.dumps({"pieces": content, "annotations": annotations if content else {}}))
    return folder
