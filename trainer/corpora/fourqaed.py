"""4QAED: 900 clips of 30 s, each in one quadrant of the valence-arousal plane (Panda, Malheiro, Paiva 2018).

Layout: annotations.csv (Song, Quadrant), metadata.csv (latin-1: Song, Artist, MoodsStrSplit, ...), audio/ID.opus.
"""

from pathlib import Path

from trainer.corpora.clip import QUADRANTS, Clip, Corpus, Problem, Report, normalized
from trainer.corpora.table import rows

NAME = "4qaed"
UNKNOWN = "(unknown artist)"
"""Group of the few clips whose artist is blank: they might share one, so they stay together."""


def load(folder: Path) -> Report:
    """All clips that have a quadrant, an artist and a sound file; InputError without the two tables."""
    artists: dict[str, str] = {}
    moods: dict[str, tuple[str, ...]] = {}
    for _, row in rows(folder / "metadata.csv", ("Song", "Artist"), "latin-1", optional=("MoodsStrSplit",)):
        artists[row["Song"]] = normalized(row["Artist"]) or UNKNOWN
        moods[row["Song"]] = tuple(word.strip().lower() for word in row["MoodsStrSplit"].split(",") if word.strip())
    clips: dict[str, Clip] = {}
    missing: list[str] = []
    problems: list[Problem] = []
    count = 0
    for line, row in rows(folder / "annotations.csv", ("Song", "Quadrant")):
        count += 1
        song, quadrant = row["Song"], row["Quadrant"]
        path = folder / "audio" / f"{song}.opus"
        why = _trouble(song, quadrant, artists, clips)
        if why:
            problems.append(Problem("annotations.csv", line, why))
        elif not path.is_file():
            missing.append(f"audio/{path.name}")
        else:
            clips[song] = Clip(song, NAME, path, artists[song], quadrant=quadrant, tags=moods[song])
    return Report(NAME, tuple(clips.values()), count, tuple(missing), tuple(problems))


def _trouble(song: str, quadrant: str, artists: dict[str, str], known: dict[str, Clip]) -> str:
    if not song:
        return "no song"
    if quadrant not in QUADRANTS:
        return f"quadrant {quadrant!r} of {song} is none of Q1 to Q4"
    if song in known:
        return f"{song} is there twice"
    if song not in artists:
        return f"metadata.csv has no row for {song}"
    return ""


CORPUS = Corpus(
    NAME, "4qaed", "research use; annotations by the authors, audio of AllMusic samples", "artist", load, "quadrant"
)
