import numpy as np
import pytest

from device.errors import InputError
from tests.trainer import made_up
from trainer.batches import Batches, pooled, statistics
from trainer.dataset import Dataset, label, sides

CALM = {"gain_db": 0.0, "noise": 0.0, "join": 0.0}


def batches(data: Dataset, chosen: np.ndarray, **changes: object) -> Batches:
    used = made_up.recipe(**{**CALM, **changes})
    return Batches(data, chosen, used, np.ones(used.width, np.float32))


def test_labels_of_quadrants_and_numbers() -> None:
    joy, film = made_up.clips(2)
    assert label(joy, (0.6, 0.3)) == ((0.6, 0.3), (1.0, 1.0))
    assert label(film, (0.6, 0.3)) == ((0.25, -0.5), (1.0, 1.0))


def test_a_quadrant_leaves_its_side_open_where_the_recipe_says_so() -> None:
    calm, film = made_up.clips(8)[6], made_up.clips(2)[1]
    assert calm.quadrant == "Q4"
    assert sides(calm, (False, True)) == (0.0, -1.0)
    assert sides(calm, (True, False)) == (1.0, 0.0)
    assert sides(film, (True, True)) == (0.0, 0.0)


def test_statistics_see_the_chosen_clips_only() -> None:
    data = made_up.dataset(made_up.recipe())
    chosen = np.array([2, 5])
    mean, deviation = statistics(data, chosen, 2)
    frames = np.concatenate([pooled(data.of(2), 2), pooled(data.of(5), 2)])
    np.testing.assert_allclose(mean, frames.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(deviation[:2], frames.std(axis=0)[:2], rtol=1e-5)
    # The deviations within a pool never change here: they are left as they are.
    np.testing.assert_array_equal(deviation[2:], 1.0)


@pytest.mark.parametrize("join", [0.0, 1.0])
def test_sequences_are_runs_of_chosen_clips_with_their_targets(join: float) -> None:
    data = made_up.dataset(made_up.recipe())
    chosen = np.array([0, 3, 7, 8, 11])
    seen = set()
    pieces = 0
    for x, y, weight, _ in batches(data, chosen, join=join).epoch((1, 2)):
        clip, number = np.rint(x[:, :, 0]).astype(int), x[:, :, 1]
        assert set(np.unique(clip)) <= set(chosen.tolist())
        np.testing.assert_array_equal(y, data.targets[clip])
        for row in range(len(x)):
            starts = [0, *(1 + np.flatnonzero(np.diff(number[row]) != 2))]
            pieces += len(starts)
            seen.add(int(clip[row, 0]))
            age = np.zeros(len(number[row]), dtype=int)
            for first, last in zip(starts, [*starts[1:], len(age)], strict=True):
                age[first:last] = np.arange(last - first)
                assert len(set(clip[row, first:last])) == 1
            np.testing.assert_array_equal(weight[row, :, 0] > 0, age >= made_up.recipe().warmup_steps)
    assert seen == set(chosen.tolist())
    assert pieces > (len(chosen) if join else 0)


def test_an_epoch_depends_on_its_seed_alone() -> None:
    data = made_up.dataset(made_up.recipe())
    made = batches(data, np.arange(12), noise=0.1, gain_db=6.0, mixup=0.4)
    first, again, other = (np.concatenate([x for x, *_ in made.epoch(seed)]) for seed in ((1,), (1,), (2,)))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_pooling_of_batches_is_the_lamps() -> None:
    used = made_up.recipe(pool_hops=5, crop_s=2.0)
    data = made_up.dataset(used, count=1, shortest=40)
    frames = np.random.default_rng(0).standard_normal(data.frames.shape).astype(np.float32)
    noisy = Dataset(data.clips, frames, data.starts, data.targets, data.weights, data.sides)
    x, *_ = next(iter(batches(noisy, np.array([0]), pool_hops=5).epoch((0,))))
    np.testing.assert_allclose(x[0], pooled(frames, 5), rtol=1e-5, atol=1e-6)


def test_weights_of_corpora() -> None:
    data = made_up.dataset(made_up.recipe(weights=(1.0, 3.0)))
    assert set(data.weights[data.positions("4qaed")].ravel()) == {1.0}
    assert set(data.weights[data.positions("soundtracks360")].ravel()) == {3.0}


@pytest.mark.parametrize(
    "change", [{"epochs": 0}, {"noise": -1.0}, {"quadrant_targets": (0.5, 1.5)}, {"weights": (1.0,)}, {"warmup_s": 2.0}]
)
def test_a_recipe_refuses_nonsense(change: dict[str, object]) -> None:
    with pytest.raises(InputError):
        made_up.recipe(**change)
