"""Q2, angry: the Dies irae chant (13th century), in low brass and in grinding clusters, over overdriven guitars.

Around it stand the hammer blows and the falling chromatic cry of the Dies irae of Giuseppe Verdi (1813-1901), Messa
da Requiem (1874); both public domain. Riffs of tritones and half steps in uneven groups, a blast beat, sirens of
strings, then the fall and eight blows in an uneven rhythm, cut off.
"""

from __future__ import annotations

from notation import Note, Part, Section, again, drums, line, roll

TEMPO = 154.0
_BLOWS, _RIFF, _BLAST, _FALL, _END, _BEATS = 0.0, 8.0, 24.0, 36.0, 41.0, 49.0
_CHANT = "D3:2! C#3 D3! B2 C#3! A2 B2! B2"
_CHANT_SHORT = "D3:1! C#3 D3! B2 C#3! A2"
_RIFF_ODD = "B1:.5! B1:.25 B1 B1:.5! B1:.25! B1 C2:.5! B1! F2! E2!"
_RIFF_RUSH = "B1:.25! B1 B1 B1! B1 B1 C2! B1 B1 B1 F2! F2 F2 E2! E2 C2"
_PICKED = "B1 C2 B1 F2 E2 F2 C2 B1 A#1 B1 F2 F#2"
_FALLING = ("C3", "B2", "A#2", "A2", "G#2", "G2", "F#2", "F2", "E2", "D#2")
_STABS = "{c}:.5! r:1 {c}:.5! {c}! r {c}! r:1 {c}:.5! {c}:.25! {c} {c}:.5!"
_STAB_DRUMS = "X.....X.X...X.....X.XxX."
_SWELL = [(0.0, 80), (1.0, 50), (_RIFF, 127), (9.0, 70), (16.0, 110), (17.0, 70), (_BLAST, 127), (_BEATS, 127)]
_SIREN = [
    (0.0, 0.0), (4.0, 8.0), (8.0, -8.0), (16.0, -8.0), (24.0, 8.0), (24.05, -6.0), (27.0, 8.0), (30.0, -6.0),
    (33.0, 10.0), (36.0, -10.0),
]  # fmt: skip


def _grind(notes: list[Note]) -> list[Note]:
    """Each note with its tritone."""
    return notes + again(notes, shift=6)


def _blows(pitches: str, velocity: int, beats: float = 0.75) -> list[Note]:
    return line(f"{pitches}:{beats}! r:{2 - beats} " * 4, _BLOWS, velocity)


def _stabs(pitches: str, velocity: int) -> list[Note]:
    return line(_STABS.format(c=pitches), _END, velocity, 0.8)


def _fall(beats: float, velocity: int) -> list[Note]:
    """The chromatic fall, a half step each half beat, each note played every `beats`."""
    picks = round(0.5 / beats)
    text = " ".join(" ".join([f"{root}:{beats}!"] * picks) for root in _FALLING)
    return line(text, _FALL, velocity, 0.95)


def _guitar() -> list[Note]:
    notes = _blows("B1", 112, 1.25) + line("r:1.25 B1:.25 C2 B1 " * 4, _BLOWS, 100, 0.5)
    for bar in range(4):
        notes += line((_RIFF_ODD, _RIFF_RUSH)[bar % 2], _RIFF + 4 * bar, 100, 0.5)
    picked = " ".join(f"{root}:.25! {root} {root} {root}" for root in _PICKED.split())
    return _grind(notes + line(picked, _BLAST, 108, 0.9) + _fall(0.25, 108) + _stabs("B1", 112))


def _kit() -> list[Note]:
    notes = drums(_BLOWS, 0.25, 106, 4, kick="X...x.x.", lowtom="X...xxXx", bassdrum="X...X.x.")
    notes += drums(_BLOWS, 2.0, 106, crash="x...", midtom="XXXX", snare="...X")
    for bar in range(0, 4, 2):
        odd, rush = _RIFF + 4 * bar, _RIFF + 4 * bar + 4
        notes += drums(odd, 0.25, 104, kick="x.xxx.xxx.x.x.x.", snare="......X.......X.", china="X.....X...X...X.")
        notes += drums(odd, 0.25, 100, lowtom="..........XX..Xx", midtom="........Xx......")
        notes += drums(rush, 0.25, 104, kick="x" * 16, snare="...X..X...X..X.X", china="X..X..X...X..X..")
    notes += drums(_BLAST, 0.25, 108, 3, kick="x.x.x.x.x.x.x.x.", snare="x" * 16, china="X.x.x.x.X.x.x.x.")
    for_fall = "X...X...X...X...X..."
    notes += drums(_FALL, 0.25, 108, kick="x" * 20, snare="x" * 20, lowtom=for_fall, crash=for_fall)
    notes += drums(_END, 0.25, 116, **dict.fromkeys(("kick", "snare", "crash", "lowtom", "bassdrum"), _STAB_DRUMS))
    for at in (_RIFF, _RIFF + 8, _BLAST, _BLAST + 4, _BLAST + 8, _FALL):
        notes += drums(at, 1.0, 112, crash2="X", crash="X")
    return notes + roll(_RIFF - 2, 2.0, 57, 50, 115) + roll(_BLAST - 2, 2.0, 57, 50, 115)


def _kettle() -> list[Note]:
    notes = line("B1:.5! r B2:.25 F2 B2 F2 " * 4, _BLOWS, 114)
    notes += line("B2:1.5! F2:1! F2:.25 F2 B2:.5! C3! " * 4, _RIFF, 110)
    return notes + roll(_BLAST, 12, 41, 90, 116) + roll(_FALL, 5, 35, 80, 118) + _stabs("B1", 118)


def build() -> Section:
    """The section as data."""
    chant = line(_CHANT, _RIFF, 110, 1.0) + line(_CHANT_SHORT, _BLAST, 114, 1.0)
    chant += line(_CHANT_SHORT, _BLAST + 6, 116, 1.0, shift=6)
    fall = _fall(0.5, 112)
    low = chant + again(chant, shift=-11) + fall + again(fall, shift=1)
    low += _blows("B1+C2+F2", 116) + _stabs("B1+C2+F2", 116)
    high = again(chant, shift=18) + again(chant, shift=19) + again(fall, shift=13)
    high += _blows("F3+B3+C4", 116) + _stabs("F4+B4+C5", 112)
    shiver = line("B4+C5+F#5+G5:8 B4+C5+F5+F#5 C5+C#5+F#5+G5 C5+C#5+F5+G5+G#5:12", 0.0, 100, 1.0)
    shiver += line("B5+C6+F5:5 B5+C6+F6:6", _FALL, 108, 1.0)
    cry = line("F#5:1.5 F5:.5 E5:1 D#5 | D5:1.5 C#5:.5 C5:1 B4", _BLOWS, 110, 1.0)
    cry += again(cry, shift=-1) + line("B4+C5:6 F5+F#5", _BLAST, 100, 1.0)
    cry += again(fall, shift=24) + again(fall, shift=25)
    siren = line("F4+F#4:8", 0.0, 104, 1.0) + line("B4+C5:8 B4+C5:12", 16.0, 102, 1.0)
    hits = _blows("B2+C3+F3", 116) + line("B2+C3:3! F2+B2:1 " * 7, _RIFF, 100, 0.5) + _stabs("B2+C3", 110)
    guitar = _guitar()
    loud = [n for n in guitar if n.velocity >= 112 or n.start >= _BLAST]  # over the damped strings
    parts = [
        Part(-1, _kit(), 120, 64, 10, 3.0),
        Part(28, guitar, 102, 0, 0, 4.0, amp=5.0),
        Part(28, guitar, 102, 127, 0, 8.0, amp=5.0),
        Part(30, loud, 104, 20, 0, 6.0, amp=8.0),
        Part(30, loud, 104, 107, 0, 8.0, amp=8.0),
        Part(34, guitar, 120, 64, 5, 4.0),
        Part(57, low, 116, 74, 40),
        Part(58, low, 104, 54, 40),
        Part(61, high, 94, 80, 40),
        Part(44, shiver, 104, 40, 50, 6.0, _SWELL),
        Part(48, siren, 108, 90, 50, 6.0, [], _SIREN),
        Part(52, cry, 106, 64, 70),
        Part(47, _kettle(), 122, 60, 40, 3.0),
        Part(55, hits, 108, 64, 40),
    ]
    source = {
        "composer": "Anonymous (13th century)",
        "work": "Dies irae, plainchant",
        "year": "13th century",
        "with": "Giuseppe Verdi (1813-1901), Dies irae, Messa da Requiem, 1874",
    }
    tempo = [(0.0, TEMPO)]
    return Section("Q2", "Angry", source | {"public_domain": True}, _BEATS, tempo, parts, -13.5, 0.9, 0.25, 0.4, -0.4)
