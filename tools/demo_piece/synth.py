"""Plays a section through fluidsynth with a General MIDI soundfont."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import soundfile
from midi import section_file
from notation import Section

RATE = 44100


class RenderError(Exception):
    """Something needed is missing or failed; the message is one sentence."""


def is_soundfont(path: Path) -> bool:
    """True for a SoundFont 2 file; fluidsynth would quietly play another soundfont instead of a bad one."""
    with path.open("rb") as file:
        head = file.read(12)
    return head[:4] == b"RIFF" and head[8:] == b"sfbk"


def play(section: Section, seed: int, soundfont: Path, folder: Path) -> np.ndarray:
    """The section as sound, through fluidsynth; the MIDI file stays in `folder`."""
    song, wave = folder / f"{section.quadrant}.mid", folder / f"{section.quadrant}.wav"
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
