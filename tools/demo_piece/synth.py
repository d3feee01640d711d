"""Plays a section through fluidsynth with a General MIDI soundfont."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile
from midi import section_file
from mix import overdrive
from notation import Section

RATE = 44100


class RenderError(Exception):
    """Something needed is missing or failed; the message is one sentence."""


def is_soundfont(path: Path) -> bool:
    """True for a SoundFont 2 file; fluidsynth would quietly play another soundfont instead of a bad one."""
    with path.open("rb") as file:
        head = file.read(12)
    return head[:4] == b"RIFF" and head[8:] == b"sfbk"


def _fluidsynth(section: Section, seed: int, soundfont: Path, song: Path) -> np.ndarray:
    """The section's parts as fluidsynth plays them; the MIDI file is left at `song`."""
    wave = song.with_suffix(".wav")
    song.write_bytes(section_file(section, seed))
    settings = [f"synth.reverb.room-size={section.room}", "synth.reverb.damp=0.3", "synth.reverb.level=0.7"]
    settings += ["synth.chorus.active=0", "synth.polyphony=512", "synth.cpu-cores=1"]
    command = ["fluidsynth", "-ni", "-q", "-g", "0.25", "-r", str(RATE), "-O", "float", "-T", "wav"]
    command += [word for setting in settings for word in ("-o", setting)]
    done = subprocess.run([*command, "-F", str(wave), str(soundfont), str(song)], capture_output=True, text=True)
    if done.returncode != 0 or not wave.exists():
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise RenderError(f"fluidsynth could not render {section.quadrant}: {last}.")
    return soundfile.read(wave, always_2d=True)[0]


def play(section: Section, seed: int, soundfont: Path, folder: Path) -> np.ndarray:
    """The section as sound: its clean parts, and on top those of each amplifier setting; MIDI stays in `folder`."""
    sounds = []
    for amp in sorted({part.amp for part in section.parts}):
        song = folder / (f"{section.quadrant}-amp{amp:g}.mid" if amp else f"{section.quadrant}.mid")
        group = replace(section, parts=[part for part in section.parts if part.amp == amp])
        sound = _fluidsynth(group, seed, soundfont, song)
        sounds.append(overdrive(sound, RATE, amp) if amp else sound)
    whole = np.zeros((max(len(sound) for sound in sounds), 2))
    for sound in sounds:
        whole[: len(sound)] += sound
    return whole
