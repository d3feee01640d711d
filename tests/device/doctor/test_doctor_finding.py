"""Findings: no complaint without a next step, and sentences that become both."""

import pytest

from device.doctor.finding import Finding, State, fail, from_error, ok, skip, warn
from device.errors import InputError


@pytest.mark.parametrize("state", [State.WARN, State.FAIL])
def test_a_complaint_says_what_to_do(state: State) -> None:
    with pytest.raises(ValueError, match="'strip' must say what to do"):
        Finding("strip", state, "it is dark")
    assert Finding("strip", state, "it is dark", "wire it").next_step == "wire it"


def test_values_may_have_any_name() -> None:
    for made in (
        ok("a", "b", name=1),
        warn("a", "b", "c", name=1),
        fail("a", "b", "c", found=1),
        skip("a", "b", name=1),
    ):
        assert list(made.values.values()) == [1]


@pytest.mark.parametrize(
    ("sentence", "found", "next_step"),
    [
        (
            "No microphone fits 'x'; give --mic a part of one of these names: 'a', 'b'.",
            "No microphone fits 'x'",
            "give --mic a part of one of these names: 'a', 'b'",
        ),
        (
            "m/model.tflite is damaged (its SHA-256 is not the card's; x: y): copy it again.",
            "m/model.tflite is damaged (its SHA-256 is not the card's; x: y)",
            "copy it again",
        ),
        (
            "The bundle 'a' fails its self-test: it is off by 0.3, allowed is 0.02; copy or convert it again.",
            "The bundle 'a' fails its self-test: it is off by 0.3, allowed is 0.02",
            "copy or convert it again",
        ),
        ("It is 12:30 now.", "It is 12:30 now", "ask"),
    ],
)
def test_a_sentence_is_parted(sentence: str, found: str, next_step: str) -> None:
    made = from_error("x", InputError(sentence), "ask")
    assert (made.state, made.found, made.next_step) == (State.FAIL, found, next_step)
