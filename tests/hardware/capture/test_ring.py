"""The ring: nothing is lost in silence, nothing double, whatever the order of writes and reads."""

from threading import Thread

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.capture.ring import Ring
from tests.fakes.pyaudio import counting

STEPS = st.lists(st.tuples(st.sampled_from(["write", "read", "lose"]), st.integers(0, 40)), max_size=60)


@settings(max_examples=150, deadline=None)
@given(capacity=st.integers(1, 50), steps=STEPS)
def test_samples_and_losses_come_in_order_and_add_up(capacity: int, steps: list[tuple[str, int]]) -> None:
    ring = Ring(2, capacity)
    made = heard = 0
    for what, count in [*steps, ("read", 1_000), ("read", 1_000), ("read", 1_000), *[("read", 1_000)] * 60]:
        if what == "write":
            ring.write(counting(made, count))
            made += count
        elif what == "lose":
            ring.lose(count)
            made += count
        else:
            samples, lost = ring.read(count)
            heard += lost
            np.testing.assert_array_equal(samples, counting(heard, len(samples)))
            heard += len(samples)
            assert lost == 0 or len(samples)
    ring.write(counting(made, 1))
    samples, lost = ring.read(1)
    np.testing.assert_array_equal(samples, counting(made, 1))
    assert heard + lost == made


def test_a_block_without_room_is_dropped_whole() -> None:
    ring = Ring(2, 10)
    ring.write(counting(0, 8))
    ring.write(counting(8, 3))
    ring.write(counting(11, 2))
    assert ring.dropped == 3
    assert [(len(samples), lost) for samples, lost in (ring.read(20), ring.read(20), ring.read(20))] == [
        (8, 0),
        (2, 3),
        (0, 0),
    ]


def test_two_threads_at_full_speed() -> None:
    ring, blocks, heard = Ring(2, 5_000), 3_000, 0
    parts = np.split(counting(0, 96 * blocks), blocks)

    def write() -> None:
        for part in parts:
            ring.write(part)

    writer = Thread(target=write)
    writer.start()
    while writer.is_alive() or len(ring._marks) or ring._read < ring._written:
        samples, lost = ring.read(1_000)
        heard += lost
        assert (samples == counting(heard, len(samples))).all()
        heard += len(samples)
    writer.join()
    assert heard + ring._losing == 96 * blocks


def test_a_ring_needs_room() -> None:
    with pytest.raises(ValueError, match="room"):
        Ring(2, 0)
    with pytest.raises(ValueError, match="slots"):
        Ring(0, 10)
