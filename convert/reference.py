"""What the trained networks say, as Keras computes it: the other side of every comparison."""

from collections.abc import Callable, Sequence

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from convert.graph import heads
from device.emotion.card import Window

Array = NDArray[np.float32]
Outputs = dict[str, Array]
"""By name, "va" first: [T, members * n], a row for every frame."""

Reference = Callable[[Array], Outputs]

AT_ONCE = 256
"""Windows in a batch."""


def reference(members: Sequence[keras.Model], window: Window | None, more: tuple[str, ...] = ()) -> Reference:
    """A function of frames [T, width], heard from a fresh start: as one sequence, or window by window."""
    cut = heads(list(members), more)
    names = ("va", *more)

    # tf.function compiles the loop over time, which a plain call would run op by op.
    def run(x: tf.Tensor) -> list[tf.Tensor]:
        told = [keras.tree.flatten(member(x, training=False)) for member in cut]
        return [tf.concat(parts, axis=-1) for parts in zip(*told, strict=True)]

    compiled = tf.function(run, reduce_retracing=True)

    def sequence(frames: Array) -> Outputs:
        return {
            name: answer.numpy()[0] for name, answer in zip(names, compiled(tf.constant(frames[None])), strict=True)
        }

    def windows(frames: Array) -> Outputs:
        assert window is not None
        looks = looks_of(len(frames), window)
        parts: list[list[Array]] = [[] for _ in names]
        for first in range(0, len(looks), AT_ONCE):
            for part, answer in zip(parts, compiled(tf.constant(frames[looks[first : first + AT_ONCE]])), strict=True):
                told = answer.numpy()
                part.append(told[:, -1] if told.ndim == 3 else told)
        # Between two looks the answer stays.
        return {
            name: np.repeat(np.concatenate(part), window.every, axis=0)[: len(frames)]
            for name, part in zip(names, parts, strict=True)
        }

    return sequence if window is None else windows


def looks_of(count: int, window: Window) -> NDArray[np.int64]:
    """[looks, window.steps] which of `count` frames lie in each window, newest last; see device WindowModel."""
    newest = np.arange(0, count, window.every)[:, None]
    rows = newest + np.arange(1 - window.steps, 1)
    return np.where(newest + 1 < window.steps, rows % (newest + 1), rows)
