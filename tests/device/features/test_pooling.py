"""Pooling over hops: the statistics, in any chunks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.features.pooling import Pool, pooled_columns


@given(hops=st.integers(1, 9), sizes=st.lists(st.integers(0, 7), max_size=20), width=st.integers(1, 5))
def test_any_chunking_gives_mean_and_deviation(hops: int, sizes: list[int], width: int) -> None:
    frames = np.random.default_rng(sum(sizes)).standard_normal((sum(sizes), width)).astype(np.float32)
    pool = Pool(hops, width)
    parts = [pool.process(part) for part in np.split(frames, np.cumsum(sizes)[:-1])] if sizes else []
    pooled = np.concatenate([np.empty((0, 2 * width)), *parts])
    whole = frames[: len(frames) // hops * hops].reshape(-1, hops, width)
    np.testing.assert_allclose(pooled, np.concatenate([whole.mean(1), whole.std(1)], axis=1), atol=1e-6)


def test_reset_forgets_an_unfinished_group() -> None:
    pool = Pool(3, 1)
    pool.process(np.full((2, 1), 100.0, dtype=np.float32))
    pool.reset()
    np.testing.assert_array_equal(pool.process(np.array([[1], [2], [3]], dtype=np.float32))[:, 0], [2.0])


def test_names_and_bad_hops() -> None:
    assert pooled_columns(("a", "b")) == ("mean_a", "mean_b", "std_a", "std_b")
    with pytest.raises(ValueError, match="at least 1"):
        Pool(0, 3)
