"""Training sequences: pieces of clips, sometimes two songs in a row, each heard in one of its ways."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trainer.augmentation.frames import GainLaw, column_groups, mask
from trainer.dataset import Dataset
from trainer.recipe import Recipe
from trainer.targets import Scale

Array = NDArray[np.float32]


class Batch(NamedTuple):
    """x [B, T, width]; quadrant int [B, T], -1 for none; ratings [B, T, R], standardized, NaN for none;
    sound int [B, T]; weight [B, T]."""

    x: Array
    quadrant: NDArray[np.int64]
    ratings: Array
    sound: NDArray[np.int64]
    weight: Array


class Piece(NamedTuple):
    """Steps first to last of a sequence come from a clip's steps `start` and after, in one hearing."""

    first: int
    last: int
    clip: int
    hearing: int
    start: int


def statistics(data: Dataset, chosen: NDArray[np.int64]) -> tuple[Array, Array]:
    """Mean and standard deviation [width] over the chosen clips, in all their hearings."""
    count = 0
    total = np.zeros(data.plain.frames.shape[1])
    squares = np.zeros_like(total)
    for hearing in data.hearings:
        for index in chosen:
            part = hearing.of(index).astype(np.float64)
            count += len(part)
            total += part.sum(axis=0)
            squares += (part * part).sum(axis=0)
    mean = total / count
    deviation = np.sqrt(np.maximum(squares / count - mean * mean, 0.0))
    # A column that never changes must come out as zero, not as amplified rounding.
    deviation[deviation < 1e-6 * np.maximum(np.abs(mean), 1e-3)] = 1.0
    return mean.astype(np.float32), deviation.astype(np.float32)


class Batches:
    """Batches from the chosen clips of a dataset; all have `recipe.batch` sequences.

    An epoch begins one sequence with every clip, but for a remainder smaller than a batch. With `agreement` the second
    half of a batch are the sequences of its first half again, heard in one of the changes. A clip shorter than a
    sequence is followed by another one, and so is, on purpose, a share `join` of the longer ones. Each piece has its
    own way of hearing, start, level, coloring and warm-up without weight.
    """

    def __init__(self, data: Dataset, chosen: NDArray[np.int64], recipe: Recipe, columns: tuple[str, ...]) -> None:
        self.data = data
        self.chosen = chosen
        self.recipe = recipe
        self.mean, self.deviation = statistics(data, chosen)
        self.scale = Scale(data.means, data.corpora, chosen)
        self._offset, self._spread = self.scale.of(data.corpora)
        self._law = GainLaw(columns)
        self._groups = column_groups(columns)
        # A change can cost a clip its last step.
        self._shortest = np.min([hearing.lengths for hearing in data.hearings], axis=0)

    @property
    def _leads(self) -> int:
        """Different sequences in a batch."""
        return self.recipe.batch // 2 if self.recipe.agreement else self.recipe.batch

    def __len__(self) -> int:
        return max(1, len(self.chosen) // self._leads)

    def epoch(self, seed: tuple[int, ...]) -> Iterator[Batch]:
        """The batches of one epoch; the same seed gives the same ones."""
        rng = np.random.default_rng(seed)
        size = self._leads
        order = np.resize(rng.permutation(self.chosen), max(size, len(self.chosen)))
        for number in range(len(self)):
            yield self._batch(order[number * size : (number + 1) * size], rng)

    def _batch(self, leads: NDArray[np.int64], rng: np.random.Generator) -> Batch:
        recipe, data, width = self.recipe, self.data, len(self.mean)
        rows_of = [list(self._pieces(lead, rng)) for lead in leads]
        if recipe.agreement:
            rows_of += [[self._changed(piece, rng) for piece in pieces] for pieces in rows_of]
        shape = len(rows_of), recipe.steps
        x = np.empty((*shape, width), dtype=np.float32)
        ratings = np.empty((*shape, data.plain.ratings.shape[1]), dtype=np.float32)
        owner = np.empty(shape, dtype=np.int64)
        weight = np.ones(shape, dtype=np.float32)
        gain_db = np.empty(shape, dtype=np.float32)
        offset = np.zeros((*shape, width), dtype=np.float32)
        spread = recipe.coloring * self.deviation
        for i, pieces in enumerate(rows_of):
            for piece in pieces:
                here, clip = (i, slice(piece.first, piece.last)), piece.clip
                hearing = data.hearings[piece.hearing]
                first = int(hearing.starts[clip]) + piece.start
                rows = slice(first, first + piece.last - piece.first)
                x[here] = hearing.frames[rows]
                gain_db[here] = rng.uniform(-recipe.gain_db, recipe.gain_db)
                offset[here] = spread * rng.standard_normal(width, dtype=np.float32)
                ratings[here] = (hearing.ratings[rows] - self._offset[clip]) / self._spread[clip]
                owner[here] = clip
                weight[i, piece.first : piece.first + recipe.warmup_steps] = 0.0
        x = self._law.apply(x, gain_db)
        x += offset
        if recipe.noise:
            x += recipe.noise * self.deviation * rng.standard_normal(x.shape, dtype=np.float32)
        if recipe.masking:
            x = self._masked(x, rng)
        return Batch(x, data.quadrants[owner], ratings, data.sounds[owner], weight * data.weights[owner])

    def _masked(self, x: Array, rng: np.random.Generator) -> Array:
        some = rng.random(len(x)) < self.recipe.masking
        standard = (x[some] - self.mean) / self.deviation
        x[some] = mask(standard, rng, groups=self._groups) * self.deviation + self.mean
        return x

    def _pieces(self, lead: int, rng: np.random.Generator) -> Iterator[Piece]:
        """The pieces that fill one sequence."""
        steps, clip, position = self.recipe.steps, int(lead), 0
        while position < steps:
            hearing = 0 if self.recipe.agreement else int(rng.integers(len(self.data.hearings)))
            room = steps - position
            if position == 0 and rng.random() < self.recipe.join:
                room = int(rng.integers(steps // 4, 1 + 3 * steps // 4))
            length = self._shortest[clip] if self.recipe.agreement else self.data.hearings[hearing].lengths[clip]
            take = max(1, min(room, int(length)))
            start = int(rng.integers(0, int(length) - take + 1))
            yield Piece(position, position + take, clip, hearing, start)
            position += take
            clip = int(rng.choice(self.chosen))

    def _changed(self, piece: Piece, rng: np.random.Generator) -> Piece:
        """The same steps in one of the changes."""
        return piece._replace(hearing=int(rng.integers(1, len(self.data.hearings))))
