"""The corpora by name, and where they are."""

import os
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path

import soundfile

from device.errors import InputError
from trainer.corpora import deam, emomusic, emopia, folder, fourqaed, gate, jamendo, pmemo, soundtracks, vgmidi
from trainer.corpora.clip import Clip, Corpus, Report
from trainer.rendering import is_midi

_MODULES = (fourqaed, soundtracks, vgmidi, emopia, emomusic, deam, pmemo, jamendo, gate, folder)
CORPORA: dict[str, Corpus] = {module.CORPUS.name: module.CORPUS for module in _MODULES}
VARIABLE = "LAMPYRIS_CORPORA"

WIDTH = 100
SHOWN = 5
"""Missing files or bad rows of one corpus that are told one by one; more are summed up."""
MEASURED = 3000
"""Of more sound files than this the length is not looked up, which would take too long for a table."""


def corpora_dir(given: Path | None) -> Path:
    """The folder that holds the corpora: `given`, else the environment's; InputError when there is none."""
    text = str(given) if given is not None else os.environ.get(VARIABLE, "")
    if not text:
        raise InputError(f"Where the corpora are is not known; give --corpora DIR or set {VARIABLE}.")
    folder = Path(text).expanduser()
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder}; give the corpora's folder as --corpora DIR or {VARIABLE}.")
    return folder


def find(name: str) -> Corpus:
    """The corpus of that name; InputError lists the known ones."""
    if name not in CORPORA:
        raise InputError(f"The corpus {name!r} is not known; choose from {', '.join(CORPORA)}.")
    return CORPORA[name]


def load(name: str, place: Path) -> Report:
    """Load one corpus out of the folder that holds them all. InputError when it is not there or empty."""
    corpus = find(name)
    own = place / corpus.folder
    if not own.is_dir():
        raise InputError(f"{place} has no folder {corpus.folder}; give the folder that holds it as --corpora DIR.")
    report = corpus.load(own)
    if not report.clips:
        raise InputError(f"{own} holds no usable clip; `python -m trainer corpora` says what is wrong.")
    return report


def describe(place: Path, names: Iterable[str] = tuple(CORPORA)) -> str:
    """A table of what is there and what isn't, for a person to read, at most WIDTH wide.

    minutes: of sound, "-" where that isn't quickly known (MIDI without a curve, very many files).
    """
    lines = [_line("corpus", "clips", "groups", "grouped by", "labels", "minutes", "missing", "bad rows")]
    notes: list[str] = []
    for name in names:
        corpus = find(name)
        own = place / corpus.folder
        if not own.is_dir():
            lines.append(f"{name:<15}not found: no folder {corpus.folder}")
            continue
        try:
            report = corpus.load(own)
        except InputError as error:
            lines.append(f"{name:<15}not usable, see below")
            notes.append(f"{name}: {error}")
            continue
        counts = str(len(report.missing)), str(len(report.problems))
        lines.append(
            _line(
                name,
                str(len(report.clips)),
                str(report.groups),
                corpus.grouped_by,
                corpus.labels,
                _minutes(report.clips),
                *counts,
            )
        )
        notes += [f"{name}: {note}" for note in _notes(report)]
    wrapped = [line for note in notes for line in textwrap.wrap(note, WIDTH, subsequent_indent="  ")]
    return "\n".join(lines + wrapped)


def _line(name: str, clips: str, groups: str, by: str, labels: str, minutes: str, missing: str, bad: str) -> str:
    left = f"{name:<15}{clips:>6}{groups:>8}  {by:<22}{labels:<20}"
    return f"{left}{minutes:>8}{missing:>9}{bad:>10}"


def _minutes(clips: Sequence[Clip]) -> str:
    if not clips or len(clips) > MEASURED:
        return "-"
    seconds = 0.0
    for clip in clips:
        if is_midi(clip.path):
            if clip.curve is None:
                return "-"
            seconds += clip.curve.times[-1]
            continue
        try:
            seconds += soundfile.info(clip.path).duration
        except soundfile.SoundFileError:
            # A damaged file is named when its features are computed.
            continue
    return f"{seconds / 60:.0f}"


def _notes(report: Report) -> list[str]:
    notes = [f"missing {file}" for file in report.missing]
    if len(notes) > SHOWN:
        wanted = len(report.missing) + len(report.clips)
        notes = [f"{len(report.missing)} of {wanted} sound files are missing, first {report.missing[0]}"]
    notes += [str(problem) for problem in report.problems[:SHOWN]]
    if len(report.problems) > SHOWN:
        notes.append(f"and {len(report.problems) - SHOWN} more bad rows")
    return notes + list(report.notes)
