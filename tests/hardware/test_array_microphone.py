"""The microphone for tests: all samples, losses where they were asked for, and it refuses what a real one would."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.array_microphone import ArrayMicrophone
from hardware.errors import HardwareError
from hardware.microphone import Block


def everything(microphone: ArrayMicrophone) -> list[Block]:
    return list(iter(microphone.read, None))


@given(
    length=st.integers(0, 200),
    slots=st.integers(1, 3),
    block=st.integers(1, 60),
    losses=st.dictionaries(st.integers(0, 200), st.integers(1, 1_000), max_size=5),
)
def test_all_samples_come_and_every_loss_is_told_where_it_was(
    length: int, slots: int, block: int, losses: dict[int, int]
) -> None:
    losses = {position: lost for position, lost in losses.items() if position <= length}
    samples = np.arange(length * slots, dtype=np.int32).reshape(length, slots)
    blocks = everything(ArrayMicrophone(samples, 48_000, block, losses))
    np.testing.assert_array_equal(np.concatenate([samples[:0], *(one.samples for one in blocks)]), samples)
    assert all(len(one.samples) <= block for one in blocks)
    starts = np.cumsum([0, *(len(one.samples) for one in blocks)])
    assert {int(start): one.lost for start, one in zip(starts, blocks, strict=False) if one.lost} == losses


def test_one_channel_may_be_flat() -> None:
    with ArrayMicrophone(np.ones(5, np.float32), 8_000, block=3, name="mic") as microphone:
        assert (microphone.rate, microphone.slots, microphone.name) == (8_000, 1, "mic")
        assert [one.samples.shape for one in everything(microphone)] == [(3, 1), (2, 1)]
        assert microphone.read() is None


def test_blocks_are_copies() -> None:
    samples = np.ones(4, np.float32)
    block = ArrayMicrophone(samples, 8_000).read()
    assert block is not None
    block.samples[:] = 0
    assert samples.all()


def test_reading_after_close_is_refused() -> None:
    microphone = ArrayMicrophone(np.ones(5, np.float32), 8_000)
    microphone.close()
    microphone.close()
    with pytest.raises(ValueError, match="closed"):
        microphone.read()


def test_what_no_microphone_gives_is_refused() -> None:
    good = np.ones((5, 2), np.float32)
    with pytest.raises(ValueError, match="shape"):
        ArrayMicrophone(np.ones((5, 2, 1), np.float32), 8_000)
    with pytest.raises(ValueError, match="type"):
        ArrayMicrophone(np.ones((5, 2)), 8_000)
    with pytest.raises(ValueError, match="within"):
        ArrayMicrophone(good, 8_000, lost_at={6: 1})
    for rate, block, lost_at in ((0, 1, {}), (8_000, 0, {}), (8_000, 1, {2: 0})):
        with pytest.raises(HardwareError, match="at least 1"):
            ArrayMicrophone(good, rate, block, lost_at)
    with pytest.raises(HardwareError, match="at least 1"):
        ArrayMicrophone(good[:, :0], 8_000)
