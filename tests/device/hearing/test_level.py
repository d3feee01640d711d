"""Levels in dBFS, one for each hop."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.hearing.level import Level, level_db


def test_levels_of_known_sounds() -> None:
    assert level_db(np.ones(100, np.float32)) == 0
    assert level_db(np.full(100, -0.1, np.float32)) == pytest.approx(-20)
    assert level_db(np.sin(np.arange(48_000) * 0.1).astype(np.float32)) == pytest.approx(-3.01, abs=0.01)
    assert level_db(np.zeros(100, np.float32)) == -120
    assert level_db(np.full(100, 1e-30, np.float32)) == -120
    assert level_db(np.zeros(0, np.float32)) == -120


@given(hop=st.integers(1, 50), lengths=st.lists(st.integers(0, 80), max_size=8), seed=st.integers(0, 99))
def test_there_is_one_level_for_each_full_hop_under_any_chunking(hop: int, lengths: list[int], seed: int) -> None:
    samples = np.random.default_rng(seed).standard_normal(sum(lengths)).astype(np.float32)
    level = Level(hop)
    out = np.concatenate([level.process(part) for part in np.split(samples, np.cumsum(lengths))])
    wanted = [level_db(samples[start : start + hop]) for start in range(0, len(samples) - hop + 1, hop)]
    np.testing.assert_array_equal(out, np.array(wanted, np.float32))


def test_reset_forgets_the_started_hop() -> None:
    level = Level(4)
    level.process(np.ones(3, np.float32))
    level.reset()
    assert level.process(np.zeros(4, np.float32)).tolist() == [-120]


def test_a_hop_without_samples_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Level(0)
