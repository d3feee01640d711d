"""Q2, angry: Edvard Grieg (1843-1907), "In the Hall of the Mountain King" from Peer Gynt (1875), framed by
the hammer blows and the falling chromatic cry of the Dies irae of Giuseppe Verdi (1813-1901), Messa da
Requiem (1874); both public domain.

Set in B minor for two distorted guitars, low brass, choir, tremolo strings, timpani and a
double-kick drum kit.
"""

from __future__ import annotations

from notation import Note, Part, Section, again, drums, line, roll

TEMPO = 184.0
_BLOWS, _HALL, _HIGHER, _FALL, _END, _BEATS = 0.0, 8.0, 24.0, 40.0, 48.0, 58.0
_HALL_TUNE = (
    "B2:.5! C#3 D3 E3 F#3 D3 F#3:1! | F3:.5! C#3 F3:1 E3:.5! C3 E3:1 |"
    "B2:.5! C#3 D3 E3 F#3 D3 F#3 B3! | A3 F#3 D3 F#3 A3:2!"
)
_HIGHER_TUNE = (
    "F#3:.5! G#3 A#3 B3 C#4 A#3 C#4:1! | D4:.5! A#3 D4:1 C#4:.5! A#3 C#4:1 |"
    "F#3:.5! G#3 A#3 B3 C#4 A#3 C#4:1! | D4:.5! A#3 D4:1 C#4:2!"
)
_CHUGS = ("B1 B1 G1 B1", "C#2 C#2 C2 C2") * 2 + ("F#1 F#1 F#1 F#1", "G1 G1 F#1 F#1") * 2
_FALLING = ("B2", "A#2", "A2", "G#2", "G2", "F#2", "F2", "E2")
_BLOW = "B2+F#3+B3+D4:.5! r:1.5 " * 3 + "C3+F#3+B3+D4:.5! r:1.5"
_STABS = "r:.5 {a}:.5! r:1 {a}:.5! {a}! r:1 | {b}:.5! {b}! r:1 {b}:.5! r:.5 {a}:1!"


def _power(root: str, beats: float, start: float, velocity: int) -> list[Note]:
    low = line(f"{root}:{beats}", start, velocity, 0.9)
    return low + again(low, shift=7) + again(low, shift=12)


def _guitar() -> list[Note]:
    notes: list[Note] = []
    for blow in range(4):
        notes += _power("B1" if blow < 3 else "C2", 1.0, _BLOWS + 2 * blow, 122)
        notes += line("B1:.25 B1 B1 B1", _BLOWS + 2 * blow + 1, 100, 0.6)
    for bar, roots in enumerate(_CHUGS):
        for beat, root in enumerate(roots.split()):
            at = _HALL + 4 * bar + beat
            notes += _power(root, 0.5, at, 116) + line(f"r:.5 {root}:.25 {root}", at, 98, 0.6)
    for i, root in enumerate(_FALLING):
        for pick in range(4):
            notes += again(_power(root, 0.25, _FALL + i + pick / 4, 112), shift=-12)
    stab = _STABS.format(a="B1+F#2+B2", b="F2+B2+F3")
    return notes + line(stab, _END, 114, 0.8) + line("B1+F#2+B2+C3:1.5!", _END + 8, 116, 1.0)


def _kit() -> list[Note]:
    notes = drums(_BLOWS, 0.25, 104, 3, kick="X...xxxx", crash="X.......", snare="X.....xx", bassdrum="X...X...")
    notes += drums(_BLOWS + 6, 0.25, 108, kick="X.x.x.x.", crash="X.......", snare="X...xx..", lowtom="......XX")
    double = {"kick": "xxxxxxxxxxxxxxxx", "snare": "....X.......X...", "china": "X...x...x...x..."}
    notes += drums(_HALL, 0.25, 100, 4, **double) + drums(_HIGHER, 0.25, 104, 4, **double)
    notes += drums(_FALL, 0.25, 104, 2, kick="x.x.x.x.x.x.x.x.", snare=".x.x.x.x.x.x.x.x", china="X...X...X...X...")
    row, other = ".X..XX..", "XX..X.X."
    notes += drums(_END, 0.5, 114, kick=row + other, snare=row + other, crash=row + other)
    notes += drums(_END + 2, 0.25, 104, lowtom="......xx" + "." * 8 + "..xx")
    for at in (_HALL, _HALL + 8, _HIGHER, _HIGHER + 8, _FALL, _FALL + 4):
        notes += drums(at, 1.0, 110, crash2="X")
    return notes + drums(_END + 8, 1.0, 116, kick="X", crash="X", china="X", snare="X")


def _tremolo(text: str, start: float, velocity: int) -> list[Note]:
    return line(text, start, velocity, 1.0)


def build() -> Section:
    """The section as data."""
    tune = line(_HALL_TUNE, _HALL, 104, 0.8) + line(_HIGHER_TUNE, _HIGHER, 110, 0.8)
    fall = [n for i, root in enumerate(_FALLING) for n in line(f"{root}:1!", _FALL + i, 108, 0.95)]
    stab = line(_STABS.format(a="B2+D3+F#3", b="F3+B3+D4"), _END, 112, 0.8) + line("B1+F#2+C3+D3:2!", _END + 8, 118)
    brass = line(_BLOW, _BLOWS, 112, 0.9) + tune + again(fall, shift=12) + stab
    cry = line("F#5:1.5 F5:.5 E5:1 D#5 | D5:1.5 C#5:.5 C5:1 B4", _BLOWS, 108, 1.0)
    cry += line("F#4+C5:4 F4+B4 | E4+A#4 C5+F5", _HALL, 84, 1.0) + line("C#5+D5:4 D5+G5 C#5+D5 D5+G5", _HIGHER, 94, 1.0)
    cry += again(fall, shift=31, louder=4) + again(fall, shift=30) + line("F5+B5+C6:2!", _END + 8, 108, 1.0)
    shiver = _tremolo("B4+C5:8", _BLOWS, 92) + _tremolo("B4+C5+F5:8 B4+C#5+F5", _HALL, 88)
    shiver += (
        _tremolo("C#5+D5+G5:8 D5+G#5+C#6", _HIGHER, 96) + again(fall, shift=36) + _tremolo("B4+C5+F5:9", _END, 104)
    )
    kettle = [n for beat in range(4) for n in line("r:1 B2:.5! F2:.5", _BLOWS + 2 * beat, 110)]
    kettle += [n for bar in range(8) for n in line("B2:1! r F#2 F#2", _HALL + 4 * bar, 98)]
    kettle += roll(_FALL, 8, 41, 70, 112) + roll(_END + 8, 1.0, 35, 118, 70)
    left = _guitar()
    parts = [
        Part(-1, _kit(), 122, 64, 15, 3.0),
        Part(30, left, 85, 16, 10, 5.0),
        Part(30, left, 85, 112, 10, 9.0),
        Part(29, again(tune + fall, shift=12), 116, 50, 20, 5.0),
        Part(34, [n for n in left if n.pitch < 38], 108, 64, 5, 4.0),
        Part(61, brass, 118, 74, 40),
        Part(57, again(brass, shift=-12), 110, 54, 40),
        Part(44, shiver, 96, 40, 50),
        Part(48, again(tune, shift=24), 112, 90, 50),
        Part(52, cry, 92, 64, 70),
        Part(47, kettle, 112, 60, 50, 3.0),
    ]
    source = {
        "composer": "Edvard Grieg (1843-1907)",
        "work": "In the Hall of the Mountain King, Peer Gynt",
        "year": 1875,
        "with": "Giuseppe Verdi (1813-1901), Dies irae, Messa da Requiem, 1874",
    }
    return Section(
        "Q2",
        "Angry",
        source | {"public_domain": True},
        _BEATS,
        [(0.0, TEMPO)],
        parts,
        -13.5,
        1.1,
        0.45,
        0.4,
        0.7,
    )
