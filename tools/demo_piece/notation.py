"""Small notation for the demo piece: notes as text, parts, sections and a tempo map.

A line of music is text such as ``"D5:2 E5:.5 G5 F#5 r:1 D4+F#4+A4:1!"``: pitch, then ``:beats`` (kept until
changed), ``+`` joins a chord, ``r`` rests, ``!`` accents and ``~`` softens a note.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
ACCENT = 16
_HITS = {"X": ACCENT, "x": 0, "o": -34}
DRUMS = {
    "kick": 36, "snare": 38, "clap": 39, "lowtom": 43, "hat": 42, "midtom": 47, "open": 46, "hightom": 50,
    "crash": 49, "ride": 51, "china": 52, "tamb": 54, "splash": 55, "crash2": 57, "bassdrum": 35,
}  # fmt: skip


@dataclass(frozen=True)
class Note:
    """One note: start and length in beats, MIDI pitch, velocity 1..127."""

    start: float
    length: float
    pitch: int
    velocity: int


@dataclass
class Part:
    """One instrument: a General MIDI programme (0-based; -1 is the drum kit), its mix and its notes.

    `expression` and `bends` are points joined by straight lines: (beat, 0..127) and (beat, semitones, -12..12).
    `amp` above 0 plays the part through an overdriven amplifier, the hotter the larger; 0 is clean.
    """

    program: int
    notes: list[Note]
    volume: int = 100
    pan: int = 64
    reverb: int = 40
    loose_ms: float = 6.0
    expression: list[tuple[float, int]] = field(default_factory=list)
    bends: list[tuple[float, float]] = field(default_factory=list)
    amp: float = 0.0


@dataclass
class Section:
    """One quadrant of the piece: its music, its tempo map and how loud it is meant to be."""

    quadrant: str
    name: str
    source: dict[str, str | int | bool]
    beats: float
    tempo: list[tuple[float, float]]
    parts: list[Part]
    rms_db: float
    tail_s: float = 1.5
    drive: float = 0.0
    room: float = 0.5
    presence: float = 0.0

    def seconds(self, beat: float) -> float:
        """Time of a beat, following the tempo map [(from_beat, beats_per_minute), ...]."""
        total = 0.0
        for i, (at, bpm) in enumerate(self.tempo):
            end = self.tempo[i + 1][0] if i + 1 < len(self.tempo) else float("inf")
            if beat > at:
                total += (min(beat, end) - at) * 60.0 / bpm
        return total


def pitch_number(name: str) -> int:
    """MIDI number of a pitch name such as C4 (60), F#3 or Bb2."""
    step, rest, shift = _STEPS[name[0]], name[1:], 0
    while rest[0] in "#b":
        shift += 1 if rest[0] == "#" else -1
        rest = rest[1:]
    return 12 * (int(rest) + 1) + step + shift


def line(text: str, start: float = 0.0, velocity: int = 84, gate: float = 0.93, shift: int = 0) -> list[Note]:
    """Notes of a line of text; `gate` is the sounding share of each length, `shift` transposes."""
    notes: list[Note] = []
    at, beats = start, 1.0
    for token in text.replace("|", " ").split():
        change = ACCENT if token.endswith("!") else -ACCENT if token.endswith("~") else 0
        names, _, length = token.rstrip("!~").partition(":")
        beats = float(length) if length else beats
        if names != "r":
            level = max(1, min(127, velocity + change))
            notes += [Note(at, beats * gate, pitch_number(n) + shift, level) for n in names.split("+")]
        at += beats
    return notes


def again(notes: Iterable[Note], later: float = 0.0, shift: int = 0, louder: int = 0) -> list[Note]:
    """The same notes `later` beats on, transposed by `shift` semitones and `louder` in velocity."""
    return [Note(n.start + later, n.length, n.pitch + shift, max(1, min(127, n.velocity + louder))) for n in notes]


def drums(start: float, step: float, velocity: int = 92, times: int = 1, **rows: str) -> list[Note]:
    """Drum notes from grid rows, e.g. kick="x.x.", `step` beats a cell, the bar repeated `times` times."""
    notes: list[Note] = []
    for name, row in rows.items():
        for i, cell in enumerate(row * times):
            if cell in _HITS:
                level = max(1, min(127, velocity + _HITS[cell]))
                notes.append(Note(start + i * step, step * 0.9, DRUMS[name], level))
    return notes


def roll(start: float, beats: float, pitch: int, first: int, last: int, step: float = 0.125) -> list[Note]:
    """A roll on one pitch from velocity `first` to `last` (snare, timpani, cymbal swell)."""
    count = round(beats / step)
    return [
        Note(start + i * step, step * 0.95, pitch, round(first + (last - first) * i / max(1, count - 1)))
        for i in range(count)
    ]


def slow_down(start: float, end: float, first: float, last: float) -> list[tuple[float, float]]:
    """Tempo map steps from `first` to `last` beats per minute, one each half beat."""
    count = max(1, round((end - start) * 2))
    return [(start + i / 2, first + (last - first) * i / count) for i in range(count + 1)]
