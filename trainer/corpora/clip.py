"""Clip: one labelled piece of sound, the same for every corpus."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

QUADRANTS = ("Q1", "Q2", "Q3", "Q4")
"""Counterclockwise from joy: Q1 (v+ a+), Q2 (v- a+), Q3 (v- a-), Q4 (v+ a-)."""

SOUNDS = ("music", "speech", "noise", "silence")
"""What a clip sounds as, for the ear."""

QUADRANT_SIGNS = {"Q1": (1, 1), "Q2": (-1, 1), "Q3": (-1, -1), "Q4": (1, -1)}
"""Signs of (valence, arousal) in each quadrant."""


@dataclass(frozen=True, slots=True)
class Curve:
    """Valence and arousal over the time of one sound file.

    times: seconds since the start of the file (for MIDI: of what is rendered from it), ascending, not negative.
    valence, arousal: in [-1, 1], one for each time. The last time may lie a little after the end of the sound.
    Raises ValueError with one clause when it is otherwise.
    """

    times: tuple[float, ...]
    valence: tuple[float, ...]
    arousal: tuple[float, ...]

    def __post_init__(self) -> None:
        if not len(self.times) == len(self.valence) == len(self.arousal) > 0:
            raise ValueError("times, valence and arousal are not equally many, or none")
        if not all(math.isfinite(time) for time in self.times) or self.times[0] < 0:
            raise ValueError("a time is not a number of seconds from 0 up")
        if any(later <= earlier for earlier, later in zip(self.times, self.times[1:], strict=False)):
            raise ValueError("the times are not ascending")
        if not all(abs(value) <= 1 for axis in (self.valence, self.arousal) for value in axis):
            raise ValueError("a value is not within -1 to 1")

    @property
    def mean(self) -> tuple[float, float]:
        """(valence, arousal) averaged over the points."""
        return sum(self.valence) / len(self.times), sum(self.arousal) / len(self.times)


@dataclass(frozen=True, slots=True)
class Clip:
    """One labelled piece of sound.

    id: unique within its corpus. corpus: the corpus' name. path: a sound file, or MIDI that is to be rendered.
    group: what must never be on both sides of an honest fold (an artist, an album), see `normalized`.
    valence, arousal: the static label in [-1, 1], or None where the corpus doesn't say; the mean of the curve where
    the corpus has only that. quadrant: "Q1" to "Q4", or None. A clip has a quadrant, one of the numbers or tags.
    curve: the label over time. ratings: further ratings by name, in [-1, 1]. tags: mood words, lower case.
    split: the part of the corpus' own split that it belongs to, or "". series: what is wider than the group (the
    game series of a piece), or "". sound: one of SOUNDS; clips of every corpus but `gate` are music.
    """

    id: str
    corpus: str
    path: Path
    group: str
    valence: float | None = None
    arousal: float | None = None
    quadrant: str | None = None
    curve: Curve | None = None
    ratings: tuple[tuple[str, float], ...] = ()
    tags: tuple[str, ...] = ()
    split: str = ""
    series: str = ""
    sound: str = "music"


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that could not be used: file name, line (first line is 1; 0 where there are no lines) and why."""

    file: str
    line: int
    why: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.why}" if self.line else f"{self.file}: {self.why}"


@dataclass(frozen=True, slots=True)
class Report:
    """What a loader found.

    rows: labelled pieces the corpus names. missing: the sound files that a good row names and the folder lacks, as
    paths inside the folder. problems: rows that were left out. notes: what else a person should know, in sentences.
    """

    corpus: str
    clips: tuple[Clip, ...]
    rows: int
    missing: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def groups(self) -> int:
        """Number of different groups (artists, albums) among the clips."""
        return len({clip.group for clip in self.clips})


@dataclass(frozen=True, slots=True)
class Corpus:
    """How to find and name a corpus. load takes the corpus' own folder; labels: what kind it has, in a word."""

    name: str
    folder: str
    licence: str
    grouped_by: str
    load: Callable[[Path], Report]
    labels: str = ""


def normalized(name: str) -> str:
    """A group's name without differences of case and space, so that one artist stays one group."""
    return " ".join(name.split()).casefold()


def rating(text: str, low: float, high: float) -> float:
    """A rating on a scale from `low` to `high` as a number in [-1, 1], its middle being 0; ValueError if it is none."""
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"{text!r} is no rating") from None
    if not low <= value <= high:
        raise ValueError(f"rating {text!r} is not within {low:g} to {high:g}")
    return 2 * (value - low) / (high - low) - 1
