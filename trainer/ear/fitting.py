"""Fits the ear's network to streams."""

import keras
import numpy as np
from numpy.typing import NDArray

from device.hearing.sound_class import MEL_RANGE_DB, inputs, standardized
from trainer.augmentation.seeds import generator
from trainer.ear.columns import used_columns
from trainer.ear.network import build
from trainer.ear.options import EarOptions
from trainer.ear.store import HOPS, SPEC
from trainer.ear.streams import QUIET_DB, Stream, target
from trainer.ear.weights import Weights, weights_of

Array = NDArray[np.float32]

ONSET_WEIGHTS = ((0.4, 0.0), (0.8, 0.3), (1.2, 0.7))
"""Nothing can be known at once: what a step counts for until so many seconds after an onset."""
WAVES = 5
"""Half waves of the random equalizer over all mel bands."""
WIDEST_MASK = 7
"""Mel bands that are hidden at most."""


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


def scales(x: Array, mel: int) -> dict[str, Array]:
    """What standardizes inputs [..., inputs]: mean and deviation; mel bands go from -1.5 to 1.5, whatever was heard."""
    axes = tuple(range(x.ndim - 1))
    mean = x.mean(axis=axes, dtype=np.float64).astype(np.float32)
    deviation = np.maximum(x.std(axis=axes, dtype=np.float64), 1e-3).astype(np.float32)
    mean[:mel], deviation[:mel] = -MEL_RANGE_DB / 2, MEL_RANGE_DB / 3
    return {"mean": mean, "deviation": deviation}


def fit(every: Stream, options: EarOptions, member: int) -> Weights:
    """A network fitted to stacked streams; the same for the same streams, options and member."""
    used = used_columns(options.blind)
    mel = sum(name.startswith("mel_") for name in used)
    x, _ = inputs(every.frames, SPEC.columns, used)
    scale = scales(x, mel)
    x, y, weight = standardized(x, scale), target(every.kind), step_weights(every)
    rng = generator("ear fit", options.seed, member)
    model = build(options, len(used), int(rng.integers(2**31)))
    count, steps = y.shape
    crops = steps // options.crop
    batches = count * crops // options.batch
    schedule = keras.optimizers.schedules.CosineDecay(options.rate, options.epochs * batches)
    model.compile(keras.optimizers.AdamW(schedule, weight_decay=options.decay, clipnorm=1.0), _loss)
    rows, offset, hops = np.repeat(np.arange(count), crops), np.arange(options.crop), np.arange(options.crop * HOPS)
    for _ in range(options.epochs):
        # Other cuts every time, so that no step is always the first after a fresh start.
        first = rng.integers(steps - options.crop + 1, size=len(rows))
        order = rng.permutation(len(rows))[: batches * options.batch]
        row, start = rows[order, None], first[order, None]
        counts = weight[row, start + offset]
        counts[:, 0] *= ONSET_WEIGHTS[1][1]
        heard = varied(x[row, start * HOPS + hops], mel, options, rng)
        model.fit(heard, y[row, start + offset], options.batch, sample_weight=counts, shuffle=False, verbose=0)
    return weights_of(model, scale)


def varied(x: Array, mel: int, options: EarOptions, rng: np.random.Generator) -> Array:
    """Standardized sequences [B, hops, inputs], changed in place, each through an equalizer of its own and some with a
    few mel bands hidden (Park et al. 2019, frequency masking)."""
    empty = -MEL_RANGE_DB / 2 / (MEL_RANGE_DB / 3)
    place = (np.arange(mel) + 0.5) / mel
    waves = np.array([np.cos(np.pi * wave * place) / np.sqrt(wave) for wave in range(1, WAVES + 1)])
    gain = rng.normal(0, options.color_db / (MEL_RANGE_DB / 3), (len(x), WAVES)) @ waves
    x[..., :mel] = np.maximum(x[..., :mel] + gain[:, None].astype(np.float32), empty)
    for row in np.flatnonzero(rng.random(len(x)) < options.masked):
        wide = int(rng.integers(1, WIDEST_MASK + 1))
        first = int(rng.integers(mel - wide + 1))
        x[row, :, first : first + wide] = empty
    return x


_loss = keras.losses.SparseCategoricalCrossentropy()
