"""DEAM: 1,802 excerpts and songs, rated as a whole and over time (Aljanaki, Yang, Soleymani 2017).

Layout, as the archives unpack, together or each into a folder of its own:

- annotations/annotations averaged per song/song_level/static_annotations_averaged_songs_1_2000.csv and the same for
  2000_2058 (song_id, valence_mean, arousal_mean, ... on 1 to 9),
- annotations/annotations averaged per song/dynamic (per second annotations)/valence.csv and arousal.csv (song_id,
  sample_15000ms, ... at 2 Hz in [-1, 1], blank after a song's end),
- metadata/metadata_2013.csv, ..._2014.csv, ..._2015.csv (song_id, Id or id; Artist or artist; ...), may be absent,
- MEMD_audio/ID.mp3.

Songs up to 1000 are those of emoMusic: with both corpora, a song may be on both sides of a fold.
"""

from pathlib import Path

from device.errors import InputError
from trainer.corpora import sampled
from trainer.corpora.clip import Clip, Corpus, Problem, Report, normalized
from trainer.corpora.emomusic import static_ratings
from trainer.corpora.table import cells

NAME = "deam"
STATIC = ("static_annotations_averaged_songs_1_2000.csv", "static_annotations_averaged_songs_2000_2058.csv")
YEARS = ("2013", "2014", "2015")
"""MediaEval campaigns that brought in the songs up to 1000, up to 2000 and after."""


def load(folder: Path) -> Report:
    """All songs with a static rating and a sound file, and their curves; InputError without one of the tables.

    split is the year of the campaign that brought the song in. Without metadata every song is its own group.
    """
    curves, problems = sampled.curves(_table(folder, "dynamic*/valence.csv"), _table(folder, "dynamic*/arousal.csv"))
    artists = _artists(folder)
    sounds = _find(folder, "MEMD_audio") or folder / "MEMD_audio"
    place = sounds.relative_to(folder).as_posix()
    clips: dict[str, Clip] = {}
    seen: set[str] = set()
    missing: list[str] = []
    count = 0
    for name in STATIC:
        static, more = static_ratings(_table(folder, name), ("valence_mean", "arousal_mean"))
        problems += more
        count += len(static) + len(more)
        for song, point in static.items():
            path = sounds / f"{song}.mp3"
            if not song.isdigit():
                problems.append(Problem(name, 0, f"{song!r} is no number of a song"))
            elif song in seen:
                problems.append(Problem(name, 0, f"{song} is in the other table too"))
            elif not path.is_file():
                missing.append(f"{place}/{path.name}")
            else:
                group = artists.get(song) or f"song {song}"
                clips[song] = Clip(song, NAME, path, group, *point, curve=curves.get(song), split=_year(int(song)))
            seen.add(song)
    notes = () if artists else ("no metadata_2013.csv and so on, so every song is a group of its own",)
    return Report(NAME, tuple(clips.values()), count, tuple(missing), tuple(problems), notes)


def _year(song: int) -> str:
    return YEARS[0] if song <= 1000 else YEARS[1] if song <= 2000 else YEARS[2]


def _find(folder: Path, pattern: str) -> Path | None:
    """The first path below the folder that fits; archives differ in what they are unpacked into."""
    return min(folder.rglob(pattern), default=None)


def _table(folder: Path, pattern: str) -> Path:
    path = _find(folder, pattern)
    if path is None:
        raise InputError(f"{folder} has no {pattern} in it; unpack the corpus' annotations there.")
    return path


def _artists(folder: Path) -> dict[str, str]:
    """Artist by song. The three tables name their columns differently and have rows that are too long."""
    artists: dict[str, str] = {}
    for year in YEARS:
        path = _find(folder, f"metadata_{year}.csv")
        if path is None:
            continue
        table = cells(path, encoding="latin-1")
        header = [name.lower() for name in next(table, (1, []))[1]]
        number = next((header.index(name) for name in ("song_id", "id") if name in header), None)
        artist = header.index("artist") if "artist" in header else None
        if number is None or artist is None:
            raise InputError(f"{path} has no columns for song and artist; take the corpus' own file unchanged.")
        for _, row in table:
            if len(row) > max(number, artist):
                artists[row[number]] = normalized(row[artist].strip('"'))
    return artists


CORPUS = Corpus(
    NAME, NAME, "research use; audio under each song's own Creative Commons licence", "artist", load, "time-varying"
)
