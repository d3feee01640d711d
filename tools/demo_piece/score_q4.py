"""Q4, calm: Johannes Brahms (1833-1897), Wiegenlied op. 49 no. 4 (1868), public domain.

The first eight bars in G major: piano and flute sing, a harp rocks underneath, warm strings and horn hold.
"""

from __future__ import annotations

from notation import Note, Part, Section, line, slow_down

TEMPO = 83.0
_TUNE = (
    "B4:.5 B4 | D5:1.5! B4:.5 B4:1 | D5:2 B4:.5 D5 | G5:1! F#5:1.5 E5:.5 | E5:1 D5 A4:.5 B4 |"
    "C5:1.5! A4:.5 A4 B4 | C5:2 A4:.5 C5 | F#5! E5 D5:1 F#5 | G5:3"
)
_ROCKING = (
    "G2 D3 G3 B3 D4 B3", "G2 D3 G3 B3 D4 B3", "G2 D3 G3 B3 D4 B3", "D3 G3 B3 D4 A3 F#3",
    "D3 A3 C4 D4 F#4 D4", "D3 A3 C4 F#4 A4 F#4", "D3 A3 C4 D4 F#4 D4", "G2 D3 G3 B3 D4 G4",
)  # fmt: skip
_WARM = "G3+B3+D4:6 | G3+B3+E4:3 | G3+B3+D4:2 F#3+A3+C4:1 | F#3+A3+C4:3 | F#3+A3+D4 | F#3+A3+C4 | G3+B3+D4"
_DEEP = "G2:3 | G2 | G2 | D3 | D3 | D3 | D3 | G2"
_ALTO = "r:3 | r | B3:3 | D4 | C4 | D4 | C4:1 B3 A3 | B3:3"
_START = 1.0
_BEATS = 25.0


def _harp() -> list[Note]:
    notes: list[Note] = []
    for bar, chord in enumerate(_ROCKING):
        text = " ".join(f"{pitch}:.5" for pitch in chord.split())
        notes += line(text, _START + 3 * bar, 50, 4.0)
    return notes


def build() -> Section:
    """The section as data."""
    tune = line(_TUNE, 0.0, 62, 1.0)
    chords = line(_WARM, _START, 58, 1.03)
    swell = [(0, 70), (_START, 84), (7, 96), (11, 84), (16, 94), (21, 100), (_BEATS, 70)]
    parts = [
        Part(0, tune, 122, 60, 55, 10.0),
        Part(73, [n for n in tune if n.start >= 12.0], 66, 76, 70, 14.0, [(0, 80), (20, 96), (_BEATS, 60)]),
        Part(46, _harp(), 84, 84, 60, 10.0),
        Part(49, chords, 92, 48, 75, 14.0, swell),
        Part(60, line(_ALTO, _START, 50, 1.0), 62, 40, 75, 14.0),
        Part(48, line(_DEEP, _START, 52, 1.0), 112, 70, 70, 12.0, swell),
    ]
    source = {"composer": "Johannes Brahms (1833-1897)", "work": "Wiegenlied, op. 49 no. 4", "year": 1868}
    tempo = [(0.0, TEMPO), (12.0, TEMPO - 3), (13.0, TEMPO), *slow_down(19, 23, TEMPO, 66.0)]
    return Section("Q4", "Calm", source | {"public_domain": True}, _BEATS, tempo, parts, -22.0, 2.0, 0.0, 0.7)
