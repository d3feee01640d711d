"""Convolution and pooling over the past, one frame at a time: the last frames they look at are their state.

The state is [1, frames * channels], oldest frame first, zero at the start as if silence had been padded on.
"""

from dataclasses import dataclass
from typing import Any

import keras

Tensor = Any

POOLING = (keras.layers.AveragePooling1D, keras.layers.MaxPooling1D)
WINDOWED = (keras.layers.Conv1D, *POOLING)


@dataclass(frozen=True)
class Padded:
    """A frame [1, n] of a sequence that `layer` made `before` frames longer at its start."""

    frame: Tensor
    before: int
    layer: keras.layers.ZeroPadding1D


def reach(layer: keras.Layer) -> int:
    """How many frames before the newest the layer looks at."""
    if isinstance(layer, POOLING):
        return int(layer.pool_size[0]) - 1
    return int((layer.kernel_size[0] - 1) * layer.dilation_rate[0])


def windowed(layer: keras.Layer, x: Tensor, past: Tensor) -> tuple[Tensor, Tensor]:
    """The layer's output [1, m] for the frame x [1, n] after `past` [1, reach * n], and the past of the next frame."""
    n = x.shape[-1]
    seen = keras.ops.concatenate([past, x], axis=-1)
    after = seen[:, n:]
    if isinstance(layer, POOLING):
        frames = keras.ops.reshape(seen, (-1, n))
        pool = keras.ops.mean if isinstance(layer, keras.layers.AveragePooling1D) else keras.ops.max
        return pool(frames, axis=0, keepdims=True), after
    return _convolved(layer, seen, n), after


def _convolved(layer: keras.Layer, seen: Tensor, n: int) -> Tensor:
    """A plain dense layer over the frames under the kernel's taps, so that it is stored and quantized like one."""
    size, dilation = layer.kernel_size[0], layer.dilation_rate[0]
    if dilation > 1 and size > 1:
        # Before the newest, every group of `dilation` frames begins with one under a tap.
        groups = keras.ops.reshape(seen[:, :-n], (size - 1, dilation * n))
        taps = keras.ops.reshape(groups[:, :n], (1, (size - 1) * n))
        seen = keras.ops.concatenate([taps, seen[:, -n:]], axis=-1)
    output = keras.ops.matmul(seen, keras.ops.reshape(layer.kernel, (size * n, layer.filters)))
    if layer.use_bias:
        output = output + layer.bias
    return layer.activation(output)
