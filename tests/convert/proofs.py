"""Runs with held-out folds, as the trainer leaves them. Imports TensorFlow."""

import json
from pathlib import Path

import keras
import numpy as np
import pytest

from convert.__main__ import main
from convert.frames import wandering_frames
from device.emotion.bundle import load_bundle
from device.emotion.card import Card
from tests.convert.small_models import WIDTH, three_headed

UNITS = 40
STEPS = 40
"""Of a held-out clip."""


def write_proof(run: Path, folds: int = 2, clips: int = 12) -> None:
    """Held-out clips as the trainer leaves them, whose labels are what the networks themselves say, more or less."""
    folder = run / "proof"
    folder.mkdir()
    rng = np.random.default_rng(0)
    listed = []
    for fold in range(folds):
        members = ensemble(fold)
        names = [f"artist_{folds}_fold_{fold}_member_{i}.keras" for i in range(len(members))]
        for name, member in zip(names, members, strict=True):
            member.save(folder / name)
        frames = rng.standard_normal((clips, STEPS, WIDTH)).astype(np.float32)
        told = np.mean([keras.tree.map_structure(np.asarray, m(frames)[1]) for m in members], axis=0)
        rated = np.mean([np.asarray(m(frames)[2]) for m in members], axis=0)[:, 5:].mean(axis=1)[:, :2]
        known = np.arange(clips) % 2 == 0
        np.savez(
            folder / f"artist_{folds}_fold_{fold}.npz",
            frames=frames.reshape(-1, WIDTH),
            starts=STEPS * np.arange(clips + 1),
            corpus=np.where(known, "songs", "films"),
            quadrant=np.where(known, told[:, 5:].mean(axis=1).argmax(axis=1), -1),
            ratings=np.where(known[:, None], np.nan, 2 * rated + 1).astype(np.float32),
            offset=np.ones((clips, 2), np.float32),
            spread=np.full((clips, 2), 2.0, np.float32),
        )
        listed.append({"held_out": f"artist_{folds}_fold_{fold}.npz", "networks": names})
    proof = {"protocol": "artist", "recipe": {}, "warmup_steps": 5, "scores": {"films_r2_energy": 1.0}, "folds": listed}
    (folder / "proof.json").write_text(json.dumps(proof))


def ensemble(fold: int = 9) -> list[keras.Model]:
    return [three_headed(units=UNITS, seed=10 * fold + i) for i in range(2)]


def converted(run: Path, out: Path, capfd: pytest.CaptureFixture[str], *options: str) -> tuple[Card, str]:
    """The card of a conversion that ends well, and what was said."""
    assert main([str(run), "--out", str(out), *options]) == 0
    return load_bundle(out).card, capfd.readouterr().out


def real_frames() -> np.ndarray:
    """Twenty minutes that pass for recorded ones."""
    return wandering_frames(3000, np.zeros(WIDTH, np.float32), np.ones(WIDTH, np.float32), seed=1)
