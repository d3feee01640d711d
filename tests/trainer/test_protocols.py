"""No protocol tests on what it trained on: no clip, and no artist, album or piece where it says so."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.errors import InputError
from tests.trainer import made_up
from trainer.corpora import registry
from trainer.corpora.clip import Clip
from trainer.protocols import CHECK, NAMES, Protocol, corpora_of, protocols

FOLDS = 4


def songs(artists: list[int], albums: list[int], games: int) -> list[Clip]:
    made = [Clip(f"q{i}", "4qaed", Path("q"), f"group {a}", quadrant=f"Q{1 + i % 4}") for i, a in enumerate(artists)]
    values = np.random.default_rng(1).uniform(-1, 1, (len(albums), 2)).tolist()
    made += [Clip(f"s{i}", "soundtracks360", Path("s"), f"group {a}", *values[i]) for i, a in enumerate(albums)]
    made += [Clip(f"n{i}", "gate", Path("n"), f"voice {i % 12}", sound="speech") for i in range(24)]
    return made + made_up.pieces(games)


def both_sides(protocol: Protocol, clips: list[Clip], number: int) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Groups of the clips left out and of those kept, distinct between corpora."""
    out, kept = (
        {(clips[i].corpus, clips[i].group) for i in positions}
        for positions in (protocol.left_out(number), protocol.kept(number))
    )
    return out, kept


@settings(max_examples=25, deadline=None)
@given(
    artists=st.lists(st.integers(0, 40), min_size=60, max_size=90).filter(lambda a: len(set(a)) >= 8),
    albums=st.lists(st.integers(0, 9), min_size=40, max_size=60).filter(lambda a: len(set(a)) >= 5),
    seed=st.integers(0, 5),
)
def test_nothing_is_on_both_sides(artists: list[int], albums: list[int], seed: int) -> None:
    clips = songs(artists, albums, 7)
    for name in (*NAMES, CHECK):
        for protocol in protocols(name, clips, FOLDS, 2, seed):
            tested = np.zeros(len(clips), dtype=int)
            for number in range(protocol.count):
                out, kept = protocol.left_out(number), protocol.kept(number)
                assert len(out)
                assert len(kept)
                assert not set(out) & set(kept)
                assert len(out) + len(kept) == len(clips)
                tested[out] += 1
                shared = {corpus for corpus, _ in set.intersection(*both_sides(protocol, clips, number))}
                # Only 4QAED's own protocol may split an artist, as its literature does.
                assert shared <= ({"4qaed"} if name == "stratified" else set())
            assert tested.max() == 1
            if name in ("artist", "stratified", CHECK):
                assert tested.min() == 1


def test_what_each_protocol_tests_on() -> None:
    clips = songs(list(range(60)), list(range(40)), 7)
    corpora = np.array([clip.corpus for clip in clips])
    (game,) = protocols("vgmidi", clips, FOLDS, 2, 0)
    assert game.steps
    assert game.count == 5
    assert set(corpora[game.fold >= 0]) == {"vgmidi"}
    assert (game.fold[corpora != "vgmidi"] == -1).all()
    (artist,) = protocols("artist", clips, FOLDS, 2, 0)
    assert artist.conditions
    assert artist.count == FOLDS
    for protocol, corpus in zip(protocols("corpus", clips, FOLDS, 2, 0), ("4qaed", "soundtracks360"), strict=True):
        assert protocol.name == f"without_{corpus}"
        assert protocol.count == 1
        assert set(corpora[protocol.left_out(0)]) == {corpus}
        assert corpus not in corpora[protocol.kept(0)]


def test_other_seeds_and_repetitions_have_other_folds() -> None:
    clips = songs(list(range(60)), list(range(40)), 7)
    folds = [
        *(protocols(name, clips, FOLDS, 1, seed)[0].fold for name in ("artist", CHECK) for seed in (0, 1)),
        *(protocol.fold for protocol in protocols("stratified", clips, FOLDS, 3, 0)),
    ]
    for i, one in enumerate(folds):
        for other in folds[:i]:
            assert not np.array_equal(one, other)
    again = protocols(CHECK, clips, FOLDS, 1, 0)[0].fold
    np.testing.assert_array_equal(again, folds[2])


def test_no_two_trainings_share_a_seed() -> None:
    clips = songs(list(range(60)), list(range(40)), 10)
    every = [protocol for name in (*NAMES, CHECK) for protocol in protocols(name, clips, 10, 3, 0)]
    assert len({protocol.name for protocol in every}) == len(every)
    # As trainer.evaluation.fit_fold counts them, with 50 members at most.
    tags = [protocol.tag + 50 * number + member for protocol in every for number in range(10) for member in (0, 49)]
    assert len(set(tags)) == len(tags)


def test_protocols_without_their_corpora() -> None:
    clips = [clip for clip in songs(list(range(60)), [], 0) if clip.corpus == "4qaed"]
    assert protocols("vgmidi", clips, FOLDS, 1, 0) == []
    # Nothing would be left to train on.
    assert protocols("corpus", clips, FOLDS, 1, 0) == []
    assert len(protocols("artist", clips, FOLDS, 1, 0)) == 1
    with pytest.raises(InputError, match="The protocol 'nothing' is not known; choose from artist"):
        protocols("nothing", clips, FOLDS, 1, 0)
    with pytest.raises(InputError, match="fewer --folds"):
        protocols("artist", clips[:3], FOLDS, 1, 0)


def test_a_protocol_asks_for_the_corpora_it_needs() -> None:
    used = ("4qaed", "soundtracks360")
    assert corpora_of("artist", used) == used
    assert corpora_of("vgmidi", used) == (*used, "vgmidi")
    assert corpora_of("vgmidi", ("vgmidi",)) == ("vgmidi",)
    assert set(corpora_of("vgmidi", used)) <= set(registry.CORPORA)
