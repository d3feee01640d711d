"""Streams made once and kept."""

import sys
from collections.abc import Sequence
from pathlib import Path

import joblib
import numpy as np
from tqdm import tqdm

from device.features.spec import FeatureSpec
from trainer.augmentation.seeds import digest
from trainer.corpora.clip import Clip
from trainer.ear.material import FOLDS, deck, group
from trainer.ear.streams import Stream, Studio
from trainer.ear.ways import Way
from trainer.extraction import DECODING
from trainer.storage import read_arrays, write_arrays

DEFINITION = 5
"""Raised whenever the code changes what a stream is; it is part of the cache's key."""
SPEC = FeatureSpec(24_000, 1_200, 1_200, ("short_term", "log_mel", "contrast", "flatness", "onset", "tonal"), False)
HOPS = 8
"""The ear is given the same frames as the lamp's own model, and answers as often."""


class Store:
    """Streams in FOLDER/KEY/WAY_FOLD_NUMBER.npz; the key tells clips, folds, features and DEFINITION."""

    def __init__(self, clips: Sequence[Clip], corpora: Path, cache: Path, seed: int) -> None:
        self.clips, self.corpora, self.seed = clips, corpora, seed
        names = sorted((clip.corpus, clip.id, group(clip), clip.sound) for clip in clips)
        key = digest(DEFINITION, DECODING, SPEC.fingerprint, HOPS, seed, repr(names)).hex()[:16]
        self.folder = cache / f"ear-{key}"

    def entry(self, way: Way, fold: int, number: int) -> Path:
        """Where a stream is kept."""
        return self.folder / f"{way}_{fold}_{number}.npz"

    def read(self, way: Way, fold: int, number: int) -> Stream | None:
        """A stream that was made before, or None."""
        kept = read_arrays(self.entry(way, fold, number))
        return None if kept is None else Stream(**kept)

    def make(self, way: Way, fold: int, number: int) -> None:
        """Make a stream and keep it."""
        studio = Studio(deck(self.clips, fold, self.seed), self.corpora, way, self.seed, f"fold {fold}")
        stream = studio.stream(number, SPEC, HOPS)
        write_arrays(self.entry(way, fold, number), **vars(stream))

    def streams(self, way: Way, count: int, jobs: int) -> list[list[Stream]]:
        """`count` streams of each fold; what is missing is made by `jobs` processes."""
        wanted = [(way, fold, number) for fold in range(FOLDS) for number in range(count)]
        todo = [one for one in wanted if self.read(*one) is None]
        if todo:
            with joblib.parallel_config(backend="loky", inner_max_num_threads=1):
                work = joblib.Parallel(n_jobs=jobs, return_as="generator_unordered")(
                    joblib.delayed(self.make)(*one) for one in todo
                )
                for _ in tqdm(work, total=len(todo), desc=f"{way} streams", unit="min", file=sys.stderr, mininterval=5):
                    pass
        found = [self.read(*one) for one in wanted]
        return [[one for one in found[at : at + count] if one is not None] for at in range(0, len(found), count)]


def joined(streams: Sequence[Stream]) -> Stream:
    """Streams of one length [steps], stacked to [streams, steps, ...]; longer ones are cut."""
    steps = min(len(one.kind) for one in streams)
    length = {"frames": steps * HOPS}
    parts = {
        name: np.stack([vars(one)[name][: length.get(name, steps)] for one in streams]) for name in vars(streams[0])
    }
    return Stream(**parts)
