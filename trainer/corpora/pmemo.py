"""PMEmo: 794 choruses of pop songs, rated as a whole and over time (Zhang, Zhang, Li, Yang, Sun 2018).

Layout: annotations/static_annotations.csv (musicId, Arousal(mean), Valence(mean)), annotations/dynamic_annotations.csv
(musicId, frameTime in seconds, Arousal(mean), Valence(mean); every 0.5 s, the first 15 s left out), metadata.csv
(musicId, artist, ...; may be absent), chorus/ID.mp3. Values are from 0 to 1.
"""

from pathlib import Path

from trainer.corpora.clip import Clip, Corpus, Curve, Problem, Report, normalized, rating
from trainer.corpora.table import rows

NAME = "pmemo"
_VALUES = ("Valence(mean)", "Arousal(mean)")


def load(folder: Path) -> Report:
    """All songs with static ratings and a sound file, and their curves; InputError without one of the two tables.

    Choruses that end within the first 15 s have no curve. A song without an artist is its own group.
    """
    place = folder / "annotations"
    curves, problems = _curves(place / "dynamic_annotations.csv")
    artists: dict[str, str] = {}
    if (folder / "metadata.csv").exists():
        artists = {row["musicId"]: normalized(row["artist"]) for _, row in rows(folder / "metadata.csv", _ARTIST)}
    clips: dict[str, Clip] = {}
    missing: list[str] = []
    seen: set[str] = set()
    count = 0
    for line, row in rows(place / "static_annotations.csv", ("musicId", *_VALUES)):
        count += 1
        song = row["musicId"]
        try:
            if not song.isdigit():
                raise ValueError(f"{song!r} is no number of a song")
            if song in seen:
                raise ValueError(f"{song} is there twice")
            valence, arousal = (rating(row[name], 0, 1) for name in _VALUES)
        except ValueError as error:
            problems.append(Problem("static_annotations.csv", line, str(error)))
            continue
        seen.add(song)
        path = folder / "chorus" / f"{song}.mp3"
        if not path.is_file():
            missing.append(f"chorus/{path.name}")
        else:
            group = artists.get(song) or f"song {song}"
            clips[song] = Clip(song, NAME, path, group, valence, arousal, curve=curves.get(song))
    unrated = len(curves.keys() - seen)
    notes = (f"songs left out that have a curve but no static rating: {unrated}",) if unrated else ()
    return Report(NAME, tuple(clips.values()), count, tuple(missing), tuple(problems), notes)


def _curves(path: Path) -> tuple[dict[str, Curve], list[Problem]]:
    points: dict[str, dict[float, tuple[float, float]]] = {}
    problems: list[Problem] = []
    for line, row in rows(path, ("musicId", "frameTime", *_VALUES)):
        try:
            time = float(row["frameTime"])
            valence, arousal = (rating(row[name], 0, 1) for name in _VALUES)
            if not 0 <= time < float("inf"):
                raise ValueError(f"frameTime {row['frameTime']!r} is no time")
            if time in points.setdefault(row["musicId"], {}):
                raise ValueError(f"{time:g} s of song {row['musicId']} is there twice")
        except ValueError as error:
            problems.append(Problem(path.name, line, str(error)))
            continue
        points[row["musicId"]][time] = valence, arousal
    curves = {}
    for song, values in points.items():
        if values:
            times = tuple(sorted(values))
            curves[song] = Curve(times, tuple(values[t][0] for t in times), tuple(values[t][1] for t in times))
    return curves, problems


_ARTIST = ("musicId", "artist")

CORPUS = Corpus(NAME, "PMEmo2019", "research use; excerpts of commercial pop music", "artist", load, "time-varying")
