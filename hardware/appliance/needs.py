"""What a lamp needs beside itself, as pyproject.toml says it."""

import tomllib
from pathlib import Path

EXTRAS = ("files", "pi")
"""Beside what every installation needs: songs from files, and the wires of a Raspberry Pi."""


def requirements(checkout: Path) -> list[str]:
    """The requirements of a lamp, for pip. Raises OSError, and KeyError for a pyproject.toml of something else."""
    project = _project(checkout)
    extras = project["optional-dependencies"]
    return [*project["dependencies"], *(line for extra in EXTRAS for line in extras[extra])]


def version(checkout: Path) -> str:
    """Version of the project in this folder. Raises OSError, and KeyError for a pyproject.toml of something else."""
    return str(_project(checkout)["version"])


def _project(checkout: Path) -> dict:
    return dict(tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))["project"])
