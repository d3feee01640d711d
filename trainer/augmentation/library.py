"""Recorded rooms and noises, parted into those that training may use and those that only judge it."""

import csv
import hashlib
import os
import re
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
import soundfile
from numpy.typing import NDArray

from device.errors import InputError
from device.hearing.resample import Resampler
from trainer.augmentation.rooms import leveled, unit
from trainer.augmentation.seeds import digest

Samples = NDArray[np.float32]
Half = Literal["training", "evaluation"]

VARIABLE = "LAMPYRIS_CORPORA"
RT60_S = (0.15, 0.9)
"""Reverberation times of recorded rooms that a living room may have."""
LONGEST_S = 10.0
SALT = "half 0"
"""Chosen so that rooms part evenly and no collection of rooms is on both sides."""
QUIET = 0.05
"""Tenths of a second in which a noise has less than this part of its highest RMS are cut out: they are padding."""

# fmt: off
HOUSEHOLD = frozenset(
    [
        "aircon", "dishwasher", "vacuuming", "vacuum_cleaner", "washing_machine", "kitchen", "running_tap",
        "doing_the_dishes", "exercise_bike", "keyboard_typing", "typing", "mouse_click", "footsteps", "clock_tick",
        "door_wood_knock", "door_wood_creaks", "door", "can_opening", "drinking_sipping", "glass_breaking",
        "toilet_flush", "water", "water_drops", "pouring_water", "shower", "brushing_teeth", "tooth_brushing",
        "coughing", "cough", "sneezing", "breathing", "snoring", "snore", "laughing", "laugh", "baby_laugh",
        "crying_baby", "cry", "clapping", "dog", "cat", "rain", "wind", "thunderstorm", "thunder", "street",
        "traffic_car", "car_engine", "crackling_fire", "machine", "crowd", "speech",
    ]
)
# fmt: on
"""Labels of what is heard in a living room, from people in it to the street outside."""


def recording(file: str) -> str:
    """The recording that a file was cut from: cuts and takes of one have the same name here.

    ESC-50 counts takes by a letter; a speaker is one recording; pieces are numbered at the end.
    """
    path = Path(file)
    stem = path.stem.rpartition("__")[2]
    if take := re.fullmatch(r"(\d+-\d+)-[A-Z]", stem):
        return f"esc50/{take[1]}"
    if speaker := re.search(r"(?:spk|tts_)([^_]+)_", path.stem):
        return f"{path.parent.name}/{speaker[1]}"
    # One hall, heard by several microphones.
    if path.parent.name == "chrome_webaudio" and "35-10" in stem:
        return "chrome_webaudio/35-10"
    cut = re.sub(r"_\d+$", "", stem)
    return f"{path.parent.name}/{cut}"


def half_of(file: str) -> Half:
    """The half that a file belongs to, by its recording's name alone."""
    return "evaluation" if digest(SALT, recording(file))[0] & 1 else "training"


class Library:
    """What the folder `gate` holds for one half.

    rooms: files of impulse responses. noises: files by label. Without the folder both are empty.
    fingerprint: of the index of both, "" without the folder.
    """

    def __init__(self, gate: Path | None, half: Half) -> None:
        self.half = half
        self.rooms: list[Path] = []
        self.noises: dict[str, list[Path]] = {}
        self.fingerprint = ""
        if gate is None:
            return
        content = hashlib.sha256()
        for row in _rows(gate / "rir_index.csv", ("file", "kind", "rt60_t20_s"), content):
            if "plate" not in row["kind"] and _fits(row["rt60_t20_s"]) and half_of(row["file"]) == half:
                self.rooms.append(gate / row["file"])
        for row in _rows(gate / "index.csv", ("file", "kind", "label"), content):
            wanted = row["kind"] in ("noise", "speech") and row["label"] in HOUSEHOLD
            if wanted and half_of(row["file"]) == half:
                self.noises.setdefault(row["label"], []).append(gate / row["file"])
        self.fingerprint = content.hexdigest()[:16]


def _rows(path: Path, columns: tuple[str, ...], content: "hashlib._Hash") -> Iterator[dict[str, str]]:
    try:
        raw = path.read_bytes()
        content.update(raw)
        reader = csv.DictReader(raw.decode("utf-8-sig").splitlines())
        for row in reader:
            if missing := [name for name in columns if row.get(name) is None]:
                raise InputError(f"{path} has no column {missing[0]!r}; take the corpus' own file unchanged.")
            yield row
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path} cannot be read: {error}; get the folder whole, or remove it.") from None


def _fits(seconds: str) -> bool:
    try:
        return RT60_S[0] <= float(seconds) <= RT60_S[1]
    except ValueError:  # Some have no measured time.
        return False


def gate_folder(corpora: str) -> Path | None:
    """The folder with rooms and noises, `gate` in the given corpora folder or the environment's; None without one."""
    text = corpora or os.environ.get(VARIABLE, "")
    folder = Path(text).expanduser() / "gate"
    return folder if text and folder.is_dir() else None


@lru_cache(maxsize=8)
def library(corpora: str, half: Half) -> Library:
    """The library of a corpora folder ("": the environment's)."""
    return Library(gate_folder(corpora), half)


@lru_cache(maxsize=1)
def warn_of_none() -> None:
    """Say, once, that there are no recordings."""
    print("no recorded rooms and noises (corpora folder `gate`): simulated ones only", file=sys.stderr)


def read(path: Path, rate: int) -> Samples:
    """The first channel of a sound file [n] at the given rate, at most LONGEST_S. InputError when it is none."""
    try:
        with soundfile.SoundFile(path) as file:
            sound = file.read(int(LONGEST_S * file.samplerate), dtype="float32", always_2d=True)[:, 0]
            resampler = Resampler(file.samplerate, rate)
    except (OSError, soundfile.SoundFileError):
        raise InputError(f"{path} is missing or damaged; get it again, or remove the folder it is in.") from None
    sound = np.concatenate([resampler.process(sound), resampler.flush()])
    if not (np.isfinite(sound).all() and np.abs(sound).max(initial=0.0) > 1e-6):
        raise InputError(f"{path} holds no sound; get it again, or remove the folder it is in.")
    return sound


@lru_cache(maxsize=64)
def response(path: Path, rate: int) -> Samples:
    """A room's recorded impulse response [n] from the direct sound on, with energy 1, all octaves equally strong.

    The last, because a recording holds its loudspeaker and microphone too, and some were poor ones.
    """
    sound = read(path, rate)
    size = np.abs(sound)
    first = int(np.argmax(size > 0.3 * size.max()))
    return unit(leveled(sound[max(first - round(0.001 * rate), 0) :], rate))


@lru_cache(maxsize=128)
def noise(path: Path, rate: int) -> Samples:
    """A recorded noise [n], without its silent parts."""
    sound = read(path, rate)
    step = rate // 10
    parts = [sound[at : at + step] for at in range(0, len(sound), step)]
    power = np.array([float(np.sqrt(np.mean(np.square(part, dtype=np.float64)))) for part in parts])
    return np.concatenate([part for part, one in zip(parts, power, strict=True) if one > QUIET * power.max()])
