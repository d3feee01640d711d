"""emoMusic, also called 1000 Songs: 744 excerpts of 45 s, rated as a whole and over time (Soleymani et al. 2013).

Layout: songs_info.csv (song_id, Artist, "Mediaeval 2013 set", ...), static_annotations.csv (song_id, mean_arousal,
mean_valence, ... on 1 to 9), valence_cont_average.csv and arousal_cont_average.csv (song_id, sample_15000ms, ... to
45000: 61 points at 2 Hz in [-1, 1], from 15 s into the excerpt on), all in the folder itself or in annotations/, and
clips_45seconds/ID.mp3. The same songs are part of DEAM: with both, a song may be on both sides of a fold.
"""

from pathlib import Path

from trainer.corpora import sampled
from trainer.corpora.clip import Clip, Corpus, Problem, Report, normalized, rating
from trainer.corpora.table import rows

NAME = "emomusic"
SPLITS = ("development", "evaluation")
_SPLIT = "Mediaeval 2013 set"


def load(folder: Path) -> Report:
    """All songs with a static rating or a curve, and a sound file; InputError without one of the tables.

    split is that of MediaEval 2013. A song without an artist is its own group.
    """
    inner = folder / "annotations"
    place = inner if (inner / "songs_info.csv").exists() else folder
    curves, problems = sampled.curves(place / "valence_cont_average.csv", place / "arousal_cont_average.csv")
    static, more = static_ratings(place / "static_annotations.csv", ("mean_valence", "mean_arousal"))
    problems += more
    clips: dict[str, Clip] = {}
    seen: set[str] = set()
    missing: list[str] = []
    count = 0
    for line, row in rows(place / "songs_info.csv", ("song_id", "Artist", _SPLIT)):
        count += 1
        song = row["song_id"]
        why = ""
        if not song.isdigit():
            why = f"{song!r} is no number of a song"
        elif song in seen:
            why = f"{song} is there twice"
        elif row[_SPLIT] not in SPLITS:
            why = f"set {row[_SPLIT]!r} of {song} is neither development nor evaluation"
        elif song not in static and song not in curves:
            why = f"{song} has neither ratings nor a curve"
        seen.add(song)
        path = folder / "clips_45seconds" / f"{song}.mp3"
        if why:
            problems.append(Problem("songs_info.csv", line, why))
        elif not path.is_file():
            missing.append(f"clips_45seconds/{path.name}")
        else:
            curve = curves.get(song)
            point = static[song] if song in static else curves[song].mean
            group = normalized(row["Artist"]) or f"song {song}"
            clips[song] = Clip(song, NAME, path, group, *point, curve=curve, split=row[_SPLIT])
    return Report(NAME, tuple(clips.values()), count, tuple(missing), tuple(problems))


def static_ratings(path: Path, columns: tuple[str, str]) -> tuple[dict[str, tuple[float, float]], list[Problem]]:
    """(valence, arousal) in [-1, 1] by song_id out of a table with ratings from 1 to 9, and the rows that are bad."""
    found: dict[str, tuple[float, float]] = {}
    problems: list[Problem] = []
    for line, row in rows(path, ("song_id", *columns)):
        song = row["song_id"]
        try:
            if song in found:
                raise ValueError("it is there twice")
            found[song] = rating(row[columns[0]], 1, 9), rating(row[columns[1]], 1, 9)
        except ValueError as error:
            problems.append(Problem(path.name, line, f"song {song}: {error}"))
    return found, problems


CORPUS = Corpus(
    NAME,
    "1000songs",
    "research use; audio of the Free Music Archive under Creative Commons",
    "artist",
    load,
    "time-varying",
)
