"""Minutes of changing sound for the ear: music, talk and noise one after the other, as frames with their class."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from device.features.extractor import FeatureExtractor
from device.features.spec import FeatureSpec
from device.hearing.condition import Conditioner
from device.hearing.level import Level
from hardware.microphone import Block
from trainer.augmentation.effects import PitchAndTime
from trainer.augmentation.levels import add, loudness_db, scaled, within
from trainer.augmentation.library import Library, library
from trainer.augmentation.seeds import generator
from trainer.corpora import gate
from trainer.ear.made_up import made_up
from trainer.ear.made_up_music import tune
from trainer.ear.material import KINDS, Deck
from trainer.ear.ways import RATE, Way, heard
from trainer.extraction import decoded

Samples = NDArray[np.float32]

STREAM_S = 60.0
SHARES = (0.4, 0.3, 0.3)
"""Of the segments, by KINDS."""
SEGMENT_S = (4.0, 10.0)
MADE_UP = {"music": 0.2, "speech": 0.0, "noise": 0.35}
"""Shares of each kind in training that are made up."""
SUNG_OVER = 0.2
"""Share of the music that someone talks over."""
TALK_DB = {"training": (-5.0, 15.0), "test": (0.0, 10.0)}
"""How far the music is above who talks over it."""
PADDING_DB = -50.0
"""Tenths of a second this far below a file's loudest are padding or pauses as digital as no room has them."""

QUIET_DB = -60.0
"""Steps below this are silence whatever they are cut from; they count for nothing."""
MIXED = len(KINDS)
"""The kind of music with someone talking over it; it is music."""


@dataclass(frozen=True)
class Stream:
    """Frames [steps * hops, columns] of a minute, of half precision; the kind of each step (of KINDS, or MIXED), its
    level in dBFS, the seconds from the segment's onset to the step's end, and the clip that the segment begins with;
    all [steps]."""

    frames: NDArray[np.float16]
    kind: NDArray[np.int64]
    level_db: NDArray[np.float32]
    since_s: NDArray[np.float32]
    source: NDArray[np.str_]


class Studio:
    """Makes streams of the clips of one fold; noises and voices that are mixed in come from the same fold."""

    def __init__(self, deck: Deck, corpora: Path, way: Way, seed: int, tag: str) -> None:
        self.deck, self.way, self.seed, self.tag = deck, way, seed, tag
        rooms = library(str(corpora), "training" if way == "training" else "evaluation")
        self.known = Library(None, rooms.half)
        self.known.rooms = rooms.rooms
        for clip in deck["noise"]:
            self.known.noises.setdefault(Path(clip.id).name.partition("__")[0], []).append(clip.path)

    def stream(self, number: int, spec: FeatureSpec, hops: int) -> Stream:
        """The stream of that number, always the same."""
        rng = generator("ear stream", self.seed, self.tag, self.way, number)
        parts: list[Samples] = []
        kinds: list[int] = []
        sources: list[str] = []
        last = -1
        while sum(map(len, parts)) < STREAM_S * RATE:
            kind = int(rng.choice(len(KINDS), p=SHARES))
            if kind == last:
                continue
            invented = self.way == "training" and rng.random() < MADE_UP[KINDS[kind]]
            make = self._invented if invented else self._segment
            (sound, source), last = make(KINDS[kind], rng), kind
            if KINDS[kind] == "music" and self.way != "raw" and rng.random() < SUNG_OVER:
                talk, _ = self._segment("speech", rng)
                low, high = TALK_DB["training" if self.way == "training" else "test"]
                sound, kind = add(sound, np.resize(talk, len(sound)), rng.uniform(low, high)), MIXED
            if KINDS[kind % len(KINDS)] == "noise" and self.way == "training" and not invented:
                sound = self._another(sound, rng)
            parts.append(heard(sound, self.way, self.known, rng))
            kinds.append(kind)
            sources.append(source)
        return _framed(parts, kinds, sources, spec, hops)

    def _another(self, noise: Samples, rng: np.random.Generator) -> Samples:
        """A noise [n] made into one that isn't among the few recordings: [n], faster, lower, or two at once."""
        if rng.random() < 0.4:
            stretch = PitchAndTime(rng.uniform(-5, 5), rng.uniform(0.7, 1.4), RATE, int(rng.integers(2**32)))
            noise = np.resize(stretch.process(noise), len(noise))
        if rng.random() < 0.3:
            noise = add(noise, np.resize(self._segment("noise", rng)[0], len(noise)), rng.uniform(-5, 10))
        return noise

    def _invented(self, kind: str, rng: np.random.Generator) -> tuple[Samples, str]:
        make = tune if kind == "music" else made_up
        return make(int(rng.uniform(*SEGMENT_S) * RATE), RATE, rng), "made up"

    def _segment(self, kind: str, rng: np.random.Generator) -> tuple[Samples, str]:
        """Sound of one kind [n], from one clip or from several where they are short, and the first one's name."""
        wanted = int(rng.uniform(*SEGMENT_S) * RATE)
        sound, first = np.zeros(0, np.float32), ""
        while len(sound) < wanted:
            clip = self.deck[kind][rng.integers(len(self.deck[kind]))]
            first = first or f"{clip.corpus}/{clip.id}"
            part = decoded(clip.path, RATE)
            if clip.corpus == gate.NAME:
                part = without_padding(part)
            start = int(rng.integers(max(1, len(part) - wanted + 1)))
            part = part[start : start + wanted - len(sound)]
            if len(sound) and self.way != "raw":
                part = scaled(part, loudness_db(sound) - loudness_db(part))
            sound = np.concatenate([sound, part])
        return within(sound), first


def without_padding(samples: Samples) -> Samples:
    """Samples [n] without what is PADDING_DB below the loudest tenth of a second; all of them if that is nothing."""
    step = RATE // 10
    parts = [samples[at : at + step] for at in range(0, len(samples), step)]
    level = np.array([float(np.sqrt(np.mean(np.square(part, dtype=np.float64)))) for part in parts])
    kept = [part for part, one in zip(parts, level, strict=True) if one > level.max() * 10 ** (PADDING_DB / 20)]
    return np.concatenate(kept) if kept else samples


def target(kind: NDArray[np.int64]) -> NDArray[np.int64]:
    """The class of every kind: music with someone talking over it is music."""
    return np.where(kind == MIXED, 0, kind)


def _framed(parts: list[Samples], kinds: list[int], sources: list[str], spec: FeatureSpec, hops: int) -> Stream:
    conditioner, extractor = Conditioner(RATE, 1, spec.rate), FeatureExtractor(spec)
    sound = conditioner.process(Block(np.concatenate(parts)[:, None]))
    frames = extractor.process(sound).astype(np.float16)
    power = 10 ** (Level(spec.hop).process(sound).astype(np.float64) / 10)
    steps = len(frames) // hops
    level_db = 10 * np.log10(power[: steps * hops].reshape(steps, hops).mean(axis=1))
    ends = np.cumsum([len(part) for part in parts]) / RATE
    now = (np.arange(steps) + 1) * hops * spec.hop_s
    # A step belongs to what sounds at its end.
    place = np.minimum(np.searchsorted(ends, now - 1e-9), len(parts) - 1)
    since = now - np.concatenate([[0.0], ends])[place]
    level, since = level_db.astype(np.float32), since.astype(np.float32)
    return Stream(frames[: steps * hops], np.array(kinds)[place], level, since, np.array(sources)[place])
