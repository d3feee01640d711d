"""Clip: one labelled piece of sound, the same for every corpus."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

QUADRANTS = ("Q1", "Q2", "Q3", "Q4")
"""Counterclockwise from joy: Q1 (v+ a+), Q2 (v- a+), Q3 (v- a-), Q4 (v+ a-)."""

QUADRANT_SIGNS = {"Q1": (1, 1), "Q2": (-1, 1), "Q3": (-1, -1), "Q4": (1, -1)}
"""Signs of (valence, arousal) in each quadrant."""


@dataclass(frozen=True, slots=True)
class Clip:
    """One labelled sound file.

    id: unique within its corpus. corpus: the corpus' name.
    group: what must never be on both sides of an honest fold (an artist, an album), lower case.
    valence, arousal: the static label in [-1, 1], or None where the corpus doesn't say.
    quadrant: "Q1" to "Q4", or None. A clip has a quadrant or at least one of the two numbers.
    """

    id: str
    corpus: str
    path: Path
    group: str
    valence: float | None = None
    arousal: float | None = None
    quadrant: str | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that could not be used: file name, line (first line is 1) and why."""

    file: str
    line: int
    why: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.why}"


@dataclass(frozen=True, slots=True)
class Report:
    """What a loader found. missing: names of the sound files that a good row names and the folder lacks."""

    corpus: str
    clips: tuple[Clip, ...]
    rows: int
    missing: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = field(default=())

    @property
    def groups(self) -> int:
        """Number of different groups (artists, albums) among the clips."""
        return len({clip.group for clip in self.clips})


@dataclass(frozen=True, slots=True)
class Corpus:
    """How to find and name a corpus. load takes the corpus' own folder."""

    name: str
    folder: str
    licence: str
    grouped_by: str
    load: Callable[[Path], Report]


def normalized(name: str) -> str:
    """A group's name without differences of case and space, so that one artist stays one group."""
    return " ".join(name.split()).casefold()
