"""MTG-Jamendo, mood and theme: 18,486 tracks with 59 tags (Bogdanov, Won, Tovstogan, Porter, Serra 2019).

Layout: autotagging_moodtheme.tsv and splits/split-0/autotagging_moodtheme-{train,validation,test}.tsv (TRACK_ID,
ARTIST_ID, ALBUM_ID, PATH, DURATION, then as many tags as there are), moodtag_va_scores.csv (MoodTag, Valence, Arousal
on 1 to 9), audio/PATH (12/3456.mp3, or 12/3456.low.mp3 of the smaller download).
"""

from dataclasses import replace
from pathlib import Path

from device.errors import InputError
from trainer.corpora.clip import Clip, Corpus, Problem, Report, rating
from trainer.corpora.table import cells, rows

NAME = "jamendo"
SPLITS = ("train", "validation", "test")
_HEADER = ["TRACK_ID", "ARTIST_ID", "ALBUM_ID", "PATH", "DURATION", "TAGS"]
_PREFIX = "mood/theme---"


def load(folder: Path) -> Report:
    """The tracks of `tracks` whose sound is there; InputError without one of the tables."""
    named, rows_read, problems, notes = tracks(folder)
    clips = []
    missing = []
    for clip in named:
        small = clip.path.with_name(f"{clip.path.stem}.low.mp3")
        if clip.path.is_file():
            clips.append(clip)
        elif small.is_file():
            clips.append(replace(clip, path=small))
        else:
            missing.append(clip.path.relative_to(folder).as_posix())
    return Report(NAME, tuple(clips), rows_read, tuple(missing), problems, notes)


def tracks(folder: Path, split: int = 0) -> tuple[tuple[Clip, ...], int, tuple[Problem, ...], tuple[str, ...]]:
    """All tracks whether or not their sound is there, number of rows, bad rows and notes.

    valence, arousal: the mean of those of the track's tags that have scores, None when none has. group: the artist.
    split: of the five official splits the one whose parts are told; "" for a track of none. InputError without a
    table.
    """
    scores, problems = _scores(folder / "moodtag_va_scores.csv")
    parts: dict[str, str] = {}
    for part in SPLITS:
        path = folder / "splits" / f"split-{split}" / f"autotagging_moodtheme-{part}.tsv"
        parts |= {row[0]: part for _, row in _tracks(path)}
    clips: dict[str, Clip] = {}
    count = 0
    table = folder / "autotagging_moodtheme.tsv"
    unknown: set[str] = set()
    for line, row in _tracks(table):
        count += 1
        why = _trouble(row, clips)
        if why:
            problems.append(Problem(table.name, line, why))
            continue
        tags = tuple(tag.removeprefix(_PREFIX).lower() for tag in row[5:] if tag)
        known = [scores[tag] for tag in tags if tag in scores]
        unknown |= set(tags) - scores.keys()
        valence = sum(score[0] for score in known) / len(known) if known else None
        arousal = sum(score[1] for score in known) / len(known) if known else None
        path = folder / "audio" / row[3]
        part = parts.get(row[0], "")
        clips[row[0]] = Clip(row[0], NAME, path, row[1], valence, arousal, tags=tags, split=part)
    notes = (f"tags without valence and arousal: {', '.join(sorted(unknown))}",) if unknown else ()
    return tuple(clips.values()), count, tuple(problems), notes


def _tracks(path: Path) -> list[tuple[int, list[str]]]:
    table = list(cells(path, tabs=True))
    if not table or table[0][1][: len(_HEADER)] != _HEADER:
        raise InputError(f"{path} has other columns than {', '.join(_HEADER)}; take the corpus' own file unchanged.")
    return table[1:]


def _trouble(row: list[str], known: dict[str, Clip]) -> str:
    if len(row) < len(_HEADER) or not all(row[place] for place in (0, 1, 3, 5)):
        return "track, artist, path or tags are missing"
    if Path(row[3]).is_absolute() or ".." in Path(row[3]).parts:
        return f"path {row[3]!r} leads out of the folder"
    if row[0] in known:
        return f"{row[0]} is there twice"
    return ""


def _scores(path: Path) -> tuple[dict[str, tuple[float, float]], list[Problem]]:
    scores: dict[str, tuple[float, float]] = {}
    problems: list[Problem] = []
    for line, row in rows(path, ("MoodTag", "Valence", "Arousal")):
        tag = row["MoodTag"].lower()
        try:
            if tag in scores:
                raise ValueError("it is there twice")
            scores[tag] = rating(row["Valence"], 1, 9), rating(row["Arousal"], 1, 9)
        except ValueError as error:
            problems.append(Problem(path.name, line, f"tag {tag}: {error}"))
    return scores, problems


CORPUS = Corpus(
    NAME,
    "jamendo_moodtheme",
    "tags CC BY-NC-SA 4.0; audio under each track's own Creative Commons licence",
    "artist",
    load,
    "tags",
)
