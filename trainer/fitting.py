"""Fitting one member: from a dataset and a recipe to a Keras model, in steps that can be interrupted."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from trainer.batches import Batches, pooled, statistics
from trainer.dataset import Dataset
from trainer.models.recurrent import Model, build
from trainer.recipe import Recipe
from trainer.storage import read_arrays, write_arrays

CHECKPOINT_EPOCHS = 5

Progress = Callable[[int, float], None]


class Fitting:
    """One member's training: `run()` gives the model. An epoch's data depends on seeds and its number alone.

    chosen: positions of the training clips. tag: which member of which fold; it seeds weights and batches.
    checkpoint: a file that carries an interrupted training on, or None.
    """

    def __init__(
        self, data: Dataset, chosen: NDArray[np.int64], recipe: Recipe, tag: int, checkpoint: Path | None = None
    ) -> None:
        self.recipe = recipe
        self.seed = (recipe.seed, tag)
        self.checkpoint = checkpoint
        mean, deviation = statistics(data, chosen, recipe.pool_hops)
        self.batches = Batches(data, chosen, recipe, deviation)
        self.model: Model = build(recipe.model, mean, deviation, seed=100_000 * recipe.seed + tag)
        self.optimizer = keras.optimizers.AdamW(
            keras.optimizers.schedules.CosineDecay(recipe.rate, recipe.epochs * len(self.batches)),
            weight_decay=recipe.weight_decay,
            use_ema=recipe.average > 0,
            ema_momentum=recipe.average,
        )
        self.optimizer.exclude_from_weight_decay(var_names=["bias"])
        self.optimizer.build(self.model.trainable_variables)
        self._step = tf.function(self._train_step, reduce_retracing=True)

    def run(self, progress: Progress | None = None) -> Model:
        """Train the epochs that are left and return the model, its weights averaged if the recipe says so."""
        for epoch in range(self._resume(), self.recipe.epochs):
            losses = [float(self._step(*batch)) for batch in self.batches.epoch((*self.seed, epoch))]
            loss = math.fsum(losses) / len(losses)
            if progress is not None:
                progress(epoch + 1, loss)
            if (epoch + 1) % CHECKPOINT_EPOCHS == 0:
                self._save(epoch + 1)
        # Puts the running mean of the weights in their place.
        self.optimizer.finalize_variable_values(self.model.trainable_variables)
        return self.model

    def _train_step(self, x: Any, y: Any, weight: Any, side: Any) -> Any:
        with tf.GradientTape() as tape:
            error = self.model(x, training=True) - y
            counted = tf.where(side * error > 0, 0.0, error)
            loss = tf.reduce_sum(weight * tf.square(counted)) / tf.maximum(tf.reduce_sum(weight), 1e-6)
        variables = self.model.trainable_variables
        self.optimizer.apply(tape.gradient(loss, variables), variables)
        return loss

    @property
    def _variables(self) -> list[Any]:
        # The model's variables hold the random state of its dropout layers too.
        return [*self.model.variables, *self.optimizer.variables]

    def _save(self, epoch: int) -> None:
        if self.checkpoint is not None:
            values = {f"variable_{i}": np.asarray(variable) for i, variable in enumerate(self._variables)}
            write_arrays(self.checkpoint, epoch=np.array(epoch), **values)

    def _resume(self) -> int:
        """Load the checkpoint if there is a sound one; the number of epochs that are done."""
        content = read_arrays(self.checkpoint) if self.checkpoint is not None else None
        if content is None or len(content) != len(self._variables) + 1:
            return 0
        for i, variable in enumerate(self._variables):
            variable.assign(content[f"variable_{i}"])
        return int(content["epoch"])


def clip_predictions(model: Model, data: Dataset, chosen: NDArray[np.int64], recipe: Recipe) -> NDArray[np.float32]:
    """[len(chosen), 2] mean of the model's frames after the warm-up, each clip heard whole from a fresh state."""
    sequences = [pooled(data.of(index), recipe.pool_hops) for index in chosen]
    # Padding comes after the end, which a causal model cannot see; one length means one trace.
    longest = max(len(sequence) for sequence in sequences)
    infer = tf.function(lambda x: model(x, training=False), reduce_retracing=True)
    out = np.empty((len(sequences), 2), dtype=np.float32)
    for first in range(0, len(sequences), 64):
        part = sequences[first : first + 64]
        x = np.zeros((len(part), longest, recipe.width), dtype=np.float32)
        for row, sequence in zip(x, part, strict=True):
            row[: len(sequence)] = sequence
        frames = infer(tf.constant(x)).numpy()
        for i, sequence in enumerate(part):
            out[first + i] = frames[i, recipe.warmup_steps : len(sequence)].mean(axis=0)
    return out
