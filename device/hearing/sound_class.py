"""SoundClass: music, speech or noise, by a small recurrent network that runs in plain numpy.

One gated recurrent unit (Cho et al. 2014, in the form of Keras' `reset_after`) over the pooled frames that the lamp's
own model sees, and a softmax on it. It is deaf to the level: microphones, rooms and volume knobs decide that.
"""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import device
from device.errors import InputError
from device.features.names import MEL_BANDS
from device.features.pooling import pooled_columns
from device.hearing.sound_card import CLASSES, SoundCard, load_card

SHIPPED = Path(device.__file__).parents[1] / "models" / "gate"
"""The network that ships."""

LIMIT = 5.0
"""Standardized inputs are held within this many deviations: a room never hears what training never saw."""
MEL_RANGE_DB = 60.0
"""Mel bands this far below the strongest are as good as empty, in whatever room."""

Array = NDArray[np.float32]


def inputs(frames: Array, columns: Sequence[str], used: Sequence[str]) -> Array:
    """Pooled frames [..., 2 * width] to what the network sees [..., len(used)], before it is standardized.

    columns: of the frames before pooling. used: pooled columns. Mean mel levels become dB below the strongest one.
    """
    place = {name: at for at, name in enumerate(pooled_columns(tuple(columns)))}
    x = frames[..., [place[name] for name in used]]
    mel = [at for at, name in enumerate(used) if name.startswith("mean_mel_")]
    if mel:
        x[..., mel] = _relative(x[..., mel])
    return x


def _relative(mel: Array) -> Array:
    return np.maximum(mel - mel.max(axis=-1, keepdims=True), np.float32(-MEL_RANGE_DB))


def _parts(content: bytes, card: SoundCard, folder: Path) -> dict[str, Array]:
    """The weights by name, as the card says they are; InputError when they are not."""
    seen, units = len(card.inputs), card.units
    shapes = {
        "mean": (seen,),
        "deviation": (seen,),
        "kernel": (seen, 3 * units),
        "bias": (3 * units,),
        "recurrent": (units, 3 * units),
        "recurrent_bias": (3 * units,),
        "out": (units, len(CLASSES)),
        "out_bias": (len(CLASSES),),
    }
    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        if lacking := shapes.keys() - set(stored.files):
            raise InputError(f"The ear's weights in {folder} lack {min(lacking)!r}; fit them again.")
        parts = {name: np.asarray(stored[name], np.float32) for name in shapes}
    for name, shape in shapes.items():
        if parts[name].shape != shape:
            raise InputError(f"The ear's weights {name!r} in {folder} are not of the card's shape; fit them again.")
        if not np.isfinite(parts[name]).all():
            raise InputError(f"The ear's weights {name!r} in {folder} are no numbers; fit them again.")
    return parts


class SoundClass:
    """process(pooled [2 * width]) -> probabilities of music, speech and noise [3], float32; remembers what was before.

    Raises InputError if the folder's files are missing, damaged or not of this schema.
    """

    def __init__(self, folder: Path = SHIPPED) -> None:
        self.card: SoundCard
        self.card, content = load_card(folder)
        parts = _parts(content, self.card, folder)
        used = self.card.inputs
        place = {name: at for at, name in enumerate(pooled_columns(self.card.features.columns))}
        self._columns = np.array([place[name] for name in used])
        # Indexing by a slice takes a tenth of the time.
        at = [i for i, name in enumerate(used) if name.startswith("mean_mel_")]
        self._mel = slice(at[0], at[0] + MEL_BANDS) if at else slice(0)
        self._shift, self._scale = parts["mean"], 1.0 / parts["deviation"]
        self._kernel, self._bias = parts["kernel"], parts["bias"]
        self._recurrent, self._recurrent_bias = parts["recurrent"], parts["recurrent_bias"]
        self._out, self._out_bias = parts["out"], parts["out_bias"]
        self._units = len(self._recurrent)
        self.reset()

    def reset(self) -> None:
        """Forget all that was heard."""
        self._state = np.zeros(self._units, np.float32)

    def process(self, pooled: Array) -> Array:
        """One step. ValueError if the frame is of another width or not finite: the extractor never makes such."""
        if pooled.shape != (2 * self.card.features.width,) or not np.isfinite(pooled).all():
            raise ValueError(f"a pooled frame must be finite and of shape ({2 * self.card.features.width},)")
        x = pooled.take(self._columns)
        if self._mel.stop:
            x[self._mel] = _relative(x[self._mel])
        x -= self._shift
        x *= self._scale
        np.minimum(np.maximum(x, -LIMIT, out=x), LIMIT, out=x)  # np.clip takes three times as long
        units, state = self._units, self._state
        # Not @: these are so small that the threads of a BLAS, woken for each, would cost more than the sums.
        fresh = np.einsum("i,ij->j", x, self._kernel) + self._bias
        past = np.einsum("i,ij->j", state, self._recurrent) + self._recurrent_bias
        gates = np.tanh(0.5 * (fresh[: 2 * units] + past[: 2 * units])) * 0.5 + 0.5  # the logistic function
        keep, reset = gates[:units], gates[units:]
        new = np.tanh(fresh[2 * units :] + reset * past[2 * units :])
        self._state = new + keep * (state - new)
        logits = np.einsum("i,ij->j", self._state, self._out) + self._out_bias
        odds = np.exp(logits - logits.max())
        return np.asarray(odds / odds.sum(), np.float32)
