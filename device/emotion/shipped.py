"""The bundle that ships with the program."""

import os
from pathlib import Path

import device

SHIPPED = Path(device.__file__).parents[1] / "models" / "default"
BUILT_IN = "built-in"
"""What it is called where installed bundles go by their IDs."""


def is_shipped(folder: str | Path) -> bool:
    """Whether this is the very folder that ships; a copy of it is a bundle like any other."""
    try:
        return os.path.samefile(folder, SHIPPED)
    except (OSError, ValueError):  # one of them is not there
        return False
