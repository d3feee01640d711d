"""The share of samples at full scale, over the last seconds only."""

import pytest

from device.hearing.clipping import Clipping


def test_the_share_is_that_of_the_last_five_seconds() -> None:
    clipping = Clipping(100)
    assert clipping.share == 0
    clipping.process(10, 100)
    assert clipping.share == pytest.approx(0.1)
    for _ in range(4):
        clipping.process(0, 100)
    assert clipping.share == pytest.approx(0.02)
    clipping.process(0, 100)
    assert clipping.share == 0


def test_memory_is_bounded_and_reset_forgets() -> None:
    clipping = Clipping(100)
    for _ in range(10_000):
        clipping.process(1, 1)
    assert len(clipping._parts) == 500
    assert clipping.share == 1
    clipping.reset()
    assert clipping.share == 0
