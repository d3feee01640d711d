"""Which layers can run frame by frame; the others are refused by name, with the way out."""

from typing import Any

import keras

from convert.causal import WINDOWED, reach
from device.errors import InputError

RECURRENT = (keras.layers.GRU, keras.layers.LSTM, keras.layers.SimpleRNN)
TRAINING_ONLY = (
    keras.layers.Dropout,
    keras.layers.SpatialDropout1D,
    keras.layers.GaussianDropout,
    keras.layers.GaussianNoise,
    keras.layers.AlphaDropout,
    keras.layers.ActivityRegularization,
    keras.layers.Identity,
)
POINTWISE = (
    keras.layers.Dense,
    keras.layers.Activation,
    keras.layers.ReLU,
    keras.layers.LeakyReLU,
    keras.layers.ELU,
    keras.layers.Rescaling,
    keras.layers.Add,
    keras.layers.Subtract,
    keras.layers.Multiply,
    keras.layers.Average,
    keras.layers.Maximum,
    keras.layers.Minimum,
)
LAST_AXIS = (
    keras.layers.Concatenate,
    keras.layers.Softmax,
    keras.layers.LayerNormalization,
    keras.layers.RMSNormalization,
    keras.layers.UnitNormalization,
    keras.layers.BatchNormalization,
    keras.layers.Normalization,
)
# Functions of keras.ops that a functional model may hold between its layers.
_OPERATIONS = {"Clip", "Abs", "Absolute", "Negative", "Sqrt", "Square", "Exp", "Expm1", "Log", "Log1p", "Power"}
_OPERATIONS |= {"Add", "Subtract", "Multiply", "Divide", "TrueDivide", "Maximum", "Minimum"}
_OPERATIONS |= {
    "GetItem",
    "Tanh",
    "Sigmoid",
    "Relu",
    "Relu6",
    "LeakyRelu",
    "Elu",
    "Selu",
    "Gelu",
    "Silu",
    "Softplus",
    "Softsign",
}
LAST_AXIS_OPERATIONS = {"Concatenate", "Softmax", "LogSoftmax"}

_ATTENTION = ("Attention", "AdditiveAttention", "MultiHeadAttention", "GroupedQueryAttention", "GroupQueryAttention")
_FUTURE = {
    "Bidirectional": "it reads the sequence from both ends",
    **dict.fromkeys(_ATTENTION, "attention spans the whole sequence"),
    "GlobalAveragePooling1D": "it pools over the whole sequence",
    "GlobalMaxPooling1D": "it pools over the whole sequence",
    "Flatten": "it lays the whole sequence side by side",
}
_WAY_OUT = "or export the whole window with --window N."


def refusal(layer: Any, why: str, advice: str) -> InputError:
    """why: what the layer does that cannot be streamed. advice: what else to train."""
    return InputError(f"Layer '{layer.name}' ({type(layer).__name__}) {why}: {advice}, {_WAY_OUT}")


def check(layer: Any) -> None:
    """Raise InputError if the layer or function cannot run frame by frame, whatever it is given."""
    kind = type(layer).__name__
    if kind in _FUTURE:
        raise refusal(layer, f"looks at the future, {_FUTURE[kind]}", "train a model without it")
    if type(layer) in RECURRENT:
        _check_recurrent(layer)
    elif type(layer) in WINDOWED:
        _check_windowed(layer)
    elif type(layer) is keras.layers.ZeroPadding1D:
        if layer.padding[1] != 0 or layer.data_format != "channels_last":
            raise refusal(layer, "pads more than the start of the sequence", "pad nothing else")
    elif type(layer) in LAST_AXIS or is_operation(layer, LAST_AXIS_OPERATIONS):
        axes = layer.axis if isinstance(layer.axis, list | tuple) else (layer.axis,)
        if tuple(axes) not in ((-1,), (2,)):
            raise refusal(layer, f"works along axis {list(axes)}", "use the last one, within every frame")
    elif type(layer) is keras.layers.PReLU:
        if layer.alpha.shape[0] != 1:
            raise refusal(layer, "has a slope for every frame", "train it with shared_axes=[1]")
    elif not _is_pointwise(layer):
        known = ", ".join(cls.__name__ for cls in (*RECURRENT, keras.layers.Dense, keras.layers.Normalization))
        raise refusal(layer, "is not known to work frame by frame", f"use {known}, causal Conv1D and pointwise layers")


def is_operation(layer: Any, kinds: set[str]) -> bool:
    """Whether it is a function of keras.ops of one of these kinds, which has no class that one may import."""
    return type(layer).__name__ in kinds and not isinstance(layer, keras.Layer)


def _is_pointwise(layer: Any) -> bool:
    if type(layer) is keras.layers.TimeDistributed:
        return type(layer.layer) in POINTWISE
    return type(layer) in (keras.layers.InputLayer, *TRAINING_ONLY, *POINTWISE) or is_operation(layer, _OPERATIONS)


def _check_recurrent(layer: keras.Layer) -> None:
    if layer.go_backwards:
        raise refusal(layer, "looks at the future, it reads the sequence backwards", "train it forwards")
    if not layer.return_sequences or layer.return_state:
        raise refusal(layer, "must give its output at every frame", "train it with return_sequences=True only")


def _check_windowed(layer: keras.Layer) -> None:
    if layer.data_format != "channels_last":
        raise refusal(layer, "takes its channels first", 'train it with data_format="channels_last"')
    if layer.strides[0] != 1:
        raise refusal(layer, f"gives an output only every {layer.strides[0]} frames", "train it with strides=1")
    if type(layer) is keras.layers.Conv1D and layer.groups != 1:
        raise refusal(layer, f"splits its channels into {layer.groups} groups", "train it with groups=1")


def check_padding(layer: keras.Layer, padded: int) -> None:
    """Raise InputError if the convolution or pooling over so many padded frames looks at others than the past ones."""
    needed = reach(layer)
    if layer.padding == "causal":
        padded += needed
    if padded == needed and (layer.padding != "same" or needed == 0):
        return
    if type(layer) is keras.layers.Conv1D:
        advice = 'train it with padding="causal"'
    else:
        advice = f'train it with padding="valid" and ZeroPadding1D(({needed}, 0)) right before it'
    if padded == 0 or layer.padding == "same":
        why = 'its padding is "same"' if layer.padding == "same" else "nothing is padded before the first frame"
        raise refusal(layer, f"looks at the future, {why}", advice)
    raise refusal(layer, f"looks back {needed} frames, but {padded} are padded", advice)


def columns(operation: Any, key: Any) -> slice:
    """Which numbers of every frame x[key] takes. Raises InputError if it takes anything else out of a sequence."""
    key = key if isinstance(key, tuple) else (key,)
    if key[0] is Ellipsis:
        key = (slice(None), slice(None), *key[1:])
    if len(key) != 3 or key[:2] != (slice(None), slice(None)) or not isinstance(key[2], slice):
        raise refusal(
            operation, "takes frames out of the sequence", "take only columns out of every frame, x[:, :, a:b]"
        )
    return key[2]
