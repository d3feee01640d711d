"""Writing small made-up corpora."""

from collections.abc import Iterable
from pathlib import Path

import mido


def write(path: Path, *lines: str, encoding: str = "utf-8") -> Path:
    """A text file of these lines, with the folders it needs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding=encoding)
    return path


def touch(folder: Path, *names: str) -> None:
    """Files that are there; no loader looks into a sound file."""
    for name in names:
        write(folder / name, "sound")


def midi(path: Path, notes: Iterable[tuple[float, float, int]], tempo: int = 500_000) -> Path:
    """A MIDI file of piano notes (start in beats, length in beats, key), one after another; tempo in µs a beat."""
    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=tempo)])
    now = 0.0
    for start, length, key in notes:
        track.append(mido.Message("note_on", note=key, velocity=100, time=round(480 * (start - now))))
        track.append(mido.Message("note_off", note=key, time=round(480 * length)))
        now = start + length
    file = mido.MidiFile(ticks_per_beat=480)
    file.tracks.append(track)
    path.parent.mkdir(parents=True, exist_ok=True)
    file.save(path)
    return path
