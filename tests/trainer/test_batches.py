"""Batches are pieces of chosen clips with their own targets, and depend on their seed alone."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.errors import InputError
from device.features.pooling import pooled_columns
from tests.trainer import made_up
from trainer.batches import Batch, Batches, statistics
from trainer.dataset import Dataset, assemble
from trainer.targets import RATINGS

COLUMNS = pooled_columns(made_up.SPEC.columns)
CLIP, STEP, HEARING = 0, 1, 2


def batches(data: Dataset, chosen: np.ndarray, **changes: object) -> Batches:
    return Batches(data, chosen, made_up.recipe(**{**made_up.CALM, **changes}), COLUMNS)


def parts(row: np.ndarray) -> list[tuple[int, int]]:
    """First and last (exclusive) of every piece of a sequence [T, columns], told by what its frames say."""
    new = (np.diff(row[:, CLIP]) != 0) | (np.diff(row[:, HEARING]) != 0) | (np.diff(row[:, STEP]) != 1)
    edges = [0, *(1 + np.flatnonzero(new)).tolist(), len(row)]
    return list(pairwise(edges))


def all_of(made: Batches, epochs: int = 1) -> list[Batch]:
    return [batch for epoch in range(epochs) for batch in made.epoch((0, epoch))]


def test_statistics_see_the_chosen_clips_only_but_all_their_hearings() -> None:
    data = made_up.dataset(made_up.recipe(), paces=(1.0, 1.4))
    mean, deviation = statistics(data, np.array([2, 5]))
    rows = np.concatenate([hearing.of(i) for hearing in data.hearings for i in (2, 5)])
    np.testing.assert_allclose(mean, rows.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(deviation[:3], rows.std(axis=0)[:3], rtol=1e-5)
    # A column that never changes is left as it is.
    assert deviation[3] == 1.0


def test_statistics_of_columns_of_any_size() -> None:
    used = made_up.recipe()
    rng = np.random.default_rng(0)
    scale = np.array([1e-9, 1.0, 1e6, 1.0])
    center = np.array([0.0, 1e4, -1e6, 0.1])
    own = [(center + scale * rng.standard_normal((50, 4))).astype(np.float32) for _ in range(4)]
    data = assemble(made_up.clips(4), [own], used)
    mean, deviation = statistics(data, np.arange(4))
    np.testing.assert_allclose(mean, np.concatenate(own).mean(axis=0, dtype=float), rtol=1e-3, atol=1e-9)
    assert deviation[1] == pytest.approx(1.0, rel=0.1)
    assert deviation[2] == pytest.approx(1e6, rel=0.1)
    assert (deviation > 0).all()


@settings(max_examples=30, deadline=None)
@given(
    join=st.sampled_from([0.0, 0.5, 1.0]),
    warmup=st.integers(0, 12),
    seed=st.integers(0, 1000),
    hearings=st.integers(1, 3),
    shortest=st.integers(1, 25),
)
def test_a_sequence_is_made_of_runs_of_chosen_clips(
    join: float, warmup: int, seed: int, hearings: int, shortest: int
) -> None:
    paces = (1.0, 1.5, 0.8)[:hearings]
    data = made_up.dataset(made_up.recipe(weights=(1.0, 3.0)), paces=paces, shortest=shortest)
    chosen = np.array([0, 3, 7, 8, 11])
    made = batches(data, chosen, join=join, warmup_s=warmup / 10, weights=(1.0, 3.0))
    for batch in made.epoch((seed,)):
        assert batch.x.shape == (4, 20, 4)
        clip = np.rint(batch.x[:, :, CLIP]).astype(int)
        assert set(np.unique(clip)) <= set(chosen.tolist())
        np.testing.assert_array_equal(batch.quadrant, data.quadrants[clip])
        np.testing.assert_array_equal(batch.sound, data.sounds[clip])
        for row, weight in zip(batch.x, batch.weight, strict=True):
            for first, last in parts(row):
                age = np.arange(last - first)
                counts = data.weights[int(row[first, CLIP])]
                # Two pieces may follow one another seamlessly in the same clip: then it is warm again in between.
                assert set(np.unique(weight[first:last])) <= {0.0, counts}
                assert (weight[first:last][age < warmup] == 0).all()


@pytest.mark.parametrize("join", [0.0, 1.0])
def test_weight_begins_after_each_pieces_warm_up(join: float) -> None:
    used = made_up.recipe()
    data = made_up.dataset(used, shortest=25)
    for batch in all_of(batches(data, np.arange(12), join=join), epochs=5):
        for row, weight in zip(batch.x, batch.weight, strict=True):
            runs = parts(row)
            # With clips as long as a sequence the only reason for a second piece is joining.
            assert len(runs) == (2 if join else 1)
            for first, last in runs:
                expected = np.arange(last - first) >= used.warmup_steps
                np.testing.assert_array_equal(weight[first:last] > 0, expected)
            if join:
                assert 5 <= runs[0][1] <= 15


def test_an_epoch_begins_a_sequence_with_every_clip() -> None:
    data = made_up.dataset(made_up.recipe())
    leads = Counter(int(batch.x[i, 0, CLIP]) for batch in all_of(batches(data, np.arange(12))) for i in range(4))
    assert leads == Counter(range(12))
    # Of five clips and batches of four, one clip is left over; of three, one comes twice.
    assert len(all_of(batches(data, np.arange(5)))) == 1
    few = Counter(int(row[0, CLIP]) for row in all_of(batches(data, np.arange(3)))[0].x)
    assert set(few) == {0, 1, 2}
    assert sum(few.values()) == 4


def test_every_hearing_is_drawn_as_often() -> None:
    data = made_up.dataset(made_up.recipe(), paces=(1.0, 1.2, 0.9, 1.1))
    heard: Counter[tuple[int, int]] = Counter()
    for batch in all_of(batches(data, np.arange(12), join=0.5), epochs=60):
        for row in batch.x:
            heard.update((int(row[first, CLIP]), int(row[first, HEARING])) for first, _ in parts(row))
    ways = Counter[int]()
    for (_, hearing), count in heard.items():
        ways[hearing] += count
    assert len(heard) == 12 * 4
    total = sum(ways.values())
    # Four standard deviations of a fair draw.
    assert all(abs(ways[i] - total / 4) < 4 * np.sqrt(total * 3 / 16) for i in range(4))


def test_pieces_come_from_anywhere_in_a_clip() -> None:
    data = made_up.dataset(made_up.recipe(), count=4, shortest=40)
    made = batches(data, np.array([0, 1, 2, 3]))
    starts = {int(row[0, STEP]) for batch in all_of(made, 200) for row in batch.x if row[0, CLIP] == 0}
    assert starts == set(range(40 - 20 + 1))


def test_ratings_are_standardized_by_corpus_and_go_with_their_steps() -> None:
    used = made_up.recipe(corpora=("soundtracks360", "vgmidi"))
    given = [clip for clip in made_up.clips(8) if clip.corpus == "soundtracks360"] + made_up.pieces(4)
    data = made_up.dataset(used, own=given, paces=(1.0, 1.5), shortest=30)
    chosen = np.array([0, 1, 2, 4, 5, 6])
    made = batches(data, chosen, join=0.7)
    offset, spread = made.scale.of(data.corpora)
    seen = set()
    for batch in all_of(made, 20):
        for row, told in zip(batch.x, batch.ratings, strict=True):
            clip, step, hearing = (np.rint(row[:, i]).astype(int) for i in (CLIP, STEP, HEARING))
            expected = np.stack(
                [data.hearings[h].ratings_of(c)[s] for c, s, h in zip(clip, step, hearing, strict=True)]
            )
            np.testing.assert_allclose(told * spread[clip] + offset[clip], expected, atol=1e-5)
            seen |= set(clip.tolist())
    assert seen == set(chosen.tolist())
    for name in ("soundtracks360", "vgmidi"):
        own = [i for i in chosen if data.clips[i].corpus == name]
        standard = (data.means[own] - offset[own]) / spread[own]
        np.testing.assert_allclose(standard[:, :2].mean(axis=0), 0, atol=1e-5)
        np.testing.assert_allclose(standard[:, :2].std(axis=0), 1, atol=1e-5)


def same(one: Batch, other: Batch) -> bool:
    return all(np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in zip(one, other, strict=True))


def test_with_agreement_the_second_half_is_the_first_one_changed() -> None:
    data = made_up.dataset(made_up.recipe(), paces=(1.0, 1.0, 1.0), shortest=15)
    made = batches(data, np.arange(12), agreement=0.5, changes=("room", "room"), join=0.5)
    leads, ways = Counter[int](), set()
    for batch in all_of(made):
        plain, changed = batch.x[:2], batch.x[2:]
        leads.update(plain[:, 0, CLIP].astype(int).tolist())
        np.testing.assert_array_equal(plain[:, :, [CLIP, STEP]], changed[:, :, [CLIP, STEP]])
        assert (plain[:, :, HEARING] == 0).all()
        ways |= set(changed[:, :, HEARING].ravel())
        for name in ("quadrant", "weight", "ratings"):
            one, other = np.split(getattr(batch, name), 2)
            np.testing.assert_array_equal(one, other)
    assert leads == Counter(range(12))
    assert ways == {1.0, 2.0}


def test_an_epoch_depends_on_its_seed_alone() -> None:
    data = made_up.dataset(made_up.recipe(), paces=(1.0, 1.2))
    wild = {"gain_db": 6.0, "coloring": 0.3, "noise": 0.1, "masking": 0.5, "join": 0.5}
    made, again = (batches(data, np.arange(12), **wild) for _ in range(2))
    first, second, other = list(made.epoch((1, 2))), list(again.epoch((1, 2))), list(made.epoch((1, 3)))
    assert all(same(a, b) for a, b in zip(first, second, strict=True))
    assert not any(same(a, b) for a, b in zip(first, other, strict=True))


def test_what_a_held_out_clip_is_rated_or_sounds_like_changes_nothing() -> None:
    data, spoiled = (made_up.dataset(made_up.recipe(), paces=(1.0, 1.2)) for _ in range(2))
    chosen = np.array([0, 1, 2, 5, 7, 8])
    for index in set(range(12)) - set(chosen.tolist()):
        for hearing in spoiled.hearings:
            hearing.of(index)[:] = 1e6
            hearing.ratings_of(index)[:] = -1.0
        spoiled.means[index] = -1.0
        spoiled.quadrants[index] = 0
        spoiled.weights[index] = 99.0
    wild = {"gain_db": 6.0, "coloring": 0.3, "noise": 0.1, "masking": 0.5, "join": 0.5}
    one, two = (all_of(batches(d, chosen, **wild), 3) for d in (data, spoiled))
    assert all(same(a, b) for a, b in zip(one, two, strict=True))


def test_coloring_is_constant_in_a_piece_and_noise_is_not() -> None:
    data = made_up.dataset(made_up.recipe(), shortest=30)
    deviation = statistics(data, np.arange(12))[1]
    moved = {}
    for kind in ("coloring", "noise"):
        (first, *_) = all_of(batches(data, np.arange(12), **{kind: 0.5}))
        # Column 3 is 7 in every frame, so what is added to it shows.
        moved[kind] = (first.x[:, :, 3] - 7.0) / deviation[3]
    assert np.ptp(moved["coloring"], axis=1).max() < 1e-5
    assert len(np.unique(np.round(moved["coloring"][:, 0], 4))) == 4
    assert 0.3 < moved["noise"].std(axis=1).mean() < 0.7


def test_a_masked_stretch_is_the_mean_and_short() -> None:
    data = made_up.dataset(made_up.recipe(), shortest=30)
    chosen = np.array([0, 1, 9, 10])  # far from the mean of column 0
    for share, hidden_in in ((0.0, 0), (1.0, 1)):
        made = batches(data, chosen, masking=share)
        x = np.concatenate([batch.x for batch in all_of(made, 30)])
        hidden = (np.abs(x[:, :, :2] - made.mean[:2]) < 1e-4).all(axis=2)
        assert hidden.any() == hidden_in
        assert hidden.sum(axis=1).max() <= 0.2 * 20
        for row in hidden[hidden.any(axis=1)]:
            assert (np.diff(np.flatnonzero(row)) == 1).all()


def test_a_level_reaches_the_columns_that_know_it() -> None:
    used = made_up.recipe(**{**made_up.CALM, "gain_db": 12.0})
    columns = ("mean_mel_1", "mean_energy", "std_mel_1", "std_energy")
    own = [np.tile(np.array([-30.0, 2.0, 5.0, 3.0], np.float32), (25, 1)) for _ in range(12)]
    data = assemble(made_up.clips(12), [own], used)
    for batch in Batches(data, np.arange(12), used, columns).epoch((0,)):
        gain_db = batch.x[:, :, 0] + 30.0
        assert np.abs(gain_db).max() <= 12.0
        assert np.ptp(gain_db, axis=1).max() < 1e-4
        assert np.ptp(gain_db) > 1.0
        np.testing.assert_allclose(batch.x[:, :, 1], 2.0 * 10 ** (gain_db / 10), rtol=1e-4)
        np.testing.assert_array_equal(batch.x[:, :, 2], 5.0)
        np.testing.assert_allclose(batch.x[:, :, 3], 3.0 * 10 ** (gain_db / 10), rtol=1e-4)


def test_weights_of_corpora() -> None:
    data = made_up.dataset(made_up.recipe(weights=(1.0, 3.0)))
    assert set(data.weights[data.positions("4qaed")]) == {1.0}
    assert set(data.weights[data.positions("soundtracks360")]) == {3.0}
    for batch in batches(data, np.arange(12)).epoch((0,)):
        odd = np.rint(batch.x[:, :, CLIP]).astype(int) % 2 == 1
        assert set(batch.weight[odd]) <= {0.0, 3.0}
        assert set(batch.weight[~odd]) <= {0.0, 1.0}


def test_clips_without_a_label_say_so() -> None:
    data = made_up.dataset(made_up.recipe())
    for batch in batches(data, np.arange(12)).epoch((0,)):
        odd = np.rint(batch.x[:, :, CLIP]).astype(int) % 2 == 1
        assert (batch.quadrant[odd] == -1).all()
        assert (batch.quadrant[~odd] >= 0).all()
        assert np.isnan(batch.ratings[~odd]).all()
        assert np.isfinite(batch.ratings[odd][:, : RATINGS.index("tension")]).all()


@pytest.mark.parametrize(
    "change",
    [
        {"epochs": 0},
        {"noise": -1.0},
        {"coloring": -0.1},
        {"weights": (1.0,)},
        {"corpora": ("4qaed", "4qaed")},
        {"warmup_s": 2.0},
        {"join": 1.5},
        {"masking": -0.1},
        {"average": 1.0},
        {"agreement": 0.5},
        {"agreement": 0.5, "changes": ("room",), "batch": 5},
        {"corpora": (), "weights": ()},
    ],
)
def test_a_recipe_refuses_nonsense(change: dict[str, object]) -> None:
    with pytest.raises(InputError) as caught:
        made_up.recipe(**change)
    assert str(caught.value).endswith(".")


def test_variants_of_changes_are_numbered() -> None:
    used = made_up.recipe(changes=("room", "all", "room", "room"))
    assert used.hearings == (("room", 0), ("all", 0), ("room", 1), ("room", 2))
    assert made_up.recipe().differences(used) == ["changes"]
