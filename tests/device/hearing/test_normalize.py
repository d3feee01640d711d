"""Loudness over minutes: a deaf microphone hears the same, songs keep their shape, what is no music moves nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from device.hearing.level import Level, level_db
from device.hearing.normalize import TARGET_DB, Kind, Normalizer

RATE, HOP = 24_000, 1_200
HOP_S = HOP / RATE
Samples = NDArray[np.float32]


def noise(seconds: float, db: float, seed: int = 0) -> Samples:
    samples = np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    return (samples * 10 ** (db / 20)).astype(np.float32)


def normalizer() -> Normalizer:
    return Normalizer(HOP, HOP_S)


def heard(slow: Normalizer, samples: Samples, kind: Kind = "music") -> Samples:
    """What comes out of samples [n] of one kind, cut wherever hops end."""
    out = []
    level = Level(HOP)
    for part in slow.parts(samples):
        out.append(slow.process(part))
        for db in level.process(part):
            slow.learn(float(db), kind)
    return np.concatenate(out)


@pytest.mark.parametrize("db", [-60.0, -38.0, -18.0, -3.0])
def test_music_comes_to_the_level_of_training_within_seconds(db: float) -> None:
    out = heard(normalizer(), noise(10, db))
    assert level_db(out[-RATE:]) == pytest.approx(TARGET_DB, abs=0.3)


def test_the_gain_is_limited() -> None:
    loud, quiet = normalizer(), normalizer()
    heard(loud, noise(5, 10.0))
    heard(quiet, noise(5, -75.0))
    assert (loud.gain_db, quiet.gain_db) == (-20, 50)


def test_a_quiet_passage_stays_quiet_and_a_room_is_learned_in_minutes() -> None:
    slow = normalizer()
    heard(slow, noise(180, -20))
    passage = heard(slow, noise(20, -35))
    assert level_db(passage[-RATE:]) == pytest.approx(-33, abs=2)
    after = heard(slow, noise(600, -35))
    assert level_db(after[-RATE:]) == pytest.approx(TARGET_DB, abs=1)


@pytest.mark.parametrize("db", [-90.0, -45.0, -5.0])
def test_what_is_no_music_moves_nothing(db: float) -> None:
    slow = normalizer()
    heard(slow, noise(30, -40))
    before = slow.gain_db
    heard(slow, noise(300, db), "other")
    assert slow.gain_db == before


def test_what_turns_out_to_be_a_fan_never_was_music() -> None:
    slow = normalizer()
    heard(slow, noise(30, -40))
    before = slow.gain_db
    heard(slow, noise(2, -20), "perhaps")
    assert slow.gain_db < before - 1
    heard(slow, noise(HOP_S, -20), "other")
    assert slow.gain_db == before


def test_what_turns_out_to_be_music_was_music_all_along() -> None:
    slow, sure = normalizer(), normalizer()
    heard(slow, noise(2, -40), "perhaps")
    heard(slow, noise(2, -40))
    heard(sure, noise(2, -40))
    heard(sure, noise(2, -40))
    assert slow.gain_db == sure.gain_db


def test_short_gaps_are_bridged_and_long_ones_forget() -> None:
    slow = normalizer()
    heard(slow, noise(30, -40))
    before = slow.gain_db
    slow.gap(59)
    assert slow.gain_db == before
    slow.process(noise(0.01, -40))
    slow.gap(30)
    slow.gap(29)
    assert slow.gain_db == before
    slow.gap(2)
    assert slow.gain_db == 0


def test_a_part_beyond_a_hop_is_refused() -> None:
    slow = normalizer()
    slow.process(noise(0.04, -40))
    with pytest.raises(ValueError, match="beyond the end of a hop"):
        slow.process(noise(0.02, -40))


@settings(max_examples=30, deadline=None)
@given(cuts=st.lists(st.integers(0, 5 * RATE), max_size=40))
def test_any_chunks_give_the_same_bits(cuts: list[int]) -> None:
    sound = noise(5, -40)
    slow, level = normalizer(), Level(HOP)
    out = []
    for chunk in np.split(sound, sorted(cuts)):
        for part in slow.parts(chunk):
            out.append(slow.process(part))
            for db in level.process(part):
                slow.learn(float(db), "music")
    np.testing.assert_array_equal(np.concatenate(out), heard(normalizer(), sound))


def test_the_gain_never_jumps() -> None:
    ones = np.full(10 * RATE, 0.01, np.float32)
    ones[::2] *= -1
    gain = np.abs(heard(normalizer(), ones)) / 0.01
    assert np.abs(np.diff(gain)).max() < 0.001
