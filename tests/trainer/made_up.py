"""A made-up dataset: frames that tell which clip, which step and which hearing they are."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from device.features.spec import FeatureSpec
from trainer.corpora.clip import Clip, Curve
from trainer.dataset import Dataset, assemble
from trainer.recipe import ModelOptions, Recipe

SPEC = FeatureSpec(blocks=("flatness",), deltas=True)
"""Two columns, so a pooled frame has four; a louder sound changes none of them."""

CALM = {"gain_db": 0.0, "coloring": 0.0, "noise": 0.0, "join": 0.0}
"""Frames stay as they are."""


def recipe(**changes: object) -> Recipe:
    """A recipe so small that a training takes a moment; a step lasts 0.1 s."""
    plain = {
        "features": SPEC,
        "model": ModelOptions(units=4, dense=(4,)),
        "changes": (),
        "pool_hops": 2,
        "epochs": 2,
        "members": 2,
        "batch": 4,
        "crop_s": 2.0,
        "warmup_s": 0.5,
    }
    return Recipe(**{**plain, **changes})


def clips(count: int) -> list[Clip]:
    """Quadrant clips and rated clips by turns; two clips share a group."""
    made = []
    for i in range(count):
        if i % 2:
            valence, energy = np.random.default_rng(i).uniform(-1, 1, 2)
            others = (("tension", float(-valence)), ("sad", 0.25)) if i % 4 == 1 else ()
            album = f"album {i // 4}"
            made.append(
                Clip(f"s{i}", "soundtracks360", Path(f"s{i}"), album, float(valence), float(energy), ratings=others)
            )
        else:
            made.append(Clip(f"q{i}", "4qaed", Path(f"q{i}"), f"artist {i // 4}", quadrant=f"Q{1 + i // 2 % 4}"))
    return made


def pieces(count: int, seconds: float = 3.0) -> list[Clip]:
    """Clips of VGMIDI: valence rises over the piece, arousal falls, and every piece has its own level."""
    made = []
    for i in range(count):
        times = np.arange(0.5, seconds + 0.01, 0.5)
        valence = np.linspace(-0.5, 0.5, len(times)) + 0.05 * i
        curve = Curve(tuple(times.tolist()), tuple(valence.tolist()), tuple((-valence).tolist()))
        made.append(Clip(f"p{i}", "vgmidi", Path(f"p{i}"), f"piece {i}", *curve.mean, curve=curve))
    return made


def frames(
    count: int, shortest: int = 15, longer: int = 3, paces: Sequence[float] = (1.0,), seed: int | None = None
) -> list[list[np.ndarray]]:
    """Column 0 is the clip's number, 1 the step's number within the clip, 2 the hearing's, 3 noise if seeded, else 7.

    Clip i has `shortest` + i * `longer` steps in the first hearing, and `pace` times as many in the others.
    """
    heard = []
    for number, pace in enumerate(paces):
        own = []
        for i in range(count):
            steps = round(pace * (shortest + longer * i))
            noise = 7 + (0 if seed is None else np.random.default_rng((seed, number, i)).standard_normal(steps))
            columns = [np.full(steps, i), np.arange(steps), np.full(steps, number), np.broadcast_to(noise, steps)]
            own.append(np.stack(columns, axis=1).astype(np.float32))
        heard.append(own)
    return heard


def dataset(
    used: Recipe,
    count: int = 12,
    paces: Sequence[float] = (1.0,),
    own: Sequence[Clip] | None = None,
    shortest: int = 15,
) -> Dataset:
    """`count` clips, or those given, heard in as many ways as there are paces."""
    given = clips(count) if own is None else list(own)
    return assemble(given, frames(len(given), shortest, paces=paces), used)


def learnable(used: Recipe, given: Sequence[Clip], steps: int = 30, seed: int = 0) -> Dataset:
    """Clips whose frames tell their labels, with noise: columns 0 and 1 are valence and arousal."""
    rng = np.random.default_rng(seed)
    signs = {"Q1": (1, 1), "Q2": (-1, 1), "Q3": (-1, -1), "Q4": (1, -1)}
    own = []
    for clip in given:
        point = signs[clip.quadrant] if clip.quadrant else (clip.valence, clip.arousal)
        told = np.concatenate([np.array(point, dtype=float), [0, 0]])
        own.append((told + 0.3 * rng.standard_normal((steps, 4))).astype(np.float32))
    return assemble(given, [own], used)
