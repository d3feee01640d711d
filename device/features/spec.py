"""FeatureSpec: which numbers a model sees, by name, with a fingerprint so that no model ever meets other ones."""

import hashlib

import msgspec

from device.errors import InputError
from device.features.names import BLOCK_COLUMNS

DEFINITION = 1
"""Raised whenever the code changes what any column means; it is part of every fingerprint."""


class FeatureSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The way from samples to vectors.

    rate: samples per second the features are defined at.
    window, hop: in samples. A frame is made for every hop, from the last `window` samples.
    blocks: names out of BLOCK_COLUMNS, in the order of the columns.
    deltas: append, for every column, its change since the frame before (0 in the first frame).
    """

    rate: int = 24_000
    window: int = 1_200
    hop: int = 1_200
    blocks: tuple[str, ...] = ("short_term",)
    deltas: bool = True

    def __post_init__(self) -> None:
        unknown = [block for block in self.blocks if block not in BLOCK_COLUMNS]
        if unknown:
            known = ", ".join(BLOCK_COLUMNS)
            raise InputError(f"The feature block {unknown[0]!r} is not known; choose from {known}.")
        if not self.blocks or len(set(self.blocks)) != len(self.blocks):
            raise InputError("A feature specification needs at least one block and none twice.")
        if not 8_000 <= self.rate <= 48_000:
            raise InputError(f"The feature rate must be 8000 to 48000 Hz, not {self.rate}.")
        if not 256 <= self.window <= 8_192 or not 1 <= self.hop <= 8_192:
            raise InputError("The feature window must be 256 to 8192 samples and the hop 1 to 8192.")
        if "tonal" in self.blocks and self.hop > self.window:
            raise InputError("The block tonal needs all of the sound: choose a hop that is not longer than the window.")

    @property
    def base_columns(self) -> tuple[str, ...]:
        """Names of the columns before the deltas."""
        return tuple(name for block in self.blocks for name in BLOCK_COLUMNS[block])

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of all columns, in order."""
        base = self.base_columns
        return base + tuple(f"delta_{name}" for name in base) if self.deltas else base

    @property
    def width(self) -> int:
        """Number of columns of a frame."""
        return sum(len(BLOCK_COLUMNS[block]) for block in self.blocks) * (2 if self.deltas else 1)

    @property
    def hop_s(self) -> float:
        """Seconds from one frame to the next."""
        return self.hop / self.rate

    @property
    def fingerprint(self) -> str:
        """16 hex digits that differ for any two specifications or definitions of the columns."""
        text = msgspec.json.encode([DEFINITION, self, self.columns], order="deterministic")
        return hashlib.sha256(text).hexdigest()[:16]
