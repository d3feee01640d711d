"""A made-up dataset: frames that tell which clip and which frame they are."""

from pathlib import Path

import numpy as np

from device.features.spec import FeatureSpec
from trainer.corpora.clip import Clip
from trainer.dataset import Dataset, assemble
from trainer.recipe import ModelOptions, Recipe

SPEC = FeatureSpec(blocks=("flatness",), deltas=True)


def recipe(**changes: object) -> Recipe:
    """A recipe so small that a training takes a moment."""
    plain = {
        "features": SPEC,
        "model": ModelOptions(units=4, dense=(4,)),
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
            made.append(Clip(f"s{i}", "soundtracks360", Path(f"s{i}"), f"album {i // 4}", 0.25, -0.5))
        else:
            made.append(Clip(f"q{i}", "4qaed", Path(f"q{i}"), f"artist {i // 4}", quadrant=f"Q{1 + i // 2 % 4}"))
    return made


def dataset(used: Recipe, count: int = 12, shortest: int = 15) -> Dataset:
    """Column 0 of a frame is its clip's number, column 1 its own number within the clip."""
    frames = [
        np.stack([np.full(length, i), np.arange(length)], axis=1).astype(np.float32)
        for i, length in enumerate(range(shortest, shortest + 5 * count, 5))
    ]
    return assemble(clips(count), frames, used)
