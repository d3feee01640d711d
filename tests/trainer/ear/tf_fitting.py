"""Fitting the ear: it learns, comes out the same again, and its arrays say what Keras says."""

import numpy as np

from device.hearing.sound_class import inputs, standardized
from trainer.ear.columns import used_columns
from trainer.ear.fitting import fit, scales, step_weights, varied
from trainer.ear.network import build
from trainer.ear.options import EarOptions
from trainer.ear.store import HOPS, SPEC
from trainer.ear.streams import Stream
from trainer.ear.weights import probabilities, weights_of

OPTIONS = EarOptions(
    filters=8, hidden=8, units=6, epochs=40, batch=4, crop=10, rate=0.003, dropout=0.0, input_dropout=0.0
)


def stream(count: int = 8, steps: int = 30) -> Stream:
    """Kinds that differ in one column."""
    rng = np.random.default_rng(0)
    kind = np.repeat(rng.integers(0, 3, (count, steps // 10)), 10, axis=1)
    frames = rng.normal(0, 1, (count, steps * HOPS, SPEC.width)).astype(np.float16)
    frames[..., SPEC.columns.index("flatness")] += 4 * np.repeat(kind, HOPS, axis=1)
    since = np.tile(0.4 * (np.arange(steps) % 10 + 1), (count, 1)).astype(np.float32)
    return Stream(frames, kind, np.full(kind.shape, -20, np.float32), since, np.full(kind.shape, "x"))


def test_it_learns_and_comes_out_the_same_again() -> None:
    every = stream()
    one, again = fit(every, OPTIONS, 0), fit(every, OPTIONS, 0)
    for name in one:
        np.testing.assert_array_equal(one[name], again[name])
    told = probabilities(one, every, used_columns(OPTIONS.blind)).argmax(axis=-1)
    assert np.mean(told[every.since_s > 2] == every.kind[every.since_s > 2]) > 0.8
    assert not np.array_equal(fit(every, OPTIONS, 1)["kernel"], one["kernel"])


def test_the_arrays_say_what_keras_says() -> None:
    every, used = stream(3), used_columns(True)
    x, _ = inputs(every.frames, SPEC.columns, used)
    scale = scales(x, 40)
    model = build(OPTIONS, len(used), 7)
    wanted = model.predict(standardized(x, scale), verbose=0)
    np.testing.assert_allclose(probabilities(weights_of(model, scale), every, used), wanted, atol=1e-5)


def test_variations_keep_to_the_mel_bands_and_to_their_range() -> None:
    x = np.zeros((50, 16, 60), np.float32)
    varied(x, 40, OPTIONS, np.random.default_rng(0))
    assert not x[..., 40:].any()
    assert x[..., :40].min() == -1.5
    assert 0.3 < np.mean((x[..., :40] == -1.5).any(axis=(1, 2))) < 0.7
    np.testing.assert_array_equal(x, np.broadcast_to(x[:, :1], x.shape))  # one equalizer for the whole sequence


def test_what_can_not_be_known_counts_nothing_and_the_kinds_count_alike() -> None:
    every = stream()
    weight = step_weights(every)
    assert not weight[every.since_s <= 0.4].any()
    sums = [weight[every.kind == kind].sum() for kind in np.unique(every.kind)]
    np.testing.assert_allclose(sums, sums[0], rtol=1e-4)
    every.level_db[0] = -90
    assert not step_weights(every)[0].any()
