"""What presses mean, with contacts that bounce."""

from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.gestures import DEBOUNCE_S, DOUBLE_S, HOLD_S, LONG_S, Gesture, Gestures

SHORT, DOUBLE, LONG, HOLD = Gesture
BOUNCE_S = 0.008
MARGIN_S = 0.04  # how near to a limit a made-up press comes: a bounce and a look


@dataclass
class Presses:
    """A button that is pressed at given times, seen every step_s; gestures with the time at which they were known."""

    edges: list[float]
    step_s: float = 0.005
    until_s: float = 0.0
    gestures: Gestures = field(default_factory=Gestures)

    def run(self) -> list[tuple[float, Gesture]]:
        end_s = self.until_s or (self.edges[-1] if self.edges else 0) + 2
        known = []
        for look in range(round(end_s / self.step_s)):
            t_s = look * self.step_s
            down = sum(edge <= t_s + 1e-9 for edge in self.edges) % 2 == 1
            known += [(t_s, gesture) for gesture in self.gestures.process(down, t_s)]
        return known


def made(*edges: float) -> list[Gesture]:
    return [gesture for _, gesture in Presses(list(edges)).run()]


@pytest.mark.parametrize(
    ("edges", "gestures"),
    [
        ([1, 1.1], [SHORT]),
        ([1, 1.1, 1.3, 1.4], [DOUBLE]),
        ([1, 1.1, 1.6, 1.7], [SHORT, SHORT]),
        ([1, 1.1, 1.3, 1.4, 1.6, 1.7], [DOUBLE, SHORT]),
        ([1, 1.1, 1.3, 1.4, 1.6, 1.7, 1.9, 2.0], [DOUBLE, DOUBLE]),
        ([1, 1.75], [SHORT]),
        ([1, 1.85], [LONG]),
        ([1, 5], [LONG]),
        ([1, 9.1], [LONG, HOLD]),
        ([1, 1.1, 1.3, 2.3], [SHORT, LONG]),
        ([1, 2, 2.1, 2.2], [LONG, SHORT]),
        ([1, 1.01], []),
        ([], []),
    ],
)
def test_what_presses_mean(edges: list[float], gestures: list[Gesture]) -> None:
    assert made(*edges) == gestures


def test_long_and_hold_come_while_it_is_down() -> None:
    assert Presses([1.0, 20.0]).run() == [(pytest.approx(1 + LONG_S), LONG), (pytest.approx(1 + HOLD_S), HOLD)]


def test_short_is_known_when_no_second_press_can_follow() -> None:
    [(known_s, gesture)] = Presses([1.0, 1.1]).run()
    assert gesture is SHORT
    assert known_s == pytest.approx(1.1 + DOUBLE_S, abs=0.011)


def test_double_is_known_at_its_end() -> None:
    [(known_s, gesture)] = Presses([1.0, 1.1, 1.3, 1.4]).run()
    assert gesture is DOUBLE
    assert known_s == pytest.approx(1.4 + DEBOUNCE_S, abs=0.006)


def test_a_second_press_that_was_only_a_spark_leaves_a_short_one() -> None:
    assert made(1, 1.1, 1.44, 1.45) == [SHORT]


def test_a_button_that_is_stuck_from_the_begin_does_nothing_until_it_was_up() -> None:
    assert made(0.0, 30.0) == []
    assert made(0.0, 30.0, 30.1, 30.2) == [SHORT]


def test_a_reset_forgets_a_press_that_goes_on() -> None:
    gestures = Gestures()
    for look in range(100):
        gestures.process(look > 10, look * 0.005)
    gestures.reset()
    assert [gestures.process(True, 1 + look * 0.1) for look in range(100)] == [[]] * 100


def test_looks_that_come_late_lose_no_press_that_they_saw() -> None:
    gestures = Gestures()
    levels = [(0.0, False), (0.5, False), (1.0, True), (10.0, True)]
    assert [gestures.process(down, t_s) for t_s, down in levels] == [[], [], [], [LONG, HOLD]]


@pytest.mark.parametrize("t_s", [0.5, float("nan")])
def test_time_only_goes_forward(t_s: float) -> None:
    gestures = Gestures()
    gestures.process(False, 1.0)
    with pytest.raises(ValueError, match="back"):
        gestures.process(False, t_s)


@pytest.mark.parametrize("times", [{"debounce_s": 1.0}, {"long_s": 9.0}, {"double_s": 0.01}, {"debounce_s": -1.0}])
def test_times_that_make_no_sense_are_refused(times: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must grow"):
        Gestures(**times)


def expected(edges: list[float]) -> list[Gesture]:
    """The gestures of clean presses, by their lengths alone."""
    presses = list(zip(edges[::2], edges[1::2], strict=True))
    gestures: list[Gesture] = []
    place = 0
    while place < len(presses):
        down_s, up_s = presses[place]
        after_s = presses[place + 1][0] - up_s if place + 1 < len(presses) else float("inf")
        if up_s - down_s >= HOLD_S:
            gestures += [LONG, HOLD]
        elif up_s - down_s >= LONG_S:
            gestures.append(LONG)
        elif after_s <= DOUBLE_S and presses[place + 1][1] - presses[place + 1][0] < LONG_S:
            gestures.append(DOUBLE)
            place += 1
        else:
            gestures.append(SHORT)
        place += 1
    return gestures


lengths = st.one_of(
    st.floats(0.06, LONG_S - MARGIN_S),
    st.floats(LONG_S + MARGIN_S, 2.0),
    st.floats(HOLD_S + MARGIN_S, HOLD_S + 1),
)
pauses = st.one_of(st.floats(0.06, DOUBLE_S - MARGIN_S), st.floats(DOUBLE_S + MARGIN_S, 1.5))


@given(
    presses=st.lists(st.tuples(pauses, lengths), min_size=1, max_size=4),
    seed=st.integers(0, 2**32 - 1),
    pace_s=st.floats(0.0005, 0.01),
)
def test_bounces_change_nothing(presses: list[tuple[float, float]], seed: int, pace_s: float) -> None:
    """Contacts that bounce for 8 ms at each press and release, and looks at uneven times, up to 10 ms apart."""
    random = Random(seed)
    edges: list[float] = []
    now_s = 0.5
    for pause_s, length_s in presses:
        edges += [now_s + pause_s, now_s + pause_s + length_s]
        now_s = edges[-1]
    gestures, seen, t_s = Gestures(), [], 0.0
    place = 0
    while t_s < now_s + 1:
        while place < len(edges) and edges[place] <= t_s:
            place += 1
        bouncing = place > 0 and t_s - edges[place - 1] < BOUNCE_S
        down = random.random() < 0.5 if bouncing else place % 2 == 1
        seen += gestures.process(down, t_s)
        # At a pace of half a millisecond only where it matters, or the test would take a minute.
        t_s += random.uniform(0.3, 1.0) * (pace_s if bouncing else 0.01)
    assert seen == expected(edges)


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 0.0199)), max_size=400))
def test_levels_that_never_last_are_nothing(looks: list[tuple[bool, float]]) -> None:
    """A loose wire: it may flip at every look, and what doesn't last 20 ms doesn't count."""
    gestures, t_s, told = Gestures(), 0.0, []
    for look in range(40):
        told += gestures.process(False, look * 0.01)
        t_s = look * 0.01
    level, since_s = False, -1.0
    for down, step_s in looks:
        t_s += step_s
        if down and level and t_s - since_s >= DEBOUNCE_S:
            down = False
        if down is not level:
            level, since_s = down, t_s
        told += gestures.process(down, t_s)
    assert told == []


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 3)), max_size=60))
def test_whatever_comes_a_hold_follows_its_long_and_never_stands_alone(looks: list[tuple[bool, float]]) -> None:
    gestures, t_s, told = Gestures(), 0.0, []
    for down, step_s in looks:
        t_s += step_s
        told += gestures.process(down, t_s)
    assert not told or told[0] is not HOLD
    assert all(before is LONG for before, after in pairwise(told) if after is HOLD)
