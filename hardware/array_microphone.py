"""ArrayMicrophone: an array of samples stands in for a microphone, in tests and for who uses the lamp as a library."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from hardware.errors import HardwareError
from hardware.microphone import Block


class ArrayMicrophone:
    """Gives out an array block by block, and can pretend that samples were lost on the way.

    samples: [n] or [n, slots], float32 or int32 like those of a real microphone. rate: samples per second and slot.
    block: samples per slot in a block; the last block, and one before a loss, may be shorter.
    lost_at: position in `samples` -> samples per slot that were lost just before it. A block begins there and tells it;
    a loss at the end of the array is told with an empty block. live: see Microphone; it does not wait all the same.

    Refuses what a real microphone could not be: HardwareError for a rate, block or loss under 1 or no slots, ValueError
    for another shape or type, for losses outside the array and for reading after close.
    """

    def __init__(
        self,
        samples: NDArray[Any],
        rate: int,
        block: int = 960,
        lost_at: Mapping[int, int] | None = None,
        name: str = "array",
        live: bool = False,
    ) -> None:
        if samples.ndim not in (1, 2):
            raise ValueError(f"Samples need the shape [n] or [n, slots], not {samples.shape}.")
        if samples.dtype not in (np.float32, np.int32):
            raise ValueError(f"Samples need the type float32 or int32, not {samples.dtype}.")
        self._samples = samples[:, None] if samples.ndim == 1 else samples
        self._lost_at = dict(lost_at or {})
        if min(rate, block, self._samples.shape[1], *self._lost_at.values()) < 1:
            raise HardwareError("A microphone needs at least 1 sample a second, slot, block and loss.")
        if not all(0 <= position <= len(samples) for position in self._lost_at):
            raise ValueError("Samples can only be lost at a position within the array.")
        self.rate = rate
        self.slots: int = self._samples.shape[1]
        self.name = name
        self.live = live
        self.position = 0
        self._block = block
        self._closed = False

    def read(self) -> Block | None:
        """The next block, a copy of the samples, or None at the end. Raises ValueError after close."""
        if self._closed:
            raise ValueError(f"The microphone {self.name} was read after it was closed.")
        start = self.position
        lost = self._lost_at.pop(start, 0)
        end = min([start + self._block, len(self._samples), *(at for at in self._lost_at if at > start)])
        if start == end and not lost:
            return None
        self.position = end
        return Block(self._samples[start:end].copy(), lost)

    def close(self) -> None:
        """End the reading; calling it again does nothing."""
        self._closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
