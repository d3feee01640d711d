"""A sound file's frames, heard exactly as the lamp hears a file: same decoder, conditioner, features."""

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from device.features.extractor import FeatureExtractor
from device.features.spec import FeatureSpec
from device.hearing.condition import LIMIT, Conditioner
from device.hearing.resample import Resampler
from hardware.file_microphone import FileMicrophone
from hardware.microphone import Block
from trainer.augmentation.change import Change

BLOCK_S = 2.0
"""Frames are the same for any block; longer ones are faster."""

DECODING = 1
"""Raised whenever decoding or conditioning changes what the frames come to; it is part of the cache's key."""


def content_hash(path: Path) -> str:
    """64 hex digits of a file's content (SHA-256)."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def file_frames(path: Path, spec: FeatureSpec, change: Change | None = None) -> NDArray[np.float32]:
    """[frames, spec.width] of a sound file, one row a hop; changed before the lamp hears it, if a change is given.

    A change draws by the file's content: the same file under another name comes out the same.
    HardwareError when the file can't be decoded.
    """
    if change is not None:
        return _changed_frames(path, spec, change)
    microphone = FileMicrophone(path, block_s=BLOCK_S)
    try:
        conditioner = Conditioner(microphone.rate, microphone.slots, spec.rate)
        extractor = FeatureExtractor(spec)
        parts = []
        while (block := microphone.read()) is not None:
            parts.append(extractor.process(conditioner.process(block)))
        parts.append(extractor.process(conditioner.flush()))
    finally:
        microphone.close()
    return np.concatenate(parts)


def _changed_frames(path: Path, spec: FeatureSpec, change: Change) -> NDArray[np.float32]:
    samples = change.apply(decoded(path, change.rate), change.rate, content_hash(path))
    conditioner = Conditioner(change.rate, 1, spec.rate)
    extractor = FeatureExtractor(spec)
    step = round(BLOCK_S * change.rate)
    parts = [
        extractor.process(conditioner.process(Block(samples[at : at + step, None])))
        for at in range(0, len(samples), step)
    ]
    parts.append(extractor.process(conditioner.flush()))
    return np.concatenate(parts)


def decoded(path: Path, rate: int) -> NDArray[np.float32]:
    """The mean of a sound file's channels [n] at `rate`, finite and within ±8. HardwareError when it can't be decoded.

    Unlike the Conditioner it filters nothing, so that a changed sound is filtered once, like any other.
    """
    with FileMicrophone(path, block_s=BLOCK_S) as microphone:
        resampler = Resampler(microphone.rate, rate)
        parts = []
        while (block := microphone.read()) is not None:
            mono = block.samples.mean(axis=1, dtype=np.float32)
            parts.append(resampler.process(np.clip(np.nan_to_num(mono, posinf=0.0, neginf=0.0), -LIMIT, LIMIT)))
        parts.append(resampler.flush())
    return np.concatenate(parts)
