"""NoMicrophone: silence in time, until the real one is there."""

import numpy as np

from hardware.no_microphone import ASK_S, BLOCK_S, NoMicrophone


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0
        self.slept_s = 0.0

    def __call__(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now_s += seconds
        self.slept_s += seconds


def test_it_gives_deaf_silence_at_the_pace_of_the_clock() -> None:
    clock = Clock()
    microphone = NoMicrophone(None, clock, clock.sleep)
    for number in range(1, 501):
        block = microphone.read()
        assert block is not None
        assert block.deaf
        assert block.samples.shape == (960, 2)
        assert block.samples.dtype == np.int32
        assert not block.samples.any()
        assert abs(clock.now_s - number * BLOCK_S) < 1e-6


def test_it_ends_when_the_real_one_is_there_and_asks_seldom() -> None:
    clock, asked = Clock(), []

    def came() -> bool:
        asked.append(clock.now_s)
        return len(asked) == 3

    microphone = NoMicrophone(came, clock, clock.sleep)
    while microphone.read() is not None:
        assert clock.now_s < 60
    assert len(asked) == 3
    assert min(np.diff(asked)) >= ASK_S
    assert microphone.read() is None
    assert len(asked) == 3


def test_time_in_which_it_was_held_up_is_not_made_up_for() -> None:
    clock = Clock()
    microphone = NoMicrophone(None, clock, clock.sleep)
    microphone.read()
    clock.now_s += 100
    microphone.read()
    assert microphone.behind_s == 0
    before = clock.slept_s
    microphone.read()
    assert clock.slept_s > before
