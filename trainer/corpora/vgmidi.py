"""VGMIDI: 200 piano arrangements of game music as MIDI, annotated over time (Ferreira and Whitehead 2019).

Layout: vgmidi_raw_1.json and vgmidi_raw_2.json, midi/SERIES_CONSOLE_GAME_PIECE.mid. (labels.csv, signs by phrase that
the authors derived from the same annotations, is not read.) A raw file has "pieces": {piece0: {midi, measures,
duration, ...}} and "annotations": {piece0_1: {valence: [...], arousal: [...], ...}}, one entry an annotator.

What a step of an annotation is. The authors' tool takes the piece's quarter notes / 4, rounded up, for its number of
"measures", whatever the time signature (that count is right within rounding for 198 of the 200 files), and then
writes into step floor(position / duration * measures) while the sound plays. So a step is no measure of the score but
an equal share of the duration, and it keeps the last value written: where the point was when the share ended. (Three
annotators have one step more, written at position = duration.) Step i is therefore put at (i + 1) / measures of the
file's length as its tempo map gives it. Durations told by the raw files are that length within 1 s, but for six
pieces that the authors' rendering made shorter; shares stay right there.

How annotators are put together (`annotators.agreed`), about 30 a piece: who never moved the point is left out, the
rest is averaged by a 20 % trimmed mean, each step and axis by itself. Of rules tried on halves of the annotators this
one foretold the plain mean of the other half best (correlation within a piece 0.32 for valence, 0.29 for arousal;
0.30 and 0.30 by the plain mean; leaving out who is far from the others or moves against them: no better within a
piece, worse across pieces).
"""

import math
import struct
from pathlib import Path
from typing import Any

import mido
import numpy as np
from mido.midifiles.meta import KeySignatureError

from device.errors import InputError
from trainer.corpora.annotators import agreed
from trainer.corpora.clip import Clip, Corpus, Curve, Problem, Report, normalized
from trainer.storage import read_json

NAME = "vgmidi"
RAW = ("vgmidi_raw_1.json", "vgmidi_raw_2.json")


def load(folder: Path) -> Report:
    """All pieces with a curve and a MIDI file. InputError without the two raw files."""
    clips: dict[str, Clip] = {}
    missing: list[str] = []
    problems: list[Problem] = []
    rows = dropped = unfit = strays = annotators = 0
    for name in RAW:
        pieces, annotations = _content(folder / name)
        strays += sum(len(given) for piece, given in annotations.items() if piece not in pieces)
        for piece, info in pieces.items():
            rows += 1
            try:
                file, steps = _piece(info)
                if Path(file).stem in clips:
                    raise ValueError(f"{file} is there twice")
                path = folder / "midi" / file
                if not path.is_file():
                    missing.append(f"midi/{file}")
                    continue
                given = annotations.get(piece, [])
                fit = [curve for curve in (_steps(entry, steps) for entry in given) if curve is not None]
                values, still = agreed(np.array(fit, dtype=np.float64).reshape(len(fit), steps, 2))
                curve = _curve(values, length_s(path))
            except ValueError as error:
                problems.append(Problem(name, 0, f"{piece}: {error}"))
                continue
            annotators += len(given)
            unfit += len(given) - len(fit)
            dropped += still
            series = Path(file).stem.split("_")[0]
            clips[path.stem] = Clip(
                path.stem, NAME, path, normalized(path.stem), *curve.mean, curve=curve, series=normalized(series)
            )
    notes = [f"annotators dropped who never moved the point: {dropped} of {annotators}"] if clips else []
    if unfit:
        notes.append(f"annotators dropped for too few or bad values: {unfit}")
    if strays:
        notes.append(f"annotators of pieces that the raw files don't describe: {strays}")
    return Report(NAME, tuple(clips.values()), rows, tuple(missing), tuple(problems), tuple(notes))


def length_s(path: Path) -> float:
    """Length of a MIDI file in seconds, to the end of its last track; ValueError when it can't be read."""
    try:
        length = float(mido.MidiFile(path).length)
    except (OSError, EOFError, ValueError, LookupError, TypeError, struct.error, KeySignatureError) as error:
        # What mido raises depends on where a file is broken.
        raise ValueError(f"{path.name} cannot be read as MIDI ({str(error) or type(error).__name__})") from None
    if not 0 < length < math.inf:
        raise ValueError(f"{path.name} has no length")
    return length


def _content(path: Path) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """Pieces by name, and their annotations."""
    try:
        content = read_json(path)
        pieces, given = dict(content["pieces"]), dict(content["annotations"])
    except (KeyError, TypeError, ValueError):
        raise InputError(f"{path} lacks pieces or annotations; take the corpus' own file unchanged.") from None
    annotations: dict[str, list[Any]] = {}
    for name, annotation in given.items():
        annotations.setdefault(name.rpartition("_")[0], []).append(annotation)
    return pieces, annotations


def _piece(info: Any) -> tuple[str, int]:
    """Name of the MIDI file and number of steps."""
    if not isinstance(info, dict):
        raise ValueError("not described")
    file, steps = info.get("midi"), info.get("measures")
    if not isinstance(file, str) or not file or Path(file).name != file:
        raise ValueError(f"midi {file!r} is no file name")
    if not isinstance(steps, int) or steps < 1:
        raise ValueError(f"measures {steps!r} is no number of steps")
    return file, steps


def _steps(annotation: Any, steps: int) -> list[tuple[float, float]] | None:
    """The first `steps` pairs (valence, arousal) of an annotator, or None when they are fewer or not in [-1, 1]."""
    try:
        pairs = [
            (float(valence), float(arousal))
            for valence, arousal in zip(annotation["valence"], annotation["arousal"], strict=True)
        ][:steps]
    except (KeyError, TypeError, ValueError):
        return None
    good = len(pairs) == steps and all(abs(value) <= 1 for pair in pairs for value in pair)
    return pairs if good else None


def _curve(values: np.ndarray, length: float) -> Curve:
    """[steps, 2] values at the ends of equal shares of `length` seconds."""
    times = length * np.arange(1, len(values) + 1) / len(values)
    # A mean of equal values may come out a last bit beyond them.
    valence, arousal = np.clip(values, -1, 1).T
    return Curve(tuple(times.tolist()), tuple(valence.tolist()), tuple(arousal.tolist()))


CORPUS = Corpus(NAME, NAME, "research use; arrangements of commercial game music", "piece", load, "time-varying")
