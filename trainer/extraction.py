"""A sound file's frames, heard exactly as the lamp hears a file: same decoder, conditioner, features."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from device.features.extractor import FeatureExtractor
from device.features.spec import FeatureSpec
from device.hearing.condition import Conditioner
from hardware.file_microphone import FileMicrophone

BLOCK_S = 2.0
"""Frames are the same for any block; longer ones are faster."""

DECODING = 1
"""Raised whenever decoding or conditioning changes what the frames come to; it is part of the cache's key."""


def file_frames(path: Path, spec: FeatureSpec) -> NDArray[np.float32]:
    """[frames, spec.width] of a sound file, one row a hop. HardwareError when it can't be decoded."""
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
