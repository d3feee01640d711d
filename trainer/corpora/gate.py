"""Speech, noise and music for the ear: what the lamp must tell apart before it feels anything.

Layout: index.csv (file, kind, set, lang, ...), FILE for each row. kind is speech, noise or music_speech; of the last
the file's name begins with music__ or speech__. The files of a class share codec and bandwidth, which a network would
learn instead of the sound: train with changes (rooms, microphones, levels), and read a score with that in mind.
"""

import re
from pathlib import Path, PurePosixPath

from trainer.corpora.clip import SOUNDS, Clip, Corpus, Problem, Report, normalized
from trainer.corpora.table import rows

NAME = "gate"


def load(folder: Path) -> Report:
    """All listed files whose kind is known; InputError without index.csv."""
    clips: dict[str, Clip] = {}
    missing: list[str] = []
    problems: list[Problem] = []
    count = 0
    for line, row in rows(folder / "index.csv", ("file", "kind", "set")):
        count += 1
        name = row["file"]
        sound = sound_of(name, row["kind"])
        path = PurePosixPath(name)
        if not name or path.is_absolute() or ".." in path.parts:
            problems.append(Problem("index.csv", line, f"{name!r} is no file inside the corpus"))
        elif sound is None:
            problems.append(Problem("index.csv", line, f"kind {row['kind']!r} of {name} is not known"))
        elif name in clips:
            problems.append(Problem("index.csv", line, f"{name} is there twice"))
        elif not (folder / name).is_file():
            missing.append(name)
        else:
            clips[name] = Clip(name, NAME, folder / name, recording_of(name, row["set"]), sound=sound)
    return Report(NAME, tuple(clips.values()), count, tuple(missing), tuple(problems))


def sound_of(name: str, kind: str) -> str | None:
    """One of SOUNDS, or None."""
    first = PurePosixPath(name).name.partition("__")[0]
    told = first if kind == "music_speech" else kind
    return told if told in SOUNDS else None


def recording_of(name: str, origin: str) -> str:
    """The speaker or the recording a file was cut from, as far as its name tells: both parts stay on one side.

    Speech: LANGUAGE_SPEAKER_ID; noise: CLASS__RECORDING, of which ESC-50 numbers several takes by -A, -B and so on.
    """
    stem = PurePosixPath(name).stem
    if "__" in stem:
        take = re.sub(r"-[A-Z](-\d+)?$", "", stem.partition("__")[2])
        return normalized(f"{origin} {take}")
    parts = stem.split("_")
    return normalized(f"{origin} {parts[1] if len(parts) > 2 else stem}")


CORPUS = Corpus(
    NAME, "gate", "research use; of many sources, see its own README", "speaker or recording", load, "sound"
)
