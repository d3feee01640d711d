"""Loudness over minutes: a deaf microphone hears the same, songs keep their shape, silence moves nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from device.hearing.gate import SoundGate
from device.hearing.level import level_db
from device.hearing.normalize import TARGET_DB, Normalizer

RATE = 24_000
Samples = NDArray[np.float32]


def noise(seconds: float, db: float, seed: int = 0) -> Samples:
    samples = np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    return (samples * 10 ** (db / 20)).astype(np.float32)


def normalizer() -> Normalizer:
    return Normalizer(RATE, SoundGate())


@pytest.mark.parametrize("db", [-50.0, -38.0, -18.0, -3.0])
def test_music_comes_to_the_level_of_training_within_seconds(db: float) -> None:
    out = normalizer().process(noise(10, db))
    assert level_db(out[-RATE:]) == pytest.approx(TARGET_DB, abs=0.3)


def test_the_gain_is_limited() -> None:
    slow = normalizer()
    slow.process(noise(5, 10.0))
    assert slow.gain_db == pytest.approx(-20, abs=0.5)  # the gate takes 0 dBFS for the loudest, the level does not
    quiet = Normalizer(RATE, SoundGate())
    quiet.process(noise(1, -45.0))
    quiet.process(noise(600, -59.0, seed=1))
    assert quiet.gain_db <= 40


def test_a_quiet_passage_stays_quiet_and_a_room_is_learned_in_minutes() -> None:
    slow = normalizer()
    slow.process(noise(180, -20))
    passage = slow.process(noise(20, -35))
    assert level_db(passage[-RATE:]) == pytest.approx(-33, abs=2)
    after = slow.process(noise(600, -35))
    assert level_db(after[-RATE:]) == pytest.approx(TARGET_DB, abs=1)


def test_silence_moves_nothing() -> None:
    slow = normalizer()
    slow.process(noise(30, -40))
    # Until the gate lets go of music, after 1.5 s, the silence counts as a rest.
    slow.process(noise(2, -90))
    before = slow.gain_db
    slow.process(noise(300, -90))
    assert slow.gain_db == before


def test_short_gaps_are_bridged_and_long_ones_forget() -> None:
    slow = normalizer()
    slow.process(noise(30, -40))
    before = slow.gain_db
    slow.gap(59)
    assert slow.gain_db == before
    slow.process(noise(0.01, -40))
    slow.gap(30)
    slow.gap(29)
    assert slow.gain_db == before
    slow.gap(2)
    assert slow.gain_db == 0


@settings(max_examples=30, deadline=None)
@given(cuts=st.lists(st.integers(0, 5 * RATE), max_size=40))
def test_any_chunks_give_the_same_bits(cuts: list[int]) -> None:
    sound = noise(5, -40)
    parts = normalizer()
    out = [parts.process(part) for part in np.split(sound, sorted(cuts))]
    np.testing.assert_array_equal(np.concatenate(out), normalizer().process(sound))


def test_the_gain_never_jumps() -> None:
    ones = np.full(10 * RATE, 0.01, np.float32)
    ones[::2] *= -1
    gain = np.abs(normalizer().process(ones)) / 0.01
    assert np.abs(np.diff(gain)).max() < 0.001
