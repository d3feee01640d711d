"""A made-up RUN folder with every part that the report draws, of plausible numbers.

`python -m tests.trainer.report.made_up_run FOLDER` writes one to look at.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from trainer import scores as scoring
from trainer.storage import write_arrays, write_json

SIGNS = np.array([(1, 1), (-1, 1), (-1, -1), (1, -1)], dtype=np.float32)
CONDITIONS = ("room", "quiet", "noise", "capture", "all")
DATE = "2026-12-01T10:00:00+00:00"
STEP_S = 0.4


def recipe() -> dict[str, Any]:
    """Of recipe.json what matters, and something that the report must not trip over."""
    return {
        "features": {"rate": 24000},
        "model": {"kind": "forked", "cell": "gru", "units": 32, "dense": [32]},
        "corpora": ["4qaed", "soundtracks360"],
        "changes": ["room", "room"],
        "members": 5,
        "epochs": 40,
        "seed": 0,
    }


def info(name: str) -> dict[str, Any]:
    corpora = [
        {"name": "4qaed", "clips": 900, "seconds": 27000, "licence": "research"},
        {"name": "soundtracks360", "clips": 360, "seconds": 6120, "licence": "research"},
    ]
    command = "python -m trainer fit --out run"
    return {"format": 1, "name": name, "date": DATE, "commit": "0123abc", "command": command, "corpora": corpora}


def artist(songs: int = 900, films: int = 360, columns: int = 120, seed: int = 0) -> dict[str, np.ndarray]:
    """A cross-validation of `songs` clips with quadrants and `films` with ratings."""
    rng = np.random.default_rng(seed)
    n = songs + films
    quadrant = np.concatenate([np.arange(songs) % 4, np.full(films, -1)])
    centers = np.where((quadrant >= 0)[:, None], 0.45 * SIGNS[quadrant], 0.35 * rng.standard_normal((n, 2)))
    emotion = np.tanh(centers + 0.28 * rng.standard_normal((n, 2)) * (1.4, 0.8)).astype(np.float32)
    likely = np.exp(5 * emotion @ SIGNS.T)
    true = np.full((n, 8), np.nan, dtype=np.float32)
    true[songs:] = np.clip(0.4 * rng.standard_normal((films, 8)), -1, 1)
    true[songs:, :2] = np.clip(centers[songs:], -1, 1)
    told = np.where(np.isfinite(true), 0.6 * true, 0) + 0.2 * rng.standard_normal((n, 8))
    features = emotion @ rng.standard_normal((2, columns)) + rng.standard_normal((n, columns))
    names = [f"4qaed/MT{i:010d}" for i in range(songs)] + [f"soundtracks360/{i + 1:03d}" for i in range(films)]
    record = {
        "names": np.array(names),
        "groups": np.array([f"{name}-group" for name in names]),
        "fold": np.arange(n) % 10,
        "true_quadrant": quadrant.astype(np.int64),
        "true_ratings": true,
        "features": features.astype(np.float32),
        "emotion": emotion,
        "quadrant": (likely / likely.sum(axis=1, keepdims=True)).astype(np.float32),
        "ratings": told.astype(np.float32),
    }
    for condition in CONDITIONS:
        record[f"emotion@{condition}"] = record["emotion"]
        record[f"quadrant@{condition}"] = record["quadrant"]
    return record


def vgmidi(pieces: int = 12, seed: int = 1) -> dict[str, np.ndarray]:
    """Pieces with curves, the later ones told worse; the first steps of each are not rated."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(100, 400, pieces)
    true, told = [], []
    for number, length in enumerate(lengths):
        t = np.linspace(0, 6, length)[:, None]
        curve = 0.35 * np.sin(t * (0.5 + rng.random(2)) + 6 * rng.random(2)) + 0.2 * rng.standard_normal(2)
        away = 0.06 * number * np.cos(t + 6 * rng.random(2))
        told.append(0.7 * curve + away + 0.04 * rng.standard_normal((length, 2)))
        curve[:5] = np.nan
        true.append(curve)
    record = artist(pieces, 0, 6)
    record["names"] = np.array(
        [f"vgmidi/Final Quest {i}_NES_World of Ever Longer Names_Theme {i}" for i in range(pieces)]
    )
    return record | {
        "true_quadrant": np.full(pieces, -1),
        "step_s": np.array(STEP_S),
        "step_starts": np.cumsum([0, *lengths]),
        "step_true": np.concatenate(true).astype(np.float32),
        "step_told": np.concatenate(told).astype(np.float32),
    }


def sheet(record: dict[str, np.ndarray]) -> dict[str, Any]:
    """scores.json, its artist scores those of the record."""
    own = record["true_quadrant"] >= 0
    told = record["quadrant"][own].argmax(axis=1)
    found = {
        f"4qaed_{key}_artist": value for key, value in scoring.quadrants(record["true_quadrant"][own], told).items()
    }
    for axis, column in (("valence", 0), ("energy", 1)):
        film = ~own
        score = scoring.regression(record["true_ratings"][film, column], record["ratings"][film, column])
        found |= {f"soundtracks_{key}_{axis}": value for key, value in score.items()}
    for i, condition in enumerate(CONDITIONS):
        found[f"change_valence_{condition}"] = 0.05 + 0.02 * i
        found[f"change_arousal_{condition}"] = 0.04 + 0.03 * i
        found[f"4qaed_f1_{condition}"] = found["4qaed_f1_artist"] - 0.015 * i + 0.01
        found[f"4qaed_f1_loss_{condition}"] = 0.015 * i - 0.01
    for i in range(3):
        found[f"4qaed_accuracy_stratified_{i + 1}"] = found[f"4qaed_f1_stratified_{i + 1}"] = 0.66 + 0.01 * i
    more = {"4qaed_accuracy_stratified": 0.67, "4qaed_f1_stratified": 0.67, "4qaed_f1_stratified_sd": 0.0082}
    found |= more | {"4qaed_f1_check": 0.6312, "4qaed_accuracy_check": 0.64, "vgmidi_ccc_valence": -0.1234}
    intervals = {
        name: [value - 0.04, value + 0.04]
        for name, value in found.items()
        if ("_f1_" in name and not name.endswith("_sd")) or "_r2_" in name
    }
    origin = {"command": "python -m trainer evaluate run", "seed": 0, "date": DATE, "members": 5}
    return {
        "protocol": {"folds": 10, "artist": "4QAED: stratified folds grouped by artist", "members": 5},
        "scores": {name: round(value, 4) for name, value in found.items()},
        "intervals": intervals,
        "runs": dict.fromkeys(("artist", "stratified", "check", "stability"), origin),
        **origin,
    }


def log(epochs: int = 40, seed: int = 2) -> list[dict[str, Any]]:
    """Five members and twenty trainings of folds; one epoch stands there twice, as after an interruption."""
    rng = np.random.default_rng(seed)
    lines: list[dict[str, Any]] = []
    names: list[dict[str, Any]] = [{"member": i} for i in range(5)]
    names += [{"fold": f"artist_10_fold_{i}_member_{j}"} for i in range(10) for j in range(2)]
    for name in names:
        speed = 8 + 3 * rng.random()
        for epoch in range(1, epochs + 1):
            quadrant = 0.55 + 0.85 * np.exp(-epoch / speed) + 0.01 * rng.standard_normal()
            ratings = 0.5 + 0.5 * np.exp(-epoch / speed) + 0.01 * rng.standard_normal()
            losses = {"loss": quadrant + 0.3 * ratings, "quadrant": quadrant, "ratings": ratings}
            entry = {"time": DATE, **name, "epoch": epoch} | {key: round(value, 5) for key, value in losses.items()}
            if name == {"member": 0} and epoch == epochs:
                lines.append(entry | {"loss": 99.0})
            lines.append(entry)
    return lines


def stability(clips: int = 24, steps: int = 75, seed: int = 3) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    error = 0.25 * rng.random((clips, 1)) * np.exp(-np.arange(steps) / 12) + 0.01 * rng.random((clips, steps))
    return {"error": error.astype(np.float32), "step_s": np.array(STEP_S)}


def write(folder: Path, name: str = "made-up", songs: int = 900, films: int = 360) -> Path:
    """All of it into `folder`."""
    record = artist(songs, films)
    write_json(folder / "recipe.json", recipe())
    write_json(folder / "run.json", info(name))
    write_json(folder / "scores.json", sheet(record))
    (folder / "log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in log()))
    write_arrays(folder / "held_out" / "artist.npz", **record)
    write_arrays(folder / "held_out" / "vgmidi.npz", **vgmidi())
    write_arrays(folder / "held_out" / "stability.npz", **stability())
    return folder


if __name__ == "__main__":
    write(Path(sys.argv[1]))
