"""Which columns of the lamp's frames the ear's network sees."""

from trainer.ear.store import SPEC

LEVEL = ("energy", "mfcc_1")
"""Tell how loud it is."""
ABOVE_THE_BAND = ("zcr", "energy_entropy", "spectral_", "chroma_")
"""Tell of the wave itself, or of its spectrum up to 12 kHz, where the corpora's bandwidths tell the classes apart."""


def used_columns(blind: bool) -> tuple[str, ...]:
    """The columns that the network sees, mel bands first: none that tells the level; if blind, none that looks above
    8 kHz."""
    seen = [name for name in SPEC.columns if name not in LEVEL and not (blind and name.startswith(ABOVE_THE_BAND))]
    return tuple(sorted(seen, key=lambda name: not name.startswith("mel_")))
