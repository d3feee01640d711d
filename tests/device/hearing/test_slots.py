"""The live slot: found by itself, found again, and the same for any blocks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from device.hearing.condition import Conditioner
from device.hearing.slots import LiveSlots
from hardware.microphone import Block

RATE = 48_000
Samples = NDArray[np.float32]


def noise(seconds: float, rms: float = 0.05, seed: int = 0) -> Samples:
    return (np.random.default_rng(seed).standard_normal(round(seconds * RATE)) * rms).astype(np.float32)


def two(left: Samples | float, right: Samples | float, seconds: float = 1.0) -> Samples:
    length = round(seconds * RATE)
    return np.stack([np.broadcast_to(np.asarray(slot, np.float32), length) for slot in (left, right)], axis=1)


LEAK = noise(1.0) * np.float32(10 ** (-36 / 20))


@pytest.mark.parametrize("dead", [0.0, 0.4, -1.0, LEAK, noise(1.0, 1e-6, seed=3)])
@pytest.mark.parametrize("live", [0, 1])
@pytest.mark.parametrize("offset", [0.0, 0.3])
def test_a_dead_slot_takes_nothing_from_the_live_one(dead: Samples | float, live: int, offset: float) -> None:
    sound = noise(1.0) + np.float32(offset)
    slots = LiveSlots(2, RATE)
    out = slots.process(two(sound, dead) if live == 0 else two(dead, sound))
    assert slots.alive.tolist() == [live == 0, live == 1]
    begin = round(0.26 * RATE)
    np.testing.assert_array_equal(out[begin:], sound[begin:])


def test_two_live_slots_are_averaged() -> None:
    left, right = noise(1.0, 0.05), noise(1.0, 0.01, seed=1)  # 14 dB apart
    slots = LiveSlots(2, RATE)
    np.testing.assert_allclose(slots.process(two(left, right)), (left + right) / 2, atol=1e-7)
    assert slots.alive.all()


def test_nothing_is_decided_in_digital_silence() -> None:
    slots = LiveSlots(2, RATE)
    slots.process(two(0.0, 0.25, 5.0))
    assert slots.alive.all()
    slots.process(two(0.25, noise(1.0, 1e-5)))
    assert slots.alive.tolist() == [False, True]


def test_a_wire_that_moves_is_followed_but_not_a_moment() -> None:
    slots = LiveSlots(2, RATE)
    slots.process(two(noise(2.0), 0.0, 2.0))
    slots.process(two(0.0, noise(0.75), 0.75))
    slots.process(two(noise(1.0), 0.0))
    assert slots.alive.tolist() == [True, False]
    slots.process(two(0.0, noise(1.0)))
    assert slots.alive.tolist() == [False, True]
    slots.process(two(noise(1.0), noise(1.0)))
    assert slots.alive.all()


def test_a_change_does_not_click() -> None:
    tone = (0.5 * np.sin(2 * np.pi * 100 * np.arange(3 * RATE) / RATE)).astype(np.float32)
    sound = two(tone, 0.0, 3.0)
    sound[RATE:, 1] = tone[RATE:]
    out = LiveSlots(2, RATE).process(sound)
    assert np.abs(np.diff(out)).max() < 0.5 * 2 * np.pi * 100 / RATE + 0.25 / (0.01 * RATE) + 1e-4


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), cuts=st.lists(st.integers(0, 3 * RATE), max_size=30))
def test_any_blocks_give_the_same_bits(seed: int, cuts: list[int]) -> None:
    rng = np.random.default_rng(seed)
    sound = rng.standard_normal((3 * RATE, 2)).astype(np.float32) * 0.1
    for second in range(3):
        sound[second * RATE : (second + 1) * RATE, rng.integers(2)] *= rng.choice([0.0, 0.001, 1.0])
    whole, parts = LiveSlots(2, RATE), LiveSlots(2, RATE)
    pieces = [parts.process(piece) for piece in np.split(sound, sorted(cuts))]
    np.testing.assert_array_equal(np.concatenate(pieces), whole.process(sound))
    assert (parts.alive == whole.alive).all()


def test_reset_gives_a_fresh_start() -> None:
    slots = LiveSlots(2, RATE)
    slots.process(two(noise(1.3), 0.0, 1.3))
    slots.reset()
    again = two(0.0, noise(1.0))
    np.testing.assert_array_equal(slots.process(again), LiveSlots(2, RATE).process(again))


def test_the_conditioner_finds_the_slot_of_a_microphone_only() -> None:
    sound = two(noise(1.0), 0.0)
    live, recording = Conditioner(RATE, 2, live=True), Conditioner(RATE, 2)
    loud, quiet = live.process(Block(sound)), recording.process(Block(sound))
    assert live.alive.tolist() == [True, False]
    assert recording.alive.all()
    np.testing.assert_allclose(loud[-6_000:], 2 * quiet[-6_000:], atol=1e-4)
    live.reset()
    assert live.alive.all()


@pytest.mark.parametrize("dtype", [np.int32, np.float32])
def test_square_waves_of_full_scale_stay_finite_and_are_told(dtype: type) -> None:
    conditioner = Conditioner(RATE, 2, live=True)
    square = np.where(np.arange(7 * RATE) // 100 % 2, 1.0, -1.0)
    scaled = np.where(square > 0, 2**31 - 1, -(2**31)) if dtype is np.int32 else square
    sound = np.stack([scaled.astype(dtype), np.zeros(len(square), dtype)], axis=1)
    out = np.concatenate([conditioner.process(Block(block)) for block in np.array_split(sound, 700)])
    assert np.isfinite(out).all()
    assert np.abs(out).max() < 3
    assert conditioner.clipped_share == pytest.approx(0.5, abs=0.01)
    conditioner.process(Block(np.zeros((6 * RATE, 2), dtype)))
    assert conditioner.clipped_share == 0
