"""Small Keras models with random weights, and runs made of them. Imports TensorFlow."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import msgspec
import numpy as np

from device.features.spec import FeatureSpec

CELLS = {"gru": keras.layers.GRU, "lstm": keras.layers.LSTM, "rnn": keras.layers.SimpleRNN}
SPEC = FeatureSpec(blocks=("flatness", "onset"))
WIDTH = 2 * SPEC.width
POOL_HOPS = 4


def recurrent(cell: str, units: int, layers: int, x: Any, **options: Any) -> Any:
    for _ in range(layers):
        x = CELLS[cell](units, return_sequences=True, **options)(x)
        x = keras.layers.Dropout(0.25)(x)
    return x


def small_model(
    cell: str = "gru",
    kind: str = "parallel",
    layers: int = 1,
    units: int = 4,
    width: int = WIDTH,
    mean: Any = None,
    deviation: Any = None,
    seed: int = 0,
    **options: Any,
) -> keras.Model:
    """As the trainer builds them: standardized, clipped, one or two recurrent stacks, a head for each number."""
    mean = np.linspace(-1, 1, width) if mean is None else mean
    deviation = np.linspace(0.5, 2, width) if deviation is None else deviation
    frame = keras.Input((None, width), name="frame")
    x = keras.layers.Normalization(mean=mean, variance=np.square(deviation))(frame)
    x = keras.ops.clip(x, -5.0, 5.0)
    if kind == "parallel":
        stems = [recurrent(cell, units, layers, x, **options) for _ in range(2)]
    else:
        stems = [recurrent(cell, units, layers, x, **options)] * 2
    heads = []
    for stem in stems:
        hidden = keras.layers.Dense(units, activation="relu")(stem)
        heads.append(keras.layers.Dense(1, activation="tanh")(hidden))
    return randomized(keras.Model(frame, keras.layers.Concatenate()(heads)), seed)


def three_headed(
    cell: str = "gru", kind: str = "forked", units: int = 5, width: int = WIDTH, seed: int = 0, sound: bool = False
) -> keras.Model:
    """The trainer's graph, layer by layer: quadrant, ratings, and the emotion that both come to; maybe sounds too."""
    frame = keras.Input((None, width), name="frame")
    x = keras.layers.Normalization(
        mean=np.linspace(-1, 1, width), variance=np.square(np.linspace(0.5, 2, width)), name="standard"
    )(frame)
    x = keras.ops.clip(x, -5.0, 5.0)

    def stem(name: str) -> Any:
        y = keras.layers.SpatialDropout1D(0.1, name=f"{name}_input_dropout")(x)
        y = CELLS[cell](units, return_sequences=True, name=f"{name}_{cell}")(y)
        return keras.layers.SpatialDropout1D(0.25, name=f"{name}_dropout")(y)

    stems = [stem("quadrant"), stem("ratings")] if kind == "parallel" else [stem("shared")] * 2
    hidden = [keras.layers.Dense(units, activation="relu")(y) for y in stems]
    quadrant = keras.layers.Softmax(name="quadrant")(keras.layers.Dense(4, name="quadrant_logits")(hidden[0]))
    ratings = keras.layers.Dense(8, name="ratings")(hidden[1])
    signs = np.array([(1, 1), (-1, 1), (-1, -1), (1, -1)])
    rated = 0.7 * np.eye(8)[:, :2]
    told = constant(quadrant, signs, "quadrant_signs", None)
    emotion = keras.layers.Average(name="emotion")([told, constant(ratings, rated, "rated", "tanh")])
    outputs = [emotion, quadrant, ratings]
    if sound:
        outputs.append(keras.layers.Softmax(name="sound")(keras.layers.Dense(4, name="sound_logits")(hidden[0])))
    return randomized(keras.Model(frame, outputs), seed)


def constant(x: Any, weights: np.ndarray, name: str, activation: str | None) -> Any:
    """A matrix that no training changes."""
    layer = keras.layers.Dense(weights.shape[1], activation, use_bias=False, trainable=False, name=name)
    y = layer(x)
    layer.set_weights([weights])
    return y


def randomized(model: keras.Model, seed: int) -> keras.Model:
    """All weights random: biases start at zero in Keras, and a form that forgot them would go unnoticed.

    Large enough to move the outputs, small enough that a recurrent layer forgets instead of running into chaos,
    where no two computations agree.
    """
    rng = np.random.default_rng(seed)
    for weight in model.trainable_weights:
        scale = 1.2 / np.sqrt(weight.shape[0]) if len(weight.shape) == 2 else 0.3
        weight.assign(scale * rng.standard_normal(weight.shape))
    return model


def wrap(build: Callable[[Any], Any], width: int = WIDTH, seed: int = 0) -> keras.Model:
    """A functional model from `build`, a function of the input."""
    frame = keras.Input((None, width), name="frame")
    return randomized(keras.Model(frame, build(frame)), seed)


def causal_pool(kind: str, size: int, x: Any) -> Any:
    """Average or maximum of the last `size` frames, as one writes it in Keras."""
    cls = {"average": keras.layers.AveragePooling1D, "max": keras.layers.MaxPooling1D}[kind]
    return cls(size, strides=1, padding="valid")(keras.layers.ZeroPadding1D((size - 1, 0))(x))


def causal_convolution(units: int, size: int, dilation: int, x: Any, padded: bool = False, **options: Any) -> Any:
    """padded: by a layer of its own instead of padding="causal", which is the same."""
    if padded:
        x = keras.layers.ZeroPadding1D(((size - 1) * dilation, 0))(x)
    padding = "valid" if padded else "causal"
    return keras.layers.Conv1D(units, size, padding=padding, dilation_rate=dilation, **options)(x)


def composition(seed: int, width: int = WIDTH, layers: int = 7) -> keras.Model:
    """A random graph of layers that can be streamed: stacked, side by side, forked, joined, nested; [B, T, 2]."""
    rng = np.random.default_rng(seed)
    frame = keras.Input((None, width), name="frame")
    found = [frame]
    # The first remembers, so that whatever follows, the graph does.
    for kind in [rng.choice(_STATEFUL), *rng.choice(_ANY, layers - 1)]:
        found.append(_grown(str(kind), rng, found))
    output = keras.layers.Dense(2, activation="tanh")(keras.layers.Concatenate()(found[1:]))
    return randomized(keras.Model(frame, output, name=f"composition_{seed}"), seed)


_STATEFUL = ("gru", "lstm", "rnn", "convolution", "average", "max", "nested")
_ANY = (*_STATEFUL, "pointwise", "skip", "join", "slice")


def _grown(kind: str, rng: np.random.Generator, found: list[Any]) -> Any:
    """One more layer upon one of those found, mostly a late one."""
    x = found[max(rng.integers(len(found)), rng.integers(len(found)))]
    units, size = int(rng.integers(1, 6)), int(rng.integers(1, 5))
    if kind in CELLS:
        return recurrent(kind, units, 1, x)
    if kind == "convolution":
        activation = str(rng.choice(["linear", "relu", "tanh"]))
        return causal_convolution(units, size, int(rng.integers(1, 4)), x, bool(rng.integers(2)), activation=activation)
    if kind in ("average", "max"):
        return causal_pool(kind, size + 1, x)
    if kind == "join":
        return keras.layers.Concatenate()([x, found[rng.integers(len(found))]])
    if kind == "slice":
        return x[:, :, : (x.shape[-1] + 1) // 2]
    if kind == "skip":
        return keras.layers.Add()([x, recurrent("gru", x.shape[-1], 1, x)])
    if kind == "nested":
        inner = keras.Input((None, x.shape[-1]))
        y = causal_pool("max", 2, causal_convolution(units, size, 2, recurrent("rnn", units, 1, inner)))
        return keras.Model(inner, y)(x)
    pointwise = [
        keras.layers.Dense(units, activation="sigmoid"),
        keras.layers.LayerNormalization(),
        keras.layers.BatchNormalization(),
        keras.layers.PReLU(shared_axes=[1]),
        keras.layers.TimeDistributed(keras.layers.Dense(units)),
        keras.layers.Activation("gelu"),
    ]
    return pointwise[rng.integers(len(pointwise))](x)


def write_run(folder: Path, models: list[keras.Model], frames: Any = None, spec: FeatureSpec = SPEC) -> Path:
    """A run folder as the trainer leaves it."""
    folder.mkdir(parents=True, exist_ok=True)
    for i, model in enumerate(models):
        model.save(folder / f"member_{i}.keras")
    info = {
        "format": 1,
        "name": "tiny",
        "features": spec,
        "pool_hops": POOL_HOPS,
        "model": {"kind": "parallel", "cell": "gru", "units": 4, "dense": [4], "dropout": 0.25},
        "members": len(models),
        "corpora": [{"name": "none", "clips": 0, "seconds": 0.0, "licence": "none needed"}],
        "seed": 0,
        "epochs": 0,
        "date": "2025-01-01",
        "commit": "none",
        "command": "tests/golden/make_tiny_bundle.py",
    }
    (folder / "run.json").write_bytes(msgspec.json.encode(info))
    if frames is not None:
        np.savez(folder / "frames.npz", frames=frames)
    return folder
