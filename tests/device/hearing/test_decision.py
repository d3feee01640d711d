"""Decision: what wavers must not make the lamp flap."""

import itertools

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.hearing.decision import UNDECIDED_STEPS, Decision
from device.hearing.sound_card import Patience

PATIENCE = Patience(enter=0.6, leave=0.85, steps=2)

MUSIC, SPEECH, NOISE = (0.98, 0.01, 0.01), (0.01, 0.98, 0.01), (0.01, 0.01, 0.98)
UNSURE = (0.4, 0.3, 0.3)

shares = st.floats(0, 1)
patiences = st.builds(
    lambda enter, gap, steps: Patience(enter=enter, leave=min(0.999, 1.0 - enter + gap * enter), steps=steps),
    st.floats(0.1, 0.95),
    st.floats(0.05, 0.95),
    st.integers(1, 5),
)


def decided(steps: list, decision: Decision | None = None) -> list:
    decision = decision or Decision(PATIENCE)
    return [decision.process(step) for step in steps]


def odds(music: float, of_rest: float = 0.5) -> tuple[float, float, float]:
    return music, (1 - music) * of_rest, (1 - music) * (1 - of_rest)


@pytest.mark.parametrize(("step", "answer"), [(MUSIC, "music"), (SPEECH, "speech"), (NOISE, "noise")])
def test_what_is_certain_is_told(step: tuple, answer: str) -> None:
    assert decided([step] * 10)[-1] == answer


@pytest.mark.parametrize(
    ("step", "answer"), [(UNSURE, "music"), ((0.35, 0.4, 0.25), "speech"), ((0.35, 0.2, 0.45), "noise")]
)
def test_what_is_uncertain_is_told_after_a_while_as_what_it_may_be(step: tuple, answer: str) -> None:
    told = decided([step] * 10)
    assert set(told[: UNDECIDED_STEPS - 1]) == {None}
    assert set(told[UNDECIDED_STEPS - 1 :]) == {answer}


@pytest.mark.parametrize("before", [MUSIC, SPEECH, NOISE])
def test_the_uncertain_stays_as_it_was(before: tuple) -> None:
    answers = decided([before] * 5 + [UNSURE] * 50)
    assert set(answers[5:]) == {answers[4]}


@pytest.mark.parametrize(("before", "after", "answer"), [(MUSIC, SPEECH, "speech"), (NOISE, MUSIC, "music")])
def test_a_change_is_followed_within_two_seconds(before: tuple, after: tuple, answer: str) -> None:
    assert decided([before] * 20 + [after] * 5)[-1] == answer


@pytest.mark.parametrize("odd", [SPEECH, NOISE, UNSURE])
def test_one_odd_step_does_not_end_music(odd: tuple) -> None:
    assert set(decided([MUSIC] * 10 + [odd] + [MUSIC] * 10)) == {"music"}


@given(patiences, st.lists(st.tuples(shares, shares), max_size=200))
def test_between_the_thresholds_nothing_ever_flaps(patience: Patience, wanders: list) -> None:
    # However the probabilities wander between the thresholds, music neither begins nor ends.
    low, high = 1 - patience.leave, patience.enter
    for first in (odds(0.999), odds(0.0001)):
        decision = Decision(patience)
        for _ in range(patience.steps):
            begun = decision.process(first)
        inside = [odds(low + (high - low) * (0.01 + 0.98 * at), part) for at, part in wanders]
        assert all((answer == "music") == (begun == "music") for answer in decided(inside, decision))


@given(patiences, st.lists(st.tuples(shares, shares), min_size=1, max_size=200))
def test_every_change_had_its_reason(patience: Patience, steps: list) -> None:
    answers = [None, *decided([odds(*step) for step in steps], Decision(patience))]
    for at, (before, answer) in enumerate(itertools.pairwise(answers)):
        if before is None and at + 1 >= UNDECIDED_STEPS:
            continue  # it has to be something now
        if answer != before and answer == "music":
            assert steps[at][0] >= patience.enter
        if before == "music" and answer != "music":
            last = steps[max(0, at + 1 - patience.steps) : at + 1]
            assert len(last) == patience.steps
            assert all(1 - music >= patience.leave for music, _ in last)


@given(patiences, st.lists(st.tuples(shares, shares), max_size=200))
def test_music_never_ends_and_begins_more_often_than_its_patience_lets_it(patience: Patience, steps: list) -> None:
    answers = decided([odds(*step) for step in steps], Decision(patience))
    ends = [at for at, (one, other) in enumerate(itertools.pairwise(answers)) if one == "music" != other]
    assert all(later - earlier >= patience.steps + 1 for earlier, later in itertools.pairwise(ends))


@given(st.lists(st.tuples(shares, shares), max_size=50))
def test_reset_gives_a_fresh_start(steps: list) -> None:
    decision = Decision(PATIENCE)
    first = decided([odds(*step) for step in steps], decision)
    decision.reset()
    assert decided([odds(*step) for step in steps], decision) == first


def test_restart_keeps_the_answer_and_forgets_what_was_about_to_change() -> None:
    decision = Decision(PATIENCE)
    assert decided([MUSIC, MUSIC, SPEECH], decision)[-1] == "music"
    decision.restart()
    assert decided([SPEECH, SPEECH], decision) == ["music", "speech"]


@pytest.mark.parametrize(("enter", "leave", "steps"), [(0.5, 0.5, 1), (0.2, 0.7, 1), (0.0, 0.9, 1), (0.9, 0.9, 0)])
def test_patience_that_would_flap_is_refused(enter: float, leave: float, steps: int) -> None:
    text = msgspec.json.encode({"enter": enter, "leave": leave, "steps": steps})
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(text, type=Patience)
