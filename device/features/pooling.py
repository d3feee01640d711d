"""Short statistics of frames: what the recurrent model sees every few hops."""

import numpy as np
from numpy.typing import NDArray


def pooled_columns(columns: tuple[str, ...]) -> tuple[str, ...]:
    """Names of the pooled columns: all means, then all standard deviations."""
    return tuple(f"mean_{name}" for name in columns) + tuple(f"std_{name}" for name in columns)


class Pool:
    """Mean and (population) standard deviation over every `hops` consecutive frames, without overlap."""

    def __init__(self, hops: int, width: int) -> None:
        if hops < 1:
            raise ValueError(f"pool hops must be at least 1, not {hops}")
        self.hops = hops
        self.width = width
        self.reset()

    def reset(self) -> None:
        """Forget the frames of an unfinished group."""
        self._pending: NDArray[np.float32] = np.empty((0, self.width), dtype=np.float32)

    def process(self, frames: NDArray[np.float32]) -> NDArray[np.float32]:
        """Take frames [n, width]; return the pooled frames [m, 2 * width] that they complete."""
        waiting = np.concatenate([self._pending, frames]) if len(self._pending) else frames
        count = len(waiting) // self.hops
        self._pending = waiting[count * self.hops :].copy()
        if count == 0:
            return np.empty((0, 2 * self.width), dtype=np.float32)
        groups = waiting[: count * self.hops].reshape(count, self.hops, self.width)
        mean = groups.mean(axis=1, dtype=np.float64)
        # Two passes: the spread of a column that hardly moves would drown in the rounding of one.
        spread = np.sqrt(np.square(groups - mean[:, None]).mean(axis=1))
        return np.concatenate([mean, spread], axis=1).astype(np.float32)
