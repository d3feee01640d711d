"""Q3, sad: Frédéric Chopin (1810-1849), Prelude in E minor op. 28 no. 4 (1839), public domain.

A solo cello takes the tune an octave down; piano and muted strings sink under it by half steps. The middle
of the prelude is left out: the falling phrase goes straight to the closing cadence.
"""

from __future__ import annotations

from notation import Note, Part, Section, line, slow_down

TEMPO = 75.0
_CHORDS = (
    ("G2+B2+E3", 4), ("F#2+B2+E3", 2), ("F#2+A2+E3", 2), ("F2+A2+E3", 2), ("F2+A2+D#3", 2),
    ("F2+A2+D3", 1), ("E2+A2+D3", 1), ("E2+G#2+D3", 2), ("E2+G2+C3", 2), ("B1+D#2+A2", 2), ("E2+G2+B2", 4),
)  # fmt: skip
_BASS = "E2:4 | B1 | F2 | F2:1 E2:3 | C2:2 B1 | E2:4"
_TUNE = "B3:3 C4:1~ | B3:3 C4:1~ | B3:3 C4:1~ | B3:3 A#3:1~ | A3:2 F#3:1 D#3~ | E3:4"
_START = 1.0
_BEATS = 24.0


def _pulse() -> list[Note]:
    """The prelude's repeated chords, one a beat, the first of each bar a little firmer."""
    notes: list[Note] = []
    at = _START
    for chord, beats in _CHORDS:
        last = at >= _START + 20
        for beat in range(1 if last else beats):
            length = 4 if last else 1
            notes += line(f"{chord}:{length}", at + beat, 50 if (at + beat - _START) % 4 == 0 else 43, 0.97)
        at += beats
    return notes


def _swells() -> list[tuple[float, int]]:
    """The cello's bow: each long note grows and dies away."""
    points = [(0.0, 60)]
    for bar in range(5):
        at = _START + 4 * bar
        points += [(at, 70), (at + 1.5, 112), (at + 3.0, 78)]
    return [*points, (_START + 20, 84), (_BEATS, 40)]


def build() -> Section:
    """The section as data."""
    cello = line("B2:.75 B3:.25~", 0.0, 66, 0.9) + line(_TUNE, _START, 78, 1.02)
    strings = [n for at, (chord, beats) in _timed() for n in line(f"{chord}:{beats}", at, 54, 1.0)]
    parts = [
        Part(42, cello, 118, 58, 70, 14.0, _swells()),
        Part(0, _pulse(), 112, 72, 55, 12.0),
        Part(49, strings, 98, 50, 75, 14.0, [(0, 70), (9, 90), (17, 100), (21, 80), (_BEATS, 40)]),
        Part(43, line(_BASS, _START, 52, 1.0), 122, 80, 55, 12.0, [(0, 90), (17, 100), (_BEATS, 50)]),
    ]
    source = {
        "composer": "Frédéric Chopin (1810-1849)",
        "work": "Prelude in E minor, op. 28 no. 4",
        "year": 1839,
    }
    tempo = [(0.0, TEMPO), (4.5, TEMPO - 2), (5.0, TEMPO), (13.0, TEMPO + 2), *slow_down(17, 22, TEMPO, 60.0)]
    return Section("Q3", "Sad", source | {"public_domain": True}, _BEATS, tempo, parts, -22.5, 2.0, 0.0, 0.75, -0.6)


def _timed() -> list[tuple[float, tuple[str, int]]]:
    """Each chord of the prelude with the beat it starts on."""
    at, out = _START, []
    for chord in _CHORDS:
        out.append((at, chord))
        at += chord[1]
    return out
