"""Fits the ear's network to streams."""

import keras
import numpy as np
from numpy.typing import NDArray

from device.hearing.sound_class import inputs
from trainer.augmentation.seeds import generator
from trainer.ear.columns import used_columns
from trainer.ear.network import build
from trainer.ear.options import EarOptions
from trainer.ear.store import SPEC
from trainer.ear.streams import QUIET_DB, Stream, target
from trainer.ear.weights import Weights, standardized, weights_of

Array = NDArray[np.float32]

ONSET_WEIGHTS = ((0.4, 0.0), (0.8, 0.3), (1.2, 0.7))
"""Nothing can be known at once: what a step counts for until so many seconds after an onset."""


def step_weights(stream: Stream) -> Array:
    """What each step counts for [streams, steps]; the classes have equal parts."""
    weight = np.ones(stream.kind.shape, np.float32)
    for until_s, value in reversed(ONSET_WEIGHTS):
        weight[stream.since_s <= until_s + 1e-3] = value
    weight[stream.level_db < QUIET_DB] = 0
    kind = target(stream.kind)
    for one in np.unique(kind):
        weight[kind == one] /= weight[kind == one].sum()
    return weight / weight.mean()


def fit(every: Stream, options: EarOptions, member: int) -> Weights:
    """A network fitted to stacked streams; the same for the same streams, options and member."""
    used = used_columns(options.blind)
    x = inputs(every.frames, SPEC.columns, used)
    mean = x.mean(axis=(0, 1), dtype=np.float64).astype(np.float32)
    deviation = np.maximum(x.std(axis=(0, 1), dtype=np.float64), 1e-6).astype(np.float32)
    x, y, weight = standardized(x, mean, deviation), target(every.kind), step_weights(every)
    rng = generator("ear fit", options.seed, member)
    model = build(options, len(used), int(rng.integers(2**31)))
    count, steps = y.shape
    crops = steps // options.crop
    batches = count * crops // options.batch
    schedule = keras.optimizers.schedules.CosineDecay(options.rate, options.epochs * batches)
    model.compile(keras.optimizers.AdamW(schedule, weight_decay=options.decay, clipnorm=1.0), _loss)
    rows, offset = np.repeat(np.arange(count), crops), np.arange(options.crop)
    for _ in range(options.epochs):
        # Other cuts every time, so that no step is always the first after a fresh start.
        first = rng.integers(steps - options.crop + 1, size=len(rows))
        order = rng.permutation(len(rows))[: batches * options.batch]
        at = rows[order, None], first[order, None] + offset
        counts = weight[at]
        counts[:, 0] *= ONSET_WEIGHTS[1][1]
        model.fit(x[at], y[at], options.batch, sample_weight=counts, shuffle=False, verbose=0)
    return weights_of(model, mean, deviation)


_loss = keras.losses.SparseCategoricalCrossentropy()
