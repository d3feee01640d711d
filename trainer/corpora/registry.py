"""The corpora by name, and where they are."""

import os
from collections.abc import Iterable
from pathlib import Path

from device.errors import InputError
from trainer.corpora import fourqaed, soundtracks
from trainer.corpora.clip import Corpus, Report

CORPORA: dict[str, Corpus] = {corpus.name: corpus for corpus in (fourqaed.CORPUS, soundtracks.CORPUS)}
VARIABLE = "LAMPYRIS_CORPORA"


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


def load(name: str, folder: Path) -> Report:
    """Load one corpus out of the folder that holds them all. InputError when it is not there or empty."""
    corpus = find(name)
    place = folder / corpus.folder
    if not place.is_dir():
        raise InputError(f"{folder} has no folder {corpus.folder}; give the folder that holds it as --corpora DIR.")
    report = corpus.load(place)
    if not report.clips:
        raise InputError(f"{place} holds no usable clip; `python -m trainer corpora` says what is wrong.")
    return report


def describe(folder: Path, names: Iterable[str] = tuple(CORPORA)) -> str:
    """A table of what is there and what isn't, for a person to read."""
    lines = [f"{'corpus':<16}{'rows':>6}{'clips':>7}{'groups':>8}{'missing':>9}{'bad rows':>10}  grouped by"]
    notes: list[str] = []
    for name in names:
        corpus = find(name)
        try:
            report = load(name, folder)
        except InputError as error:
            lines.append(f"{name:<16}{'-':>6}{'-':>7}{'-':>8}{'-':>9}{'-':>10}  not usable")
            notes.append(f"{name}: {error}")
            continue
        lines.append(
            f"{name:<16}{report.rows:>6}{len(report.clips):>7}{report.groups:>8}{len(report.missing):>9}"
            f"{len(report.problems):>10}  {corpus.grouped_by}"
        )
        notes += [f"{name}: missing audio/{file}" for file in report.missing]
        notes += [f"{name}: {problem}" for problem in report.problems]
    return "\n".join(lines + notes)
