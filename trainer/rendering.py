"""MIDI files become sound files, once: kept by the content of the MIDI file and of the soundfont.

The first sample of the sound is the beginning of the MIDI file, so times told for the one hold for the other.
"""

import functools
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import joblib
import numpy as np
import soundfile
from tqdm import tqdm

from device.errors import InputError
from trainer.storage import write_atomic

VARIABLE = "LAMPYRIS_SOUNDFONT"
MIDI = (".mid", ".midi")

RENDERING = 1
"""Raised whenever the same MIDI file and soundfont come to another sound; it is part of the key."""

RATE = 24_000
GAIN = 0.6
"""Of fluidsynth, whose default of 0.2 leaves solo piano at -50 to -30 dBFS. Peaks of piano pieces come to 0.1 to 0.8
then, and all pieces keep their loudness beside each other."""
SILENT = 1e-3
"""Below this (-60 dBFS) sound counts as silence at the end of a file."""
TAIL_S = 1.0
LIMIT_S = 600.0
"""A piece of six minutes takes about two seconds, so this is no longer rendering but hanging."""

APT = "sudo apt install fluidsynth fluid-soundfont-gm"
PLACES = (
    "/usr/share/sounds/sf2/FluidR3_GM.sf2",
    "/usr/share/soundfonts/FluidR3_GM.sf2",
    "/usr/share/sounds/sf2/default-GM.sf2",
    "/usr/share/soundfonts/default.sf2",
    "/usr/share/sounds/sf2/TimGM6mb.sf2",
)
"""Where distributions put a General MIDI soundfont, best first."""


def is_midi(path: Path) -> bool:
    """Whether a file must be rendered before it can be heard, by its name."""
    return path.suffix.lower() in MIDI


def find_soundfont(given: Path | None = None) -> Path:
    """The soundfont: `given`, else LAMPYRIS_SOUNDFONT, else one of the usual places.

    Raises InputError when there is none, or when the one that was named is no SF2 file.
    """
    text = str(given) if given is not None else os.environ.get(VARIABLE, "")
    if text:
        path = Path(text).expanduser()
        try:
            with path.open("rb") as stream:
                head = stream.read(12)
        except OSError as error:
            raise InputError(f"The soundfont {path} cannot be read: {error.strerror}; set {VARIABLE}.") from None
        # fluidsynth would silently take its own default instead.
        if head[:4] != b"RIFF" or head[8:] != b"sfbk":
            raise InputError(f"{path} is no SF2 soundfont; set {VARIABLE} to one.")
        return path
    for place in PLACES:
        if Path(place).is_file():
            return Path(place)
    raise InputError(f"No soundfont was found; install one (`{APT}`) or set {VARIABLE}.")


def rendered(
    paths: Sequence[Path], cache_folder: Path, soundfont: Path | None = None, jobs: int = -1
) -> tuple[dict[Path, Path], dict[Path, str]]:
    """The sound file of every MIDI file in `paths`, and why the others have none. Renders what is not yet kept.

    Sound: FLAC, mono (the mean of the two channels), 16 bit, RATE, with at most TAIL_S of silence at the end, in
    cache_folder/rendered/KEY.flac. jobs: renderings at a time (-1: one for each core). Raises InputError without
    fluidsynth or a soundfont, or when nothing can be written.
    """
    font = find_soundfont(soundfont)
    program = shutil.which("fluidsynth")
    if program is None:
        raise InputError(f"fluidsynth is not installed, and MIDI files need it: `{APT}`.")
    digest = _digest(font, font.stat().st_mtime_ns)
    found: dict[Path, Path] = {}
    failed: dict[Path, str] = {}
    todo: dict[Path, Path] = {}
    for path in dict.fromkeys(paths):
        try:
            entry = cache_folder / "rendered" / f"{_key(path, digest)}.flac"
        except OSError as error:
            failed[path] = error.strerror or "it cannot be read"
            continue
        if _whole(entry):
            found[path] = entry
        else:
            todo[path] = entry
    if todo:
        # Threads suffice, the work is done in processes of fluidsynth.
        work = joblib.Parallel(n_jobs=jobs, prefer="threads", return_as="generator_unordered")(
            joblib.delayed(_fill)(program, font, path, entry) for path, entry in todo.items()
        )
        for path, why in tqdm(work, total=len(todo), desc="rendering", unit="file", file=sys.stderr, mininterval=2.0):
            if why:
                failed[path] = why
            else:
                found[path] = todo[path]
    return {path: found[path] for path in dict.fromkeys(paths) if path in found}, failed


@functools.lru_cache(maxsize=4)
def _digest(path: Path, _changed: int) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _key(path: Path, font: str) -> str:
    """Of the two contents and the version, each of a fixed length but the first, so that none runs into another."""
    content = hashlib.sha256(path.read_bytes()).hexdigest()
    return hashlib.sha256(f"{content} {font} {RENDERING}".encode()).hexdigest()


def _whole(entry: Path) -> bool:
    """Whether an entry is there with a readable head; what is renamed into place is whole unless the disk broke it."""
    try:
        return bool(soundfile.info(entry).frames > 0)
    except soundfile.SoundFileError:
        return False


def _fill(program: str, font: Path, path: Path, entry: Path) -> tuple[Path, str]:
    try:
        sound = _render(program, font, path)
    except ValueError as error:
        return path, str(error)
    write_atomic(entry, lambda stream: soundfile.write(stream, sound, RATE, format="FLAC", subtype="PCM_16"))
    return path, ""


def _render(program: str, font: Path, path: Path) -> np.ndarray:
    """[samples] mono at RATE; ValueError with one line when fluidsynth makes nothing of the file."""
    # fluidsynth takes any other file for a soundfont.
    if path.read_bytes()[:4] != b"MThd":
        raise ValueError("it is no MIDI file")
    with tempfile.TemporaryDirectory(prefix="lampyris-") as folder:
        wave = Path(folder) / "sound.wav"
        options = ["-n", "-i", "-q", "-g", str(GAIN), "-r", str(RATE), "-T", "wav", "-O", "float", "-F", str(wave)]
        try:
            done = subprocess.run(
                [program, *options, str(font), str(path.absolute())],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=LIMIT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise ValueError(f"fluidsynth was not done after {LIMIT_S:g} s") from None
        try:
            samples, _ = soundfile.read(wave, dtype="float32", always_2d=True)
        except soundfile.SoundFileError:
            samples = np.zeros((0, 2), np.float32)
    said = [line for line in done.stderr.splitlines() if "error" in line]
    if done.returncode:
        raise ValueError(said[0] if said else f"fluidsynth ended with {done.returncode}")
    mono = samples.mean(axis=1)
    loud = np.flatnonzero(np.abs(mono) > SILENT)
    if not loud.size:
        raise ValueError(said[0] if said else "it holds no sound")
    return np.clip(mono[: loud[-1] + 1 + round(TAIL_S * RATE)], -1, 1)
