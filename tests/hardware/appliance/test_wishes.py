"""What the owner wants, and the dialogue that asks for it."""

from collections.abc import Callable

import pytest

from hardware.appliance.choices import Choices
from hardware.appliance.wishes import by_dialogue, with_options
from hardware.errors import HardwareError
from tests.hardware.appliance.lamps import options


def answering(*answers: str) -> tuple[Callable[[str], str], list[str]]:
    """Someone who gives these answers, then closes the terminal; and what was asked."""
    asked: list[str] = []
    left = list(answers)

    def ask(question: str) -> str:
        asked.append(question)
        if not left:
            raise EOFError
        return left.pop(0)

    return ask, asked


def test_empty_lines_take_what_is_shown() -> None:
    ask, asked = answering("", "", "", "", "")
    assert by_dialogue(Choices(pixels=33), options(), ask) == Choices(pixels=33)
    assert asked[0] == "How many LEDs has the strip? [33] "
    assert len(asked) == 5


def test_answers_are_taken() -> None:
    ask, _ = answering(" 144 ", "13", "usb", "17", "glow")
    wanted = Choices(pixels=144, pin=13, mic="usb", button=17, name="glow")
    assert by_dialogue(Choices(), options(), ask) == wanted


def test_what_options_say_is_not_asked() -> None:
    given = options("--strip-pixels", 5, "--pin", 12, "--mic", "usb", "--button", 3, "--name", "glow")
    ask, asked = answering()
    choices = with_options(Choices(), given)
    assert by_dialogue(choices, given, ask) == choices
    assert asked == []


def test_a_wrong_answer_is_explained_and_asked_again(capsys: pytest.CaptureFixture[str]) -> None:
    ask, asked = answering("many", "0", "5", "", "", "", "")
    assert by_dialogue(Choices(), options(), ask).pixels == 5
    assert asked[:3] == 3 * ["How many LEDs has the strip? [60] "]
    said = capsys.readouterr().err
    assert "'many' is no whole number." in said
    assert "A strip has 1 to 1000 pixels, not 0" in said


@pytest.mark.parametrize("answers", [(), ("x", "y", "z")])
def test_no_answer_changes_nothing(answers: tuple[str, ...]) -> None:
    ask, _ = answering(*answers)
    with pytest.raises(HardwareError, match="Nothing was changed"):
        by_dialogue(Choices(), options(), ask)
