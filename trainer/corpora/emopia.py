"""EMOPIA: 1,078 clips of pop piano as MIDI, each in one quadrant (Hung, Ching, Doh, Kim, Nam, Yang 2021).

Layout: midi/Q1_VIDEO_0.mid: quadrant, the eleven letters of the video that it was transcribed from (they may hold an
underscore), and a number (one number of a video may stand for different clips in two quadrants). There is no table.
"""

import hashlib
import re
from pathlib import Path

from device.errors import InputError
from trainer.corpora.clip import Clip, Corpus, Problem, Report

NAME = "emopia"
_FILE = re.compile(r"(Q[1-4])_(.{11})_(\d+)")


def load(folder: Path) -> Report:
    """All MIDI files whose name says quadrant, video and number; InputError without the folder midi."""
    place = folder / "midi"
    if not place.is_dir():
        raise InputError(f"{place} is missing; put the corpus' MIDI files there.")
    clips: dict[str, Clip] = {}
    problems: list[Problem] = []
    paths = sorted(path for path in place.iterdir() if path.suffix == ".mid")
    for path in paths:
        match = _FILE.fullmatch(path.stem)
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        if match is None:
            problems.append(Problem(path.name, 0, "the name isn't quadrant, video and number, like Q1_0vLPYiPN7qY_0"))
        elif not content:
            problems.append(Problem(path.name, 0, "the file is empty"))
        elif digest in clips:
            problems.append(Problem(path.name, 0, f"the same as {clips[digest].path.name}"))
        else:
            # Videos are told apart by capitals too, so the group stays as it is written.
            clips[digest] = Clip(path.stem, NAME, path, match[2], quadrant=match[1])
    return Report(NAME, tuple(clips.values()), len(paths), (), tuple(problems))


CORPUS = Corpus(NAME, NAME, "CC BY-NC-SA 4.0", "video", load, "quadrant")
