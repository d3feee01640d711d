"""Training sequences: crops of clips, sometimes two songs in a row, pooled and augmented on the fly."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from device.features.pooling import Pool, pooled_columns
from trainer.augmentation import GainLaw, mix
from trainer.dataset import Dataset
from trainer.recipe import Recipe

Array = NDArray[np.float32]
Batch = tuple[Array, Array, Array, Array]


def pooled(frames: Array, hops: int) -> Array:
    """[T // hops, 2 * width] of frames [T, width], by the lamp's own Pool."""
    return Pool(hops, frames.shape[1]).process(frames)


def statistics(data: Dataset, chosen: NDArray[np.int64], hops: int) -> tuple[Array, Array]:
    """Mean and standard deviation [2 * width] of the pooled frames of the chosen clips."""
    count = 0
    total = np.zeros(2 * data.frames.shape[1])
    squares = np.zeros_like(total)
    for index in chosen:
        part = pooled(data.of(index), hops).astype(np.float64)
        count += len(part)
        total += part.sum(axis=0)
        squares += (part * part).sum(axis=0)
    mean = total / count
    deviation = np.sqrt(np.maximum(squares / count - mean * mean, 0.0))
    # A column that never changes must come out as zero, not as amplified rounding.
    deviation[deviation < 1e-6 * np.maximum(np.abs(mean), 1e-3)] = 1.0
    return mean.astype(np.float32), deviation.astype(np.float32)


class Batches:
    """Batches (x [B, T, 2 * width], and [B, T, 2] each: y, weight, open side) from the chosen clips of a dataset.

    An epoch begins one sequence with every clip. A clip shorter than a sequence is followed by another one, and so
    is, on purpose, a share `join` of the longer ones. Each piece has its own start, level and warm-up without weight.
    """

    def __init__(self, data: Dataset, chosen: NDArray[np.int64], recipe: Recipe, deviation: Array) -> None:
        self.data = data
        self.chosen = chosen
        self.recipe = recipe
        self.noise = recipe.noise * deviation
        self.law = GainLaw(pooled_columns(recipe.features.columns))

    def __len__(self) -> int:
        return max(1, len(self.chosen) // self.recipe.batch)

    def epoch(self, seed: tuple[int, ...]) -> Iterator[Batch]:
        """The batches of one epoch; the same seed gives the same ones."""
        rng = np.random.default_rng(seed)
        order = rng.permutation(self.chosen)
        for part in np.array_split(order, len(self)):
            yield self._batch(part, rng)

    def _batch(self, leads: NDArray[np.int64], rng: np.random.Generator) -> Batch:
        recipe, data = self.recipe, self.data
        hops, steps = recipe.pool_hops, recipe.steps
        rows = np.empty((len(leads), steps, hops), dtype=np.int64)
        owner = np.empty((len(leads), steps), dtype=np.int64)
        counts = np.ones((len(leads), steps), dtype=np.float32)
        gain_db = np.empty((len(leads), steps), dtype=np.float32)
        for i, lead in enumerate(leads):
            for first, last, clip, start in self._pieces(lead, rng):
                rows[i, first:last] = (start + np.arange((last - first) * hops)).reshape(-1, hops)
                owner[i, first:last] = clip
                counts[i, first : first + recipe.warmup_steps] = 0.0
                gain_db[i, first:last] = rng.uniform(-recipe.gain_db, recipe.gain_db)
        groups = data.frames[rows]
        mean = groups.mean(axis=2)
        deviation = np.sqrt(np.square(groups - mean[:, :, None]).mean(axis=2))
        x = self.law.apply(np.concatenate([mean, deviation], axis=2), gain_db)
        if recipe.noise:
            x += self.noise * rng.standard_normal(x.shape, dtype=np.float32)
        y, weight, side = data.targets[owner], data.weights[owner] * counts[:, :, None], data.sides[owner]
        if recipe.mixup:
            x, y, weight, side = mix(x, y, weight, side, recipe.mixup, rng)
        return x, y, weight, side

    def _pieces(self, lead: int, rng: np.random.Generator) -> Iterator[tuple[int, int, int, int]]:
        """(first step, end step, clip, first frame) of the pieces that fill one sequence."""
        hops, steps = self.recipe.pool_hops, self.recipe.steps
        clip, position = lead, 0
        while position < steps:
            room = steps - position
            if position == 0 and rng.random() < self.recipe.join:
                room = int(rng.integers(steps // 3, 1 + 2 * steps // 3))
            length = int(self.data.lengths[clip])
            take = max(1, min(room, length // hops))
            start = int(rng.integers(0, length - take * hops + 1))
            yield position, position + take, clip, int(self.data.starts[clip]) + start
            position += take
            clip = int(rng.choice(self.chosen))
