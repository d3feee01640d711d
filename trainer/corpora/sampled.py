"""Curves from two tables, one an axis, with a column for each moment: song_id, sample_15000ms, sample_15500ms, ..."""

import math
import re
from pathlib import Path

from device.errors import InputError
from trainer.corpora.clip import Curve, Problem
from trainer.corpora.table import cells

_COLUMN = re.compile(r"sample_(\d+)ms")

_Samples = dict[str, tuple[int, dict[int, float]]]
"""For each song the line of its row and the values by milliseconds."""


def curves(valence: Path, arousal: Path) -> tuple[dict[str, Curve], list[Problem]]:
    """Curves by song (values in [-1, 1], times in seconds) and the rows that give none.

    A moment counts where both axes have a value. Raises InputError when a table is missing or not of this form.
    """
    pleasant, problems = _read(valence)
    active, more = _read(arousal)
    problems += more
    found: dict[str, Curve] = {}
    for song, (line, values) in pleasant.items():
        if song not in active:
            problems.append(Problem(valence.name, line, f"{arousal.name} has no usable row for {song}"))
            continue
        others = active[song][1]
        moments = sorted(values.keys() & others.keys())
        try:
            found[song] = Curve(
                tuple(moment / 1000 for moment in moments),
                tuple(values[moment] for moment in moments),
                tuple(others[moment] for moment in moments),
            )
        except ValueError as error:
            problems.append(Problem(valence.name, line, f"the curve of {song}: {error}"))
    for song, (line, _) in active.items():
        if song not in pleasant:
            problems.append(Problem(arousal.name, line, f"{valence.name} has no usable row for {song}"))
    return found, problems


def _read(path: Path) -> tuple[_Samples, list[Problem]]:
    table = cells(path)
    _, header = next(table, (1, []))
    moments = {place: int(match[1]) for place, name in enumerate(header) if (match := _COLUMN.fullmatch(name))}
    if not moments or header[0] != "song_id":
        raise InputError(f"{path} has no columns song_id, sample_15000ms, ...; take the corpus' own file unchanged.")
    samples: _Samples = {}
    problems: list[Problem] = []
    for line, row in table:
        song = row[0]
        if song in samples:
            problems.append(Problem(path.name, line, f"{song} is there twice"))
            continue
        try:
            # Songs end at different times, so the table is filled up with blanks or NaN.
            values = {moments[place]: float(text) for place, text in enumerate(row) if place in moments and text}
        except ValueError as error:
            problems.append(Problem(path.name, line, str(error)))
            continue
        samples[song] = line, {moment: value for moment, value in values.items() if not math.isnan(value)}
    return samples, problems
