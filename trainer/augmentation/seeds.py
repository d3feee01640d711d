"""Randomness that follows from names and numbers alone."""

import hashlib
import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np


def digest(*parts: str | int) -> bytes:
    """32 bytes that differ for any two lists of parts."""
    return hashlib.sha256(repr(parts).encode()).digest()


def generator(*parts: str | int) -> np.random.Generator:
    """A generator decided by the parts, the same on every machine and in every process."""
    return np.random.default_rng(int.from_bytes(digest(*parts)[:16], "little"))


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Python's and numpy's global randomness decided by a seed (0 to 2**32 - 1) inside, and untouched outside."""
    kept, kept_numpy = random.getstate(), np.random.get_state()  # noqa: NPY002 - the libraries draw from this one
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002
    try:
        yield
    finally:
        random.setstate(kept)
        np.random.set_state(kept_numpy)  # noqa: NPY002
