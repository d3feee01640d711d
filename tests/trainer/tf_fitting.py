"""Fitting: what counts in the loss, what a training depends on, and that it can be interrupted."""

from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trainer import made_up
from trainer import fitting
from trainer.batches import Batch
from trainer.dataset import Dataset
from trainer.fitting import LEAST, Fitting, losses
from trainer.recipe import ModelOptions, Recipe
from trainer.targets import RATINGS

CHOSEN = np.array([0, 1, 2, 4, 5, 7])
WILD = {"gain_db": 6.0, "coloring": 0.3, "noise": 0.1, "masking": 0.5, "join": 0.5}


class Stopped(Exception):
    """Somebody pulled the plug."""


def weights(model: keras.Model) -> list[np.ndarray]:
    return [np.asarray(w) for w in model.get_weights()]


def equal(one: keras.Model, other: keras.Model) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(weights(one), weights(other), strict=True))


def told(used: Recipe, data: Dataset, tag: int = 0, chosen: np.ndarray = CHOSEN) -> tuple[keras.Model, list[dict]]:
    """The fitted model and the losses of every epoch."""
    seen: list[dict] = []
    return Fitting(data, chosen, used, tag).run(lambda epoch, parts: seen.append(parts)), seen


def stop_after(last: int) -> fitting.Progress:
    def progress(epoch: int, parts: dict[str, float]) -> None:
        if epoch == last:
            raise Stopped

    return progress


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), rating_weight=st.sampled_from([0.0, 0.3, 2.0]), sound=st.booleans())
def test_losses_count_exactly_what_is_labelled(seed: int, rating_weight: float, sound: bool) -> None:
    """Against loops over every step, each label and each rating."""
    rng = np.random.default_rng(seed)
    shape = int(rng.integers(1, 4)), int(rng.integers(1, 6))
    probability = rng.dirichlet(np.ones(4), size=shape).astype(np.float32)
    heard = rng.dirichlet(np.ones(4), size=shape).astype(np.float32)
    guess = rng.standard_normal((*shape, len(RATINGS))).astype(np.float32)
    ratings = rng.standard_normal(guess.shape).astype(np.float32)
    ratings[rng.random(ratings.shape) < 0.5] = np.nan
    weight = rng.choice([0.0, 1.0, 2.5], size=shape).astype(np.float32)
    batch = Batch(
        np.zeros((*shape, 1), np.float32), rng.integers(-1, 4, shape), ratings, rng.integers(0, 4, shape), weight
    )
    entropy = squares = noise = 0.0
    for i, t in np.ndindex(shape):
        if batch.quadrant[i, t] >= 0:
            entropy -= weight[i, t] * np.log(max(probability[i, t, batch.quadrant[i, t]], LEAST))
        for column in range(len(RATINGS)):
            if not np.isnan(ratings[i, t, column]):
                squares += weight[i, t] * (guess[i, t, column] - ratings[i, t, column]) ** 2
        noise -= weight[i, t] * np.log(max(heard[i, t, batch.sound[i, t]], LEAST))
    total = max(float(weight.sum()), 1e-6)
    outputs = [np.zeros((*shape, 2)), probability, guess, *([heard] if sound else [])]
    made = losses(outputs, batch, rating_weight)
    assert float(made["quadrant"]) == pytest.approx(entropy / total, rel=1e-4, abs=1e-5)
    assert float(made["ratings"]) == pytest.approx(squares / total, rel=1e-4, abs=1e-5)
    expected = entropy + rating_weight * squares + (noise if sound else 0.0)
    assert float(made["loss"]) == pytest.approx(expected / total, rel=1e-4, abs=1e-5)
    assert ("sound" in made) == sound


def test_agreement_is_between_the_halves_of_a_batch() -> None:
    rng = np.random.default_rng(0)
    emotion = rng.uniform(-1, 1, (4, 5, 2)).astype(np.float32)
    weight = np.tile(rng.choice([0.0, 1.0, 2.0], size=(2, 5)), (2, 1)).astype(np.float32)
    nothing = np.full((4, 5, len(RATINGS)), np.nan, np.float32)
    batch = Batch(np.zeros((4, 5, 1), np.float32), np.full((4, 5), -1), nothing, np.zeros((4, 5), int), weight)
    outputs = [emotion, np.full((4, 5, 4), 0.25, np.float32), np.zeros((4, 5, len(RATINGS)), np.float32)]
    apart = sum(weight[i, t] * ((emotion[i, t] - emotion[i + 2, t]) ** 2).sum() for i in range(2) for t in range(5))
    made = losses(outputs, batch, 0.3, agreement=2.0)
    assert float(made["agreement"]) == pytest.approx(apart / weight[:2].sum(), rel=1e-5)
    assert float(made["loss"]) == pytest.approx(2.0 * apart / weight[:2].sum(), rel=1e-5)
    assert "agreement" not in losses(outputs, batch, 0.3)


def test_a_certain_mistake_costs_a_finite_amount() -> None:
    batch = Batch(
        np.zeros((1, 1, 1), np.float32),
        np.array([[2]]),
        np.full((1, 1, len(RATINGS)), np.nan, np.float32),
        np.zeros((1, 1), int),
        np.ones((1, 1), np.float32),
    )
    outputs = [np.zeros((1, 1, 2)), np.array([[[1.0, 0.0, 0.0, 0.0]]]), np.zeros((1, 1, len(RATINGS)))]
    assert float(losses(outputs, batch, 1.0)["loss"]) == pytest.approx(-np.log(LEAST), rel=1e-4)


def test_it_learns_what_can_be_learned() -> None:
    used = made_up.recipe(epochs=30, rate=0.02, average=0.0, coloring=0.0, gain_db=0.0)
    data = made_up.learnable(used, made_up.clips(16))
    model, seen = told(used, data, chosen=np.arange(12))
    assert len(seen) == 30
    assert set(seen[0]) == {"loss", "quadrant", "ratings"}
    for name in ("loss", "quadrant", "ratings"):
        assert np.mean([parts[name] for parts in seen[-3:]]) < 0.7 * np.mean([parts[name] for parts in seen[:3]])
    quadrant = np.asarray(model(data.plain.of(14)[None], training=False)[1])[0, 5:].mean(axis=0)
    assert quadrant.argmax() == data.quadrants[14]


def test_a_stopped_training_ends_bit_for_bit_as_an_unbroken_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fitting, "CHECKPOINT_EPOCHS", 2)
    used = made_up.recipe(epochs=5, average=0.9, changes=("shift",), **WILD)
    data = made_up.dataset(used, paces=(1.0, 1.1))
    whole = Fitting(data, CHOSEN, used, 3).run()
    place = tmp_path / "checkpoint.npz"
    with pytest.raises(Stopped):
        Fitting(data, CHOSEN, used, 3, place).run(stop_after(4))
    # Epoch 4 was stopped before it was saved.
    assert int(np.load(place)["epoch"]) == 2
    seen: list[int] = []
    resumed = Fitting(data, CHOSEN, used, 3, place).run(lambda epoch, _: seen.append(epoch))
    assert seen == [3, 4, 5]
    assert equal(whole, resumed)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 nothing", "other"])
def test_a_useless_checkpoint_starts_over(tmp_path: Path, content: bytes | str) -> None:
    used = made_up.recipe(epochs=1)
    place = tmp_path / "checkpoint.npz"
    if isinstance(content, bytes):
        place.write_bytes(content)
    else:
        np.savez(place, epoch=np.array(1), value_0=np.zeros(3))
    seen: list[int] = []
    Fitting(made_up.dataset(used), CHOSEN, used, 0, place).run(lambda epoch, _: seen.append(epoch))
    assert seen == [1]


def test_the_same_seed_gives_the_same_weights() -> None:
    used = made_up.recipe(epochs=1, **WILD)
    data = made_up.dataset(used)
    first, again, member = (told(used, data, tag)[0] for tag in (0, 0, 1))
    assert equal(first, again)
    assert not equal(first, member)
    other = made_up.recipe(epochs=1, seed=1, **WILD)
    assert not equal(first, told(other, data)[0])


def test_held_out_clips_change_nothing() -> None:
    """Neither what they sound like nor how they are rated: normalization and scales come from the training clips."""
    used = made_up.recipe(epochs=1, **WILD)
    data, spoiled = made_up.dataset(used), made_up.dataset(used)
    for index in set(range(len(data.clips))) - set(CHOSEN.tolist()):
        spoiled.plain.of(index)[:] = 1e6
        spoiled.plain.ratings_of(index)[:] = -1
        spoiled.means[index] = -1
        spoiled.quadrants[index] = 0
    one, two = (Fitting(d, CHOSEN, used, 0) for d in (data, spoiled))
    for a, b in zip(one.batches.scale.of(data.corpora), two.batches.scale.of(data.corpora), strict=True):
        np.testing.assert_array_equal(a, b)
    assert equal(one.run(), two.run())
    # A clip that is trained on does count.
    spoiled.means[1] = 1
    assert not equal(one.model, Fitting(spoiled, CHOSEN, used, 0).run())


def test_the_weights_are_a_running_mean_if_wanted() -> None:
    """After each step: mean = average * mean + (1 - average) * weights, begun at the weights of the first step."""
    path: list[list[np.ndarray]] = []
    for epochs in (1, 2, 3):
        # One batch an epoch; the learning rate's fall must be the same, so all run three epochs and are cut off.
        used = made_up.recipe(epochs=3, average=0.0)
        fit = Fitting(made_up.dataset(used), np.arange(4), used, 0)
        fit.recipe = made_up.recipe(epochs=epochs, average=0.0)
        path.append([np.asarray(v) for v in fit.run().trainable_variables])
    used = made_up.recipe(epochs=3, average=0.75)
    averaged = Fitting(made_up.dataset(used), np.arange(4), used, 0).run()
    mean = path[0]
    for step in path[1:]:
        mean = [0.75 * a + 0.25 * b for a, b in zip(mean, step, strict=True)]
    for ours, expected in zip(averaged.trainable_variables, mean, strict=True):
        np.testing.assert_allclose(np.asarray(ours), expected, atol=1e-6)


def test_constants_and_normalization_stay() -> None:
    used = made_up.recipe(
        epochs=2,
        rate=0.05,
        model=ModelOptions(units=4, dense=(4,), sound=True),
        corpora=("4qaed", "soundtracks360", "gate"),
        weights=(1.0, 1.0, 1.0),
    )
    data = made_up.dataset(used)
    fit = Fitting(data, CHOSEN, used, 0)
    fixed = {v.path: np.asarray(v) for v in fit.model.non_trainable_variables if "seed" not in v.path}
    assert len(fixed) >= 2
    model = fit.run()
    after = {v.path: np.asarray(v) for v in model.non_trainable_variables if v.path in fixed}
    for name, value in fixed.items():
        np.testing.assert_array_equal(after[name], value)
    rows = np.concatenate([data.plain.of(i) for i in CHOSEN])
    np.testing.assert_allclose(np.ravel(model.get_layer("standard").mean), rows.mean(axis=0), rtol=1e-5)
