"""Memory: what was, at any time, however it was told."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.color.memory import STEP_S, Memory


@settings(max_examples=60)
@given(st.lists(st.floats(0.001, 0.25), min_size=200, max_size=400), st.floats(0, 10))
def test_a_ramp_is_read_back_exactly(steps: list[float], age_s: float) -> None:
    memory, now_s = Memory((0.0, 5.0), 10.0), 0.0
    for step_s in steps:
        now_s += step_s
        memory.process(now_s, (now_s, 5.0 - 2 * now_s))
    was_s = max(0.0, now_s - age_s - STEP_S)
    np.testing.assert_allclose(memory.read(np.array([age_s]))[0], [was_s, 5.0 - 2 * was_s], atol=1e-6)


def test_before_the_start_all_was_as_at_the_start() -> None:
    memory = Memory((3.0,), 60.0)
    memory.process(1.0, (9.0,))
    np.testing.assert_array_equal(memory.read(np.array([2.0, 59.0])), [[3.0], [3.0]])


def test_a_day_later_it_is_still_exact() -> None:
    memory = Memory((0.0,), 5.0)
    for i in range(24 * 3600 * 4):
        memory.process(i / 4, (float(i % 16 < 8),))
    np.testing.assert_allclose(memory.read(np.array([0.9, 2.9]))[:, 0], [0.0, 1.0], atol=1e-9)


def test_reset_forgets() -> None:
    memory = Memory((1.0,), 5.0)
    for i in range(100):
        memory.process(i / 10, (7.0,))
    memory.reset()
    memory.process(0.05, (1.0,))
    assert memory.read(np.linspace(0, 5, 9)) == pytest.approx(1.0)
