"""SoundClass: music, speech or noise, by a small network that runs in plain numpy.

A convolution over some hops of the lamp's own frames; mean and maximum of it over each step of the lamp (0.4 s); a
dense layer; one gated recurrent unit (Cho et al. 2014, in the form of Keras' `reset_after`); and a softmax. It is deaf
to the level: microphones, rooms and volume knobs decide that.
"""

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import device
from device.errors import InputError
from device.hearing.sound_card import CLASSES, SoundCard, load_card

SHIPPED = Path(device.__file__).parents[1] / "models" / "gate"
"""The network that ships."""

LIMIT = 5.0
"""Standardized inputs are held within this many deviations: a room never hears what training never saw."""
MEL_RANGE_DB = 60.0
"""Mel bands this far below the strongest are as good as empty, in whatever room."""
MEL_FALL_DB = 0.25
"""How much less the strongest counts after every hop, so that a pause shows and a softer song does, too."""

Array = NDArray[np.float32]
Parts = Mapping[str, Array]


def inputs(
    frames: Array | NDArray[np.float16], columns: Sequence[str], used: Sequence[str], peak_db: Array | None = None
) -> tuple[Array, Array]:
    """Frames [..., n, width] to what the network sees [..., n, len(used)], before it is standardized.

    Mel levels become dB below the strongest band of late. columns: of the frames. used: those that are seen, mel first.
    peak_db [...]: the strongest band of late, of the frames before; None at the start. Returned for those that follow.
    """
    place = [columns.index(name) for name in used]
    x = np.asarray(frames[..., place], np.float32)
    mel = sum(name.startswith("mel_") for name in used)
    before = np.full(x.shape[:-2], -np.inf, np.float32) if peak_db is None else peak_db
    if not mel:
        return x, before
    fallen = np.arange(1, x.shape[-2] + 1) * MEL_FALL_DB
    raised = np.maximum(x[..., :mel].max(axis=-1) + fallen, before[..., None])
    peaks = (np.maximum.accumulate(raised, axis=-1) - fallen).astype(np.float32)
    x[..., :mel] = np.maximum(x[..., :mel] - peaks[..., None], np.float32(-MEL_RANGE_DB))
    return x, peaks[..., -1]


def standardized(x: Array, parts: Parts) -> Array:
    """Inputs [..., inputs] as the network sees them."""
    return np.clip((x - parts["mean"]) / parts["deviation"], -LIMIT, LIMIT)


def steps_of(x: Array, parts: Parts, hops: int) -> Array:
    """Convolution, pooling and dense layer: standardized inputs [..., taps - 1 + n * hops, inputs], the first of them
    from before, to [..., n, hidden]."""
    taps = len(parts["filters"])
    count = x.shape[-2] - taps + 1
    heard = sum(x[..., tap : tap + count, :] @ parts["filters"][tap] for tap in range(taps)) + parts["filters_bias"]
    groups = np.maximum(heard, 0).reshape(*x.shape[:-2], count // hops, hops, -1)
    pooled = np.concatenate([groups.mean(axis=-2), groups.max(axis=-2)], axis=-1)
    return np.asarray(np.maximum(pooled @ parts["hidden"] + parts["hidden_bias"], 0), np.float32)


def recur(fresh: Array, state: Array, parts: Parts) -> Array:
    """One step of the recurrent unit: fresh [..., 3 * units] (input times kernel, plus bias), state [..., units]."""
    units = state.shape[-1]
    past = state @ parts["recurrent"] + parts["recurrent_bias"]
    gates = np.tanh(0.5 * (fresh + past)[..., : 2 * units]) * 0.5 + 0.5  # the logistic function
    keep, reset = gates[..., :units], gates[..., units:]
    new = np.tanh(fresh[..., 2 * units :] + reset * past[..., 2 * units :])
    return np.asarray(new + keep * (state - new), np.float32)


def softmax(logits: Array) -> Array:
    """Logits [..., classes] to probabilities."""
    odds = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=-1, keepdims=True), np.float32)


def _parts(content: bytes, card: SoundCard, folder: Path) -> dict[str, Array]:
    """The weights by name, as the card says they are; InputError when they are not."""
    seen, units, wide, hidden = len(card.inputs), card.units, card.filters, card.hidden
    shapes = {
        "mean": (seen,),
        "deviation": (seen,),
        "filters": (card.taps, seen, wide),
        "filters_bias": (wide,),
        "hidden": (2 * wide, hidden),
        "hidden_bias": (hidden,),
        "kernel": (hidden, 3 * units),
        "bias": (3 * units,),
        "recurrent": (units, 3 * units),
        "recurrent_bias": (3 * units,),
        "out": (units, len(CLASSES)),
        "out_bias": (len(CLASSES),),
    }
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as whole:
            lacking = shapes.keys() - {name.removesuffix(".npy") for name in whole.namelist()}
        if lacking:
            raise InputError(f"The ear's weights in {folder} lack {min(lacking)!r}; fit them again.")
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            raw = {name: stored[name] for name in shapes}
    except (zipfile.BadZipFile, ValueError, OSError, EOFError) as error:
        raise InputError(f"The ear's weights in {folder} can't be read ({error}); fit them again.") from None
    if strange := [name for name in shapes if not np.issubdtype(raw[name].dtype, np.floating)]:
        raise InputError(f"The ear's weights {strange[0]!r} in {folder} are no numbers; fit them again.")
    parts = {name: raw[name].astype(np.float32) for name in shapes}
    for name, shape in shapes.items():
        if parts[name].shape != shape:
            raise InputError(f"The ear's weights {name!r} in {folder} are not of the card's shape; fit them again.")
        if not np.isfinite(parts[name]).all():
            raise InputError(f"The ear's weights {name!r} in {folder} are no numbers; fit them again.")
    if parts["deviation"].min() <= 0:
        raise InputError(f"The ear's deviations in {folder} must be more than 0; fit them again.")
    return parts


class SoundClass:
    """process(frame [width]) -> probabilities of music, speech and noise [3], float32, once every card.pool_hops frames
    and None between; remembers what was before.

    Raises InputError if the folder's files are missing, damaged or not of this schema.
    """

    def __init__(self, folder: Path = SHIPPED) -> None:
        self.card: SoundCard
        self.card, content = load_card(folder)
        self._weights = _parts(content, self.card, folder)
        self._hops, self._taps = self.card.pool_hops, self.card.taps
        self._frames = np.zeros((self._hops, self.card.features.width), np.float32)
        self.reset()

    def reset(self) -> None:
        """Forget all that was heard."""
        self._waiting = 0
        self._peak_db: Array | None = None
        self._before = np.zeros((self._taps - 1, len(self.card.inputs)), np.float32)
        self._state = np.zeros(self.card.units, np.float32)

    def process(self, frame: Array) -> Array | None:
        """One hop. ValueError if the frame is of another width or not finite: the extractor never makes such."""
        if frame.shape != (self.card.features.width,) or not np.isfinite(frame).all():
            raise ValueError(f"a frame must be finite and of shape ({self.card.features.width},)")
        self._frames[self._waiting] = frame
        self._waiting += 1
        if self._waiting < self._hops:
            return None
        self._waiting = 0
        x, self._peak_db = inputs(self._frames, self.card.features.columns, self.card.inputs, self._peak_db)
        x = np.concatenate([self._before, standardized(x, self._weights)])
        self._before = x[len(x) - self._taps + 1 :]
        step = steps_of(x, self._weights, self._hops)[0]
        self._state = recur(step @ self._weights["kernel"] + self._weights["bias"], self._state, self._weights)
        told = softmax(self._state @ self._weights["out"] + self._weights["out_bias"])
        if not np.isfinite(told).all():  # weights so large that they overflow; what was before must not stay so
            self.reset()
            return None
        return told
