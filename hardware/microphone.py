"""What the lamp asks of anything that hears: blocks of samples, one after the other."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of sound.

    samples: [n, slots], int32 left-justified (full scale 2**31) or float32 in [-1, 1].
    lost: samples per slot that were lost just before this block (overrun, unplugged cable); 0 when continuous.
    deaf: nothing was heard, the samples are silence that only keeps the time: the microphone is away for a while.
    """

    samples: np.ndarray
    lost: int = 0
    deaf: bool = False


class Microphone(Protocol):
    """A source of blocks at a fixed rate. Reading waits until a block is there."""

    rate: int
    """Samples per second and slot."""
    slots: int
    """Channels in a block (an I2S microphone has two, one of them often dead)."""
    name: str
    """What the user calls it: an ALSA name or a file name."""
    live: bool
    """Whether it hears the air: reading then takes the sound's own time, and one of its slots may be dead."""

    def read(self) -> Block | None:
        """The next block, or None at the end of a source that ends (a file)."""
        ...

    def close(self) -> None:
        """Release the source; calling it again does nothing."""
        ...
