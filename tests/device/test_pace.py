"""Pace: frames wait for their time, and lateness is not caught up with in a rush."""

import numpy as np

from device.pace import Live, RealTime


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now_s += seconds


def test_frames_are_shown_at_their_time() -> None:
    time = Time()
    wait = RealTime(time.clock, time.sleep)
    shown = []
    for t_s in (0.0, 0.5, 1.0, 1.25):
        wait(t_s)
        shown.append(time.now_s - 100.0)
        time.now_s += 0.1  # the work of a frame
    assert shown == [0.0, 0.5, 1.0, 1.25]


def test_a_little_lateness_is_made_up_for() -> None:
    time = Time()
    wait = RealTime(time.clock, time.sleep)
    wait(0.0)
    time.now_s += 0.7
    wait(0.5)
    assert not time.slept
    wait(1.0)
    assert time.now_s == 101.0


def test_after_a_long_stop_it_goes_on_at_normal_speed() -> None:
    time = Time()
    wait = RealTime(time.clock, time.sleep)
    wait(0.0)
    time.now_s += 10.0
    wait(0.5)
    assert time.now_s == 110.0
    wait(1.0)
    assert time.now_s == 110.5


def hop_frames(wait: Live, time: Time, k: int) -> list[float]:
    shown = []
    for frame in range(3):
        wait(0.05 * k + frame / 60)
        shown.append(time.now_s)
    return shown


def test_a_microphone_makes_the_pace_and_its_frames_are_spread() -> None:
    for speed in (0.99, 1.0, 1.005):  # of the microphone's clock against ours
        time = Time()
        wait = Live(lambda: 0.0, time.clock, time.sleep)
        shown = []
        for k in range(2_000):
            arrives_s = 100.0 + 0.02 * np.ceil(2.5 * (k + 1)) / speed  # with a block of 20 ms
            time.now_s = max(time.now_s, arrives_s)
            shown += hop_frames(wait, time, k)
            assert shown[-3] - arrives_s < 0.03
        between = np.diff(shown[30:])
        assert 0.012 < between.min() < between.max() < 0.030


def test_what_waits_is_caught_up_with() -> None:
    time, behind_s = Time(), 0.0
    wait = Live(lambda: behind_s, time.clock, time.sleep)
    hop_frames(wait, time, 0)
    behind_s = 3.0
    time.slept.clear()
    for k in range(1, 61):
        hop_frames(wait, time, k)
    assert not time.slept
    behind_s = 0.0
    hop_frames(wait, time, 61)
    assert len(time.slept) == 3


def test_a_gap_is_not_waited_for() -> None:
    time = Time()
    wait = Live(lambda: 0.0, time.clock, time.sleep)
    wait(0.0)
    wait(3_600.0)
    assert time.now_s < 100.1
