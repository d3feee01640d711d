"""How findings look in a terminal, and what they are in JSON."""

import json

import pytest

from device.doctor.finding import Finding, fail, ok, skip, warn
from device.doctor.page import Page, as_json
from hardware.light.ink import Ink, visible

FINDINGS = [
    ok("microphone", "a USB one with a rather long name that says nothing of use (hw:1,0)", rate_hz=48_000),
    warn("clipping", "2 % of samples are at full scale", "turn the music or the microphone down, or move them apart"),
    fail(
        "supply", "now under-voltage", "give the Pi a supply of its own with a short cable, and the strip another one"
    ),
    skip("board", "no Raspberry Pi"),
]


@pytest.mark.parametrize("columns", [60, 80, 120])
@pytest.mark.parametrize("ink", list(Ink))
def test_nothing_is_wider_than_the_terminal_and_no_word_is_lost(columns: int, ink: Ink) -> None:
    page = Page(columns, ink, letters=True)
    for finding in FINDINGS:
        lines = [visible(line) for line in page.lines(finding)]
        assert max(map(len, lines)) <= columns
        assert len(visible(page.summary(FINDINGS * 9))) <= columns
        words = " ".join(lines).split()
        expected = [
            finding.name,
            *finding.found.split(),
            *(["→", *finding.next_step.split()] * bool(finding.next_step)),
        ]
        assert words[1:] == expected
        assert all(line.startswith(" " * 18) for line in lines[1:])


def test_the_marks() -> None:
    page = Page(80, Ink.PLAIN, letters=True)
    assert "".join(page.lines(finding)[0].split()[0] for finding in FINDINGS) == "✓!✗–"
    for finding, mark in zip(FINDINGS, ("ok", "!", "x", "-"), strict=True):
        lines = Page(80, Ink.PLAIN, letters=False).lines(finding)
        assert lines[0].split()[0] == mark
        assert all(line.isascii() for line in lines)


def test_color_is_only_where_the_terminal_has_it() -> None:
    for ink, colored in ((Ink.TRUE, True), (Ink.INDEXED, True), (Ink.SHADES, False), (Ink.PLAIN, False)):
        page = Page(80, ink, letters=True)
        text = "".join([*(line for finding in FINDINGS for line in page.lines(finding)), page.summary(FINDINGS)])
        assert page.title("Light") == ("Light" if ink is Ink.PLAIN else "\x1b[1mLight\x1b[0m")
        assert ("\x1b[" in text) is colored


def test_what_would_steer_a_terminal_is_shown_instead() -> None:
    assert "\x1b" not in "".join(Page(80, Ink.PLAIN, True).lines(ok("bundle", "evil \x1b[2J name")))


def test_the_summary_begins_with_the_worst() -> None:
    page = Page(80, Ink.PLAIN, letters=True)
    assert page.summary(FINDINGS) == "  1 failed, 1 to look at, 1 fine, 1 skipped"
    assert page.summary(FINDINGS[:1]) == "  1 fine"


def test_json() -> None:
    told = json.loads(as_json("1.2", FINDINGS))
    assert list(told) == ["version", "ok", "checks"]
    assert (told["version"], told["ok"]) == ("1.2", False)
    assert [check["state"] for check in told["checks"]] == ["ok", "warn", "fail", "skip"]
    assert told["checks"][0]["values"] == {"rate_hz": 48_000}
    assert told["checks"][0]["next_step"] is None
    assert told["checks"][2]["next_step"].startswith("give the Pi")
    assert json.loads(as_json("1.2", [each for each in FINDINGS if each.name != "supply"]))["ok"] is True


def test_json_can_hold_a_name_that_is_no_text() -> None:
    text = as_json("1", [Finding("bundle", FINDINGS[0].state, "b\udcff")])
    text.encode("ascii")
    assert json.loads(text)["checks"][0]["found"] == "b\udcff"
