"""A small, made-up network of the ear."""

from pathlib import Path

import msgspec
import numpy as np

from device.features.spec import FeatureSpec
from device.hearing.sound_card import CARD_FILE, WEIGHTS_FILE, Patience, SoundCard, digest

SPEC = FeatureSpec(24_000, 1_200, 1_200, ("log_mel", "flatness"), deltas=False)
USED = tuple(name for name in SPEC.columns if name != "mel_3")
HOPS, TAPS, FILTERS, HIDDEN, UNITS = 8, 3, 6, 4, 5


def weights(seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    shapes = {
        "filters": (TAPS, len(USED), FILTERS),
        "filters_bias": (FILTERS,),
        "hidden": (2 * FILTERS, HIDDEN),
        "hidden_bias": (HIDDEN,),
        "kernel": (HIDDEN, 3 * UNITS),
        "bias": (3 * UNITS,),
        "recurrent": (UNITS, 3 * UNITS),
        "recurrent_bias": (3 * UNITS,),
        "out": (UNITS, 3),
        "out_bias": (3,),
        "mean": (len(USED),),
    }
    parts = {name: (0.4 * rng.standard_normal(shape)).astype(np.float32) for name, shape in shapes.items()}
    return parts | {"deviation": rng.uniform(5, 20, len(USED)).astype(np.float32)}


def write_ear(folder: Path, parts: dict[str, np.ndarray] | None = None, **changes: object) -> SoundCard:
    """A whole folder, with whatever is to be wrong about its card."""
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / WEIGHTS_FILE, **(weights() if parts is None else parts))
    card = SoundCard(
        features=SPEC,
        fingerprint=SPEC.fingerprint,
        pool_hops=HOPS,
        inputs=USED,
        taps=TAPS,
        filters=FILTERS,
        hidden=HIDDEN,
        units=UNITS,
        patience=Patience(enter=0.6, leave=0.85, steps=2),
        weights_sha256=digest((folder / WEIGHTS_FILE).read_bytes()),
        corpora={},
        scores={},
        protocol={},
        created="2026-01-01",
        command="",
        seed=0,
    )
    # As JSON, since a card refuses to be made wrong.
    (folder / CARD_FILE).write_bytes(msgspec.json.encode(msgspec.to_builtins(card) | changes))
    return card
