"""Q1, joyful: Jacques Offenbach (1819-1880), Galop infernal from "Orphée aux enfers" (1858), public
domain.

The can-can theme is set in D for a small orchestra over a fast polka beat, then up a tone in E for everybody.
"""

from __future__ import annotations

from notation import Note, Part, Section, again, drums, line, roll

TEMPO = 172.0
_HALF_1 = "D5:2 | E5:.5 G5 F#5 E5 | A5:1! A5 | A5:.5 B5 F#5 G5 | E5:1! E5 | E5:.5 G5 F#5 E5 |"
_OPEN = " D5 D6 C#6 B5 | A5 G5 F#5 E5"
_CLOSE = " D5 A5 E5 F#5 | D5:2!"
_RUN = "D5:.25 E5 F#5 G5 A5 B5 C#6 D6"
_TONIC, _DOMINANT = "F#4+A4+D5", "G4+A4+C#5"
_HARMONY_OPEN = "IVIIVVIV"
_HARMONY_CLOSE = "IVIIVVCI"
_INTRO, _FIRST, _SECOND, _THIRD, _END = 0.0, 4.0, 20.0, 36.0, 52.0


def _offbeats(start: float, harmony: str, velocity: int, shift: int = 0) -> list[Note]:
    notes: list[Note] = []
    for bar, chord in enumerate(harmony):
        one, two = {"I": (_TONIC, _TONIC), "V": (_DOMINANT, _DOMINANT), "C": (_TONIC, _DOMINANT)}[chord]
        notes += line(f"r:.5 {one} r {two}", start + 2 * bar, velocity, 0.55, shift)
    return notes


def _bass(start: float, harmony: str, velocity: int, shift: int = 0) -> list[Note]:
    notes: list[Note] = []
    for bar, chord in enumerate(harmony):
        text = ("D3:1 A2", "D3:1 F#2")[bar % 2] if chord in "IC" else ("A2:1 E3", "A2:1 C#3")[bar % 2]
        notes += line(text, start + 2 * bar, velocity, 0.7, shift)
    return notes


def _close(start: float, velocity: int, shift: int = 0) -> list[Note]:
    return line(_HALF_1 + _CLOSE, start, velocity, 0.85, shift)


def _stabs(pitches: str, velocity: int) -> list[Note]:
    """The last four beats: three chords, then air for the drums to lead on."""
    return line(f"{pitches}:.5! r {pitches} {pitches} {pitches}:1!", _END, velocity, 0.8)


def _kit() -> list[Note]:
    polka = {"kick": "x.x.", "snare": ".x.x", "hat": "xoxo"}
    party = {"kick": "X.X.", "snare": ".X.X", "tamb": "xxxx", "open": ".x.x", "clap": ".x.x"}
    notes = drums(_INTRO, 0.5, 96, kick="x.x.x.x.", snare="..x.xxxx", crash="X.......", tamb="xxxxxxxx")
    notes += drums(_FIRST, 0.5, 98, 7, **polka, tamb="x.x.") + drums(
        _FIRST + 14, 0.25, 92, snare="x.xxxxxx", kick="x...x..."
    )
    notes += drums(_SECOND, 0.5, 102, 7, **polka, tamb="xxxx")
    notes += drums(_SECOND + 14, 0.25, 104, snare="xxxx....", hightom="....xx..", lowtom="......XX", kick="x.x.x.x.")
    notes += drums(_THIRD, 0.5, 104, 8, **party) + drums(_END, 0.5, 112, kick="X.xxX", crash="X...X", snare="X.xxX")
    for at in (_FIRST, _SECOND, _SECOND + 8, _THIRD, _THIRD + 4, _THIRD + 8, _THIRD + 12):
        notes += drums(at, 1.0, 106, crash="x")
    return notes + roll(_END + 2.5, 1.5, 38, 40, 118)


def build() -> Section:
    """The section as data."""
    first = line(_HALF_1 + _OPEN, _FIRST, 102, 0.85)
    tune = first + _close(_SECOND, 104)
    top = again(_close(_THIRD, 108), shift=2)
    run = line(_RUN, _FIRST - 2, 86) + line(_RUN, _THIRD - 2, 98, shift=2)
    chords = _offbeats(_INTRO, "IV", 90) + _offbeats(_FIRST, _HARMONY_OPEN, 92)
    chords += _offbeats(_SECOND, _HARMONY_CLOSE, 90) + _offbeats(_THIRD, _HARMONY_CLOSE, 100, 2)
    bass = _bass(_INTRO, "IV", 96) + _bass(_FIRST, _HARMONY_OPEN, 94) + _bass(_SECOND, _HARMONY_CLOSE, 100)
    bass += _bass(_THIRD, _HARMONY_CLOSE, 108, 2) + _stabs("E2+E3", 110)
    horns = line("F#4:2 A4 | F#4 D5 | C#5 G4 | D5:1 C#5 D5:2", _SECOND, 92, 0.95)
    horns += line("G#4+B4:2 A4+B4 | G#4+B4 B4+E5 | A4+D#5 B4+D#5 | G#4+E5:1 A4+D#5 G#4+E5:2", _THIRD, 104, 0.95)
    sparkle = [n for n in again(top, shift=12) if n.start % 1.0 == 0.0]
    parts = [
        Part(-1, _kit(), 112, 64, 25, 4.0),
        Part(48, tune + top + run + _stabs("G#4+B4+E5", 100), 100, 40, 45),
        Part(72, again(tune + run, shift=12) + again(top, shift=12), 88, 84, 45),
        Part(56, _close(_SECOND, 92) + top + _stabs("G#4+B4+E5", 108), 98, 76, 35),
        Part(13, _close(_SECOND, 84) + again(top, shift=12), 122, 90, 35),
        Part(9, sparkle, 122, 30, 50),
        Part(1, chords + _stabs("E4+G#4+B4", 104), 100, 50, 30),
        Part(61, horns + _offbeats(_THIRD, _HARMONY_CLOSE, 96, 2) + _stabs("E3+B3+E4", 110), 92, 58, 35),
        Part(58, bass, 92, 64, 25),
        Part(33, bass, 104, 64, 10),
    ]
    source = {
        "composer": "Jacques Offenbach (1819-1880)",
        "work": "Galop infernal, Orphée aux enfers",
        "year": 1858,
    }
    return Section("Q1", "Joyful", source | {"public_domain": True}, 56.0, [(0.0, TEMPO)], parts, -14.5, 0.6, 0.0, 0.35)
