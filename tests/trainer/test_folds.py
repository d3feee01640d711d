from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.errors import InputError
from trainer.corpora.clip import Clip
from trainer.folds import PROTOCOLS, fold_of, quadrant_of, stratum


def made(artists: list[int], albums: list[int]) -> list[Clip]:
    songs = [Clip(f"q{i}", "4qaed", Path("q"), f"artist {a}", quadrant=f"Q{1 + i % 4}") for i, a in enumerate(artists)]
    values = np.random.default_rng(0).uniform(-1, 1, (len(albums), 2))
    films = [
        Clip(f"s{i}", "soundtracks360", Path("s"), f"album {a}", float(values[i, 0]), float(values[i, 1]))
        for i, a in enumerate(albums)
    ]
    return songs + films


@settings(max_examples=40, deadline=None)
@given(
    artists=st.lists(st.integers(0, 30), min_size=60, max_size=90).filter(lambda a: len(set(a)) >= 8),
    albums=st.lists(st.integers(0, 9), min_size=40, max_size=60).filter(lambda a: len(set(a)) >= 5),
    seed=st.integers(0, 5),
)
def test_no_artist_and_no_album_is_on_both_sides(artists: list[int], albums: list[int], seed: int) -> None:
    clips = made(artists, albums)
    for protocol in PROTOCOLS:
        fold = fold_of(clips, protocol, 5, seed)
        assert set(fold) == set(range(5))
        for number in range(5):
            inside = [clip for clip, f in zip(clips, fold, strict=True) if f == number]
            outside = [clip for clip, f in zip(clips, fold, strict=True) if f != number]
            songs = {clip.id for clip in inside} & {clip.id for clip in outside}
            groups = {clip.group for clip in inside} & {clip.group for clip in outside}
            assert not songs
            shared = {group for group in groups if protocol == "artist" or group.startswith("album")}
            assert not shared


def test_stratified_folds_hold_as_many_of_each_quadrant() -> None:
    clips = made(list(range(80)), [])
    fold = fold_of(clips, "stratified", 10, 0)
    for number in range(10):
        names = [clip.quadrant for clip, f in zip(clips, fold, strict=True) if f == number]
        assert sorted(map(str, names)) == ["Q1", "Q1", "Q2", "Q2", "Q3", "Q3", "Q4", "Q4"]


def test_folds_depend_on_the_seed_alone() -> None:
    clips = made(list(range(80)), [i % 12 for i in range(50)])
    np.testing.assert_array_equal(fold_of(clips, "artist", 5, 1), fold_of(clips, "artist", 5, 1))
    assert not np.array_equal(fold_of(clips, "artist", 5, 1), fold_of(clips, "artist", 5, 2))


def test_too_few_groups_is_one_sentence() -> None:
    with pytest.raises(InputError, match="soundtracks360 has only 3 groups"):
        fold_of(made(list(range(80)), [0, 1, 2] * 5), "artist", 5, 0)


def test_quadrants_turn_counterclockwise() -> None:
    assert [quadrant_of(v, a) for v, a in ((1, 1), (-1, 1), (-1, -1), (1, -1))] == ["Q1", "Q2", "Q3", "Q4"]


def test_clips_are_balanced_by_what_is_known_of_them() -> None:
    assert stratum(Clip("a", "x", Path("a"), "g", quadrant="Q3")) == "Q3"
    assert stratum(Clip("a", "x", Path("a"), "g", -0.5, 0.2)) == "Q2"
    assert stratum(Clip("a", "x", Path("a"), "g", arousal=-0.2)) == "Q4"
    assert stratum(Clip("a", "gate", Path("a"), "g", sound="noise")) == "Q1"


def test_corpora_without_any_emotion_are_folded_by_group_too() -> None:
    voices = [Clip(f"n{i}", "gate", Path("n"), f"voice {i // 3}", sound="speech") for i in range(30)]
    for protocol in PROTOCOLS:
        fold = fold_of(voices, protocol, 5, 0)
        assert all(len(set(fold[i : i + 3])) == 1 for i in range(0, 30, 3))


def test_the_same_group_name_in_two_corpora_is_two_groups() -> None:
    clips = [Clip(f"{corpus}{i}", corpus, Path("x"), f"group {i}", 0.1, 0.1) for corpus in "ab" for i in range(10)]
    fold = fold_of(clips, "artist", 5, 0)
    assert all(np.bincount(fold[half], minlength=5).tolist() == [2] * 5 for half in (slice(10), slice(10, 20)))
