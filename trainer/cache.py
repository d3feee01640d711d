"""Frames of many files, computed once: kept by the file's content and the features' fingerprint."""

import functools
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import joblib
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from device.errors import InputError
from device.features.pooling import Pool
from device.features.spec import FeatureSpec
from hardware.errors import HardwareError
from trainer.augmentation.change import Change
from trainer.extraction import DECODING, content_hash, file_frames
from trainer.storage import read_arrays, write_arrays

VARIABLE = "LAMPYRIS_CACHE"

Frames = NDArray[np.float32]


def cache_dir(given: Path | None) -> Path:
    """The cache's folder: `given`, else the environment's, else ~/.cache/lampyris."""
    text = str(given) if given is not None else os.environ.get(VARIABLE, "")
    return Path(text).expanduser() if text else Path.home() / ".cache" / "lampyris"


@functools.cache
def _hash(path: Path, size: int, modified_ns: int) -> str:
    """A file's content hash, once in a process as long as the file stays untouched: many stores ask for the same."""
    return content_hash(path)


class FeatureCache:
    """Frames in files FOLDER/KEY/SHA256.npz, the hash being that of the sound file's content.

    hops: None for frames as they are, float32 [T, spec.width] at spec's hop; a number for groups of so many frames
    pooled by the lamp's own Pool, float32 [T // hops, 2 * spec.width]. change: what happens to the sound before.
    The key tells spec, DECODING, change and hops, so that stores never meet.

    A renamed sound file keeps its entry, an altered one gets a new one; a damaged entry is computed again.
    """

    def __init__(self, folder: Path, spec: FeatureSpec, hops: int | None = None, change: Change | None = None) -> None:
        if hops is not None and hops < 1:
            raise InputError(f"Frames are pooled by groups of 1 or more, not {hops}.")
        self.spec = spec
        self.hops = hops
        self.change = change
        key = f"{spec.fingerprint}-{DECODING}"
        if change is not None:
            key += f"-{change.name}-{change.fingerprint}"
        if hops is not None:
            key += f"-pooled{hops}"
        self.folder = folder / key

    @property
    def width(self) -> int:
        """Columns of what is kept."""
        return self.spec.width if self.hops is None else 2 * self.spec.width

    def entry(self, path: Path) -> Path:
        """Where the frames of a sound file are kept."""
        about = path.stat()
        return self.folder / f"{_hash(path, about.st_size, about.st_mtime_ns)}.npz"

    def read(self, entry: Path) -> Frames | None:
        """The frames of an entry, or None when it is missing, damaged or not of this shape."""
        frames = (read_arrays(entry) or {}).get("frames")
        good = (
            frames is not None
            and frames.dtype == np.float32
            and frames.ndim == 2
            and frames.shape[1] == self.width
            and bool(np.isfinite(frames).all())
        )
        return frames if good else None

    def get(self, path: Path) -> Frames:
        """The frames of one sound file, from the cache or computed and kept.

        HardwareError if undecodable, InputError when the change needs a recording that is damaged.
        """
        entry = self.entry(path)
        frames = self.read(entry)
        if frames is None:
            frames = file_frames(path, self.spec, self.change)
            if self.hops is not None:
                frames = Pool(self.hops, self.spec.width).process(frames)
            write_arrays(entry, frames=frames)
        return frames


def _fill(cache: FeatureCache, path: Path) -> tuple[Path, str]:
    """Make one entry in a worker; frames stay on disk, which is cheaper than sending them."""
    try:
        cache.get(path)
    except (HardwareError, OSError) as error:
        return path, str(error)
    return path, ""


def frames_of(paths: Sequence[Path], cache: FeatureCache, jobs: int = -1) -> tuple[dict[Path, Frames], dict[Path, str]]:
    """Frames of every decodable file, and why the others are not. Computes what is missing on `jobs` cores (-1: all).

    Raises InputError when no file at all can be used.
    """
    found: dict[Path, Frames] = {}
    failed: dict[Path, str] = {}
    todo = []
    for path in paths:
        frames = cache.read(cache.entry(path))
        if frames is None:
            todo.append(path)
        else:
            found[path] = frames
    if todo:
        # One BLAS thread a worker: several would fight for the same cores.
        with joblib.parallel_config(backend="loky", inner_max_num_threads=1):
            work = joblib.Parallel(n_jobs=jobs, return_as="generator_unordered")(
                joblib.delayed(_fill)(cache, path) for path in todo
            )
            for path, why in tqdm(
                work, total=len(todo), desc="features", unit="file", file=sys.stderr, mininterval=2.0
            ):
                if why:
                    failed[path] = why
                else:
                    found[path] = cache.get(path)
    if not found:
        some = next(iter(failed.values()), "no file was given")
        raise InputError(f"None of the {len(paths)} sound files can be decoded ({some}); check the corpora.")
    return {path: found[path] for path in paths if path in found}, failed
