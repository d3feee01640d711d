"""Which columns of the lamp's frames the ear's network sees."""

from device.features.pooling import pooled_columns
from trainer.ear.store import SPEC

ABOVE_THE_BAND = ("zcr", "spectral_", "chroma_")
"""Read the spectrum up to 12 kHz, where the corpora's bandwidths tell the classes apart."""


def used_columns(blind: bool) -> tuple[str, ...]:
    """The pooled columns that the network sees: none that tells the level; if blind, none that looks above 8 kHz."""
    every = pooled_columns(SPEC.columns)
    left_out = {"mean_energy", "std_energy", "mean_mfcc_1"}  # tell the level
    if blind:
        left_out |= {name for name in every if name.split("_", 1)[1].startswith(ABOVE_THE_BAND)}
    return tuple(name for name in every if name not in left_out)
