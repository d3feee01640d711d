"""HighPass: the recursion it stands for, in any chunks."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from device.hearing.highpass import HighPass

RATE = 24_000


def recursion(samples: np.ndarray, cutoff_hz: float) -> np.ndarray:
    pole = math.exp(-2 * math.pi * cutoff_hz / RATE)
    out, before, y = [], 0.0, 0.0
    for x in samples.astype(float):
        y = (1 + pole) / 2 * (x - before) + pole * y
        before = x
        out.append(y)
    return np.array(out)


@given(
    sizes=st.lists(st.integers(0, 100), min_size=1, max_size=8), cutoff_hz=st.floats(1, 1000), seed=st.integers(0, 99)
)
def test_it_is_the_recursion_in_any_chunks(sizes: list[int], cutoff_hz: float, seed: int) -> None:
    samples = np.random.default_rng(seed).uniform(-1, 1, sum(sizes)).astype(np.float32) + np.float32(0.5)
    highpass = HighPass(cutoff_hz, RATE)
    parts = [highpass.process(part) for part in np.split(samples, np.cumsum(sizes)[:-1])]
    np.testing.assert_allclose(np.concatenate(parts), recursion(samples, cutoff_hz), atol=1e-6)


def test_a_constant_dies_away_and_a_tone_stays() -> None:
    t = np.arange(RATE) / RATE
    samples = (0.5 + 0.25 * np.sin(2 * np.pi * 1000 * t)).astype(np.float32)
    out = HighPass(20.0, RATE).process(samples)[RATE // 2 :]
    assert abs(out.mean()) < 1e-4
    assert abs(out.std() - 0.25 / math.sqrt(2)) < 1e-3


def test_reset_forgets() -> None:
    highpass = HighPass(20.0, RATE)
    samples = np.ones(100, np.float32)
    first = highpass.process(samples)
    highpass.reset()
    np.testing.assert_array_equal(highpass.process(samples), first)
