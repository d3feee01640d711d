"""Stability: does a fitted run say the same of a clip after ten minutes of other music as after a fresh start?

Everything that remembers takes part: the conditioner's filters, the features that look back, the recurrent state. The
networks are the run's own, which have been fitted on these clips.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from device.errors import InputError
from device.features.extractor import FeatureExtractor
from device.features.pooling import Pool
from device.hearing.condition import Conditioner
from hardware.microphone import Block
from trainer.augmentation.levels import within
from trainer.extraction import decoded
from trainer.models.recurrent import Model
from trainer.prediction import Predictor, average
from trainer.recipe import Recipe

Array = NDArray[np.float32]

BEFORE_S = 600.0
SETTLED_S = 15.0
"""By then a clip must be told as if the lamp had just been switched on."""
CLIPS = 24


def error_curve(
    paths: Sequence[Path], models: Sequence[Model], recipe: Recipe, least_s: float = SETTLED_S + 5.0
) -> Array:
    """[clips, T] mean of |difference| in valence and arousal at every step of CLIPS clips of least_s seconds or more,
    drawn from `paths` by the recipe's seed: with BEFORE_S of others before it, against from a fresh start. T: steps of
    the shortest. InputError when there are not two such clips: one to hear, and one to hear before it."""
    rng = np.random.default_rng(recipe.seed)
    rate = recipe.features.rate
    sounds: list[Array] = []
    for i in rng.permutation(len(paths)):
        sound = within(decoded(paths[i], rate))
        if len(sound) >= least_s * rate and len(sounds) < 2 * CLIPS:
            sounds.append(sound)
        if len(sounds) == 2 * CLIPS:
            break
    if len(sounds) < 2:
        raise InputError(f"stability needs two clips of {least_s:g} s or more; left out.")
    chosen, others = sounds[: len(sounds) // 2], sounds[len(sounds) // 2 :]
    group = recipe.pool_hops * recipe.features.hop
    fresh, late = [], []
    for clip in chosen:
        before = _history(others, rate, group, rng)
        fresh.append(_frames(clip, recipe))
        late.append(_frames(np.concatenate([before, clip]), recipe))
    predictors = [Predictor(model) for model in models]
    first = average_steps(predictors, fresh)
    then = average_steps(predictors, late)
    steps = min(len(part) for part in first)
    return np.array([np.abs(a[-len(b) :][:steps] - b[:steps]).mean(axis=1) for a, b in zip(then, first, strict=True)])


def _history(others: Sequence[Array], rate: int, group: int, rng: np.random.Generator) -> Array:
    parts: list[Array] = []
    while sum(len(part) for part in parts) < BEFORE_S * rate:
        parts.append(others[int(rng.integers(len(others)))])
    whole = np.concatenate(parts)
    # A whole number of steps, so that both hear the clip cut into the same ones.
    return whole[: len(whole) // group * group]


def _frames(samples: Array, recipe: Recipe) -> Array:
    rate = recipe.features.rate
    conditioner, extractor = Conditioner(rate, 1, rate), FeatureExtractor(recipe.features)
    parts = [extractor.process(conditioner.process(Block(samples[:, None]))), extractor.process(conditioner.flush())]
    frames = np.concatenate(parts)
    return Pool(recipe.pool_hops, recipe.features.width).process(frames)


def average_steps(predictors: Sequence[Predictor], sequences: Sequence[Array]) -> list[Array]:
    """[T, 2] the ensemble's emotion at every step of every sequence."""
    answers = [predictor.steps(sequences) for predictor in predictors]
    return [average(parts).emotion for parts in zip(*answers, strict=True)]


def settled_error(curve: Array, step_s: float) -> float:
    """The largest mean error over the clips from SETTLED_S on."""
    return float(curve.mean(axis=0)[round(SETTLED_S / step_s) :].max(initial=0.0))
