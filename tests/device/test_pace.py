"""Pace: frames wait for their time, and lateness is not caught up with in a rush."""

from device.pace import RealTime


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
