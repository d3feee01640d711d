"""Writes one section as a Standard MIDI file (format 1), with small fixed-seed changes of time and force."""

from __future__ import annotations

import random
import struct

from notation import Part, Section

TICKS = 480
_DRUM_CHANNEL = 9
_BEND_RANGE = 12
_VOLUME, _PAN, _EXPRESSION, _REVERB, _CHORUS = 7, 10, 11, 91, 93


def _length(value: int) -> bytes:
    """A MIDI variable-length quantity."""
    out = [value & 0x7F]
    while value := value >> 7:
        out.insert(0, (value & 0x7F) | 0x80)
    return bytes(out)


def _track(events: list[tuple[int, int, bytes]]) -> bytes:
    """A track chunk from (tick, order within the tick, message) events."""
    body, now = b"", 0
    for tick, _, message in sorted(events):
        body += _length(tick - now) + message
        now = tick
    body += _length(0) + b"\xff\x2f\x00"
    return b"MTrk" + struct.pack(">I", len(body)) + body


def _control(channel: int, number: int, value: int) -> bytes:
    return bytes([0xB0 | channel, number, max(0, min(127, value))])


def _expression(part: Part, channel: int) -> list[tuple[int, int, bytes]]:
    """Controller 11 along straight lines between the part's (beat, value) points, 8 steps a beat."""
    events = []
    for (at, value), (then, following) in zip(part.expression, part.expression[1:], strict=False):
        steps = max(1, round((then - at) * 8))
        for i in range(steps + 1):
            level = round(value + (following - value) * i / steps)
            tick = round((at + (then - at) * i / steps) * TICKS)
            events.append((tick, 1, _control(channel, _EXPRESSION, level)))
    return events


def _bends(part: Part, channel: int) -> list[tuple[int, int, bytes]]:
    """Pitch bends along straight lines between the part's (beat, semitones) points, 32 steps a beat."""
    if not part.bends:
        return []
    # Registered parameter 0 is the bend range in semitones.
    events = [(0, 0, _control(channel, number, value)) for number, value in ((101, 0), (100, 0), (6, _BEND_RANGE))]
    for (at, value), (then, following) in zip(part.bends, part.bends[1:], strict=False):
        steps = max(1, round((then - at) * 32))
        for i in range(steps + 1):
            bend = value + (following - value) * i / steps
            level = max(0, min(16383, 8192 + round(8192 * bend / _BEND_RANGE)))
            tick = round((at + (then - at) * i / steps) * TICKS)
            events.append((tick, 1, bytes([0xE0 | channel, level & 0x7F, level >> 7])))
    return events


def _part_track(section: Section, part: Part, channel: int, rng: random.Random, end: int) -> bytes:
    setup = [
        (_VOLUME, part.volume),
        (_PAN, part.pan),
        (_REVERB, part.reverb),
        (_CHORUS, 0),
        (_EXPRESSION, 127),
    ]
    events = [(0, 0, _control(channel, number, value)) for number, value in setup]
    if part.program >= 0:
        events.append((0, 0, bytes([0xC0 | channel, part.program])))
    events += _expression(part, channel) + _bends(part, channel)
    for note in sorted(part.notes, key=lambda n: (n.start, n.pitch)):
        beat_s = section.seconds(note.start + 1) - section.seconds(note.start)
        late = rng.gauss(0.0, part.loose_ms / 1000.0) / beat_s
        on = max(0, round((note.start + late) * TICKS))
        off = max(on + 10, round((note.start + late + note.length) * TICKS))
        force = max(1, min(127, round(note.velocity + rng.gauss(0.0, 3.5))))
        events.append((on, 3, bytes([0x90 | channel, note.pitch, force])))
        events.append((off, 2, bytes([0x80 | channel, note.pitch, 0])))
    events.append((end, 9, _control(channel, _PAN, part.pan)))  # keeps the renderer running for the tail
    return _track(events)


def section_file(section: Section, seed: int) -> bytes:
    """The section as the bytes of a MIDI file; the same seed always gives the same bytes."""
    rng = random.Random(seed)
    tempo = [
        (round(at * TICKS), 0, b"\xff\x51\x03" + round(60e6 / bpm).to_bytes(3, "big")) for at, bpm in section.tempo
    ]
    last_bpm = section.tempo[-1][1]
    end = round((section.beats + (section.tail_s + 1.0) * last_bpm / 60.0) * TICKS)
    tracks = [_track(tempo)]
    melodic = iter(c for c in range(16) if c != _DRUM_CHANNEL)
    for part in section.parts:
        channel = _DRUM_CHANNEL if part.program < 0 else next(melodic)
        tracks.append(_part_track(section, part, channel, rng, end))
    return b"MThd" + struct.pack(">IHHH", 6, 1, len(tracks), TICKS) + b"".join(tracks)
