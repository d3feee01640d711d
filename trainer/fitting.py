"""Fitting one member: from a dataset and a recipe to a Keras model, in steps that can be interrupted."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import keras
import numpy as np
from jax import numpy as jnp
from numpy.typing import NDArray

from device.errors import InputError
from device.features.pooling import pooled_columns
from trainer.batches import Batch, Batches
from trainer.dataset import Dataset, digest_of
from trainer.models.recurrent import Model, build
from trainer.recipe import Recipe
from trainer.storage import read_arrays, write_arrays

CHECKPOINT_EPOCHS = 10
LEAST = 1e-7
"""A class that was held for less likely than this costs no more."""
STEEPEST = 1.0
"""Longer gradients are cut to this length (Pascanu et al., ICML 2013): recurrent nets have cliffs."""

Progress = Callable[[int, dict[str, float]], None]


def losses(outputs: list[Any], batch: Batch, rating_weight: float, agreement: float = 0.0) -> dict[str, Any]:
    """Cross-entropy of the quadrants (and of the sounds, if the network tells them), squared error of the ratings, and
    their weighted sum, each per counted step. With agreement also the squared difference in emotion between the two
    halves of the batch."""
    emotion, quadrant, ratings, *sound = outputs
    total = jnp.maximum(batch.weight.sum(), 1e-6)
    known = batch.weight * (batch.quadrant >= 0)
    entropy = (known * surprise(quadrant, jnp.maximum(batch.quadrant, 0))).sum() / total
    rated = jnp.isfinite(batch.ratings)
    error = jnp.where(rated, ratings - jnp.where(rated, batch.ratings, 0.0), 0.0)
    squares = (batch.weight[..., None] * jnp.square(error)).sum() / total
    parts = {"loss": entropy + rating_weight * squares, "quadrant": entropy, "ratings": squares}
    if sound:
        parts["sound"] = (batch.weight * surprise(sound[0], batch.sound)).sum() / total
        parts["loss"] += parts["sound"]
    if agreement:
        half = len(emotion) // 2
        apart = jnp.square(emotion[:half] - emotion[half:]).sum(axis=-1)
        parts["agreement"] = (batch.weight[:half] * apart).sum() / jnp.maximum(batch.weight[:half].sum(), 1e-6)
        parts["loss"] += agreement * parts["agreement"]
    return parts


def surprise(probability: Any, truth: Any) -> Any:
    """[B, T] -log of the probability [B, T, classes] that was given to the true class [B, T]."""
    told = jnp.take_along_axis(probability, truth[..., None], axis=-1)[..., 0]
    return -jnp.log(jnp.maximum(told, LEAST))


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
        self.digest = digest_of(recipe, data, chosen)
        self.batches = Batches(data, chosen, recipe, pooled_columns(recipe.features.columns))
        mean, deviation = self.batches.mean, self.batches.deviation
        self.model: Model = build(recipe.model, mean, deviation, seed=100_000 * recipe.seed + tag)
        self.optimizer = keras.optimizers.AdamW(
            keras.optimizers.schedules.CosineDecay(recipe.rate, recipe.epochs * len(self.batches)),
            weight_decay=recipe.weight_decay,
            global_clipnorm=STEEPEST,
            use_ema=recipe.average > 0,
            ema_momentum=recipe.average,
        )
        self.optimizer.exclude_from_weight_decay(var_names=["bias"])
        self.optimizer.build(self.model.trainable_variables)

    @property
    def _groups(self) -> tuple[list[Any], list[Any], list[Any]]:
        # The fixed ones hold the normalization and the random state of the dropout layers.
        return self.model.trainable_variables, self.model.non_trainable_variables, self.optimizer.variables

    def run(self, progress: Progress | None = None) -> Model:
        """Train the epochs that are left and return the model, its weights averaged if the recipe says so."""
        first = self._resume()
        step = jax.jit(self._step, donate_argnums=0)
        state = tuple([variable.value for variable in group] for group in self._groups)
        for epoch in range(first, self.recipe.epochs):
            sums: dict[str, list[float]] = {}
            for batch in self.batches.epoch((*self.seed, epoch)):
                state, parts = step(state, batch)
                for name, value in parts.items():
                    sums.setdefault(name, []).append(float(value))
            means = {name: math.fsum(values) / len(values) for name, values in sums.items()}
            if not math.isfinite(means["loss"]):
                raise InputError(f"The training ran away in epoch {epoch + 1}; try a lower --learning-rate.")
            if progress is not None:
                progress(epoch + 1, means)
            if (epoch + 1) % CHECKPOINT_EPOCHS == 0 and epoch + 1 < self.recipe.epochs:
                self._save(epoch + 1, state)
        for group, values in zip(self._groups, state, strict=True):
            for variable, value in zip(group, values, strict=True):
                variable.assign(value)
        # Puts the running mean of the weights in their place.
        self.optimizer.finalize_variable_values(self.model.trainable_variables)
        return self.model

    def _step(self, state: Any, batch: Batch) -> Any:
        trainable, fixed, optimizer = state

        def loss(trainable: Any, fixed: Any) -> Any:
            outputs, fixed = self.model.stateless_call(trainable, fixed, batch.x, training=True)
            parts = losses(outputs, batch, self.recipe.rating_weight, self.recipe.agreement)
            return parts["loss"], (fixed, parts)

        (_, (fixed, parts)), gradient = jax.value_and_grad(loss, has_aux=True)(trainable, fixed)
        trainable, optimizer = self.optimizer.stateless_apply(optimizer, gradient, trainable)
        return (trainable, fixed, optimizer), parts

    def _save(self, epoch: int, state: Any) -> None:
        if self.checkpoint is not None:
            values = [np.asarray(value) for group in state for value in group]
            content = {f"value_{i}": value for i, value in enumerate(values)}
            write_arrays(self.checkpoint, epoch=np.array(epoch), digest=np.array(self.digest), **content)

    def _resume(self) -> int:
        """Load the checkpoint if there is a sound one; the number of epochs that are done."""
        content = read_arrays(self.checkpoint) if self.checkpoint is not None else None
        variables = [variable for group in self._groups for variable in group]
        if content is None or len(content) != len(variables) + 2 or str(content.get("digest")) != self.digest:
            return 0
        for i, variable in enumerate(variables):
            variable.assign(content[f"value_{i}"])
        return int(content["epoch"])
