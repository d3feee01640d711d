"""Hop: all that is known after one hop of sound."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from device.emotion.emotion import Emotion


@dataclass(frozen=True, slots=True)
class Hop:
    """t_s: seconds of sound so far. emotion: smoothed, as the light shows it. sound: the class heard, "nothing" while
    the microphone is away.

    level_db: dBFS of this hop. light: mean of the strip after limiting, linear RGB [3] in [0, 1].
    """

    t_s: float
    emotion: Emotion
    sound: str
    level_db: float
    light: NDArray[np.float32]
