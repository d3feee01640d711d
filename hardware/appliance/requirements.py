"""What a wheelhouse has to hold."""

import hashlib
import tomllib
from pathlib import Path

from hardware.appliance import needs

LGPIO = "lgpio==0.2.2.0"
"""How gpiozero reaches the pins; unpinned, pip would take the empty 0.0.0.2 where a newer one has no wheel."""


def requirements(project: Path) -> list[str]:
    """What pip is asked for, sorted: what a lamp needs, and what it checks signatures with."""
    with (project / "pyproject.toml").open("rb") as file:
        found = tomllib.load(file)
    return sorted({*needs.requirements(project), *found["project"]["optional-dependencies"]["signing"], LGPIO})


def fingerprint(project: Path) -> str:
    """SHA-256 of all that decides what a wheelhouse holds, hexadecimal."""
    text = "\n".join(requirements(project)) + (project / "constraints.txt").read_text(encoding="utf-8")
    return hashlib.sha256(text.encode()).hexdigest()
