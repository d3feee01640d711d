"""Anyone's own music: a folder with a table of labels, or with a sub-folder for each class.

Layout, the one: labels.csv (path, from the folder; valence and arousal in [-1, 1]; group, may be absent or blank).
Layout, the other: folders Q1 to Q4, or joy, anger, sadness, calm (capitals don't matter), each holding sound or MIDI
files, right there or in folders within: Q1/artist/song.mp3. If labels.csv is there, it alone counts.
"""

from pathlib import Path

from device.errors import InputError
from trainer.corpora.clip import QUADRANTS, Clip, Corpus, Problem, Report, normalized, rating
from trainer.corpora.table import rows

NAME = "folder"
TABLE = "labels.csv"
CLASSES = {name.lower(): name for name in QUADRANTS} | dict(
    zip(("joy", "anger", "sadness", "calm"), QUADRANTS, strict=True)
)
SOUNDS = (".wav", ".flac", ".ogg", ".opus", ".mp3", ".mid", ".midi")


def load(folder: Path) -> Report:
    """All labelled files; InputError when the folder has neither the table nor a class.

    The group is what the table says or the folder within the class (an artist's, an album's); a file without either
    is its own.
    """
    if (folder / TABLE).exists():
        return _by_table(folder)
    classes = sorted(path for path in folder.iterdir() if path.is_dir() and path.name.lower() in CLASSES)
    if not classes:
        raise InputError(f"{folder} has no folders joy, anger, sadness, calm and no {TABLE}; make one of them.")
    return _by_class(folder, classes)


def _by_class(folder: Path, classes: list[Path]) -> Report:
    clips = []
    ignored = 0
    for place in classes:
        for path in sorted(path for path in place.rglob("*") if path.is_file()):
            inner = path.relative_to(place)
            if path.suffix.lower() not in SOUNDS:
                ignored += 1
                continue
            name = path.relative_to(folder).as_posix()
            group = normalized(inner.parts[0]) if len(inner.parts) > 1 else normalized(name)
            clips.append(Clip(name, NAME, path, group, quadrant=CLASSES[place.name.lower()]))
    notes: tuple[str, ...] = (f"passed over as neither sound nor MIDI: {ignored}",) if ignored else ()
    others = [path.name for path in sorted(folder.iterdir()) if path.is_dir() and path not in classes]
    if others:
        notes += (f"folders that are none of joy, anger, sadness, calm (Q1 to Q4), left out: {', '.join(others)}",)
    return Report(NAME, tuple(clips), len(clips), notes=notes)


def _by_table(folder: Path) -> Report:
    clips: dict[Path, Clip] = {}
    missing: list[str] = []
    problems: list[Problem] = []
    count = 0
    for line, row in rows(folder / TABLE, ("path", "valence", "arousal"), optional=("group",)):
        count += 1
        name = row["path"]
        path = folder / name
        try:
            if not name:
                raise ValueError("no path")
            if path in clips:
                raise ValueError(f"{name} is there twice")
            valence, arousal = (rating(row[axis], -1, 1) for axis in ("valence", "arousal"))
        except ValueError as error:
            problems.append(Problem(TABLE, line, str(error)))
            continue
        if not path.is_file():
            missing.append(name)
        else:
            clips[path] = Clip(name, NAME, path, normalized(row["group"]) or normalized(name), valence, arousal)
    return Report(NAME, tuple(clips.values()), count, tuple(missing), tuple(problems))


CORPUS = Corpus(NAME, "own", "your own", "group, folder or file", load, "static or quadrant")
