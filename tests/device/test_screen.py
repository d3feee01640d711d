import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.color.palette_file import load_palette
from device.emotion.emotion import Emotion
from device.plane import Plane
from device.screen import Screen, clock_text, quadrant
from hardware.light.ink import Ink, visible
from hardware.light.srgb import decode_srgb

PALETTE = load_palette("lampyris")
AMBER = decode_srgb(np.array([0xFF, 0xB3, 0x47]) / 255)
JOY = Emotion(0.31, 0.55, 0.1)
unit = st.floats(-1, 1)


def heard(ink, t_s=5.0, emotion=JOY, sound="music", level_db=-14.2, **more):
    screen = Screen(PALETTE, ink, **more)
    for i in range(1, round(t_s * 20) + 1):
        screen.update(i / 20, emotion, sound, level_db, AMBER)
    return screen


@settings(max_examples=150, deadline=None)
@given(
    st.integers(1, 200),
    st.integers(0, 40),
    st.sampled_from([Ink.TRUE, Ink.INDEXED, Ink.SHADES]),
    st.builds(Emotion, unit, unit, st.floats(0, 2)),
    st.sampled_from(["music", "silence", "speech"]),
    st.floats(-500, 20),
    st.floats(0, 1e6),
    st.one_of(st.none(), st.floats(0, 1e6)),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=300),
)
def test_the_caption_never_exceeds_the_room(columns, lines, ink, emotion, sound, level_db, t_s, total_s, title):
    screen = Screen(PALETTE, ink, total_s, title)
    screen.update(t_s, emotion, sound, level_db, AMBER)
    caption = screen.caption(columns, lines)
    assert len(caption) <= lines
    assert all(len(visible(line)) <= columns for line in caption)
    if ink is Ink.SHADES:
        assert not any("\x1b" in line for line in caption)


def test_what_a_wide_terminal_shows():
    text = "\n".join(heard(Ink.SHADES, total_s=79.0, title="Four Moods").caption(90, 16))
    for part in (
        "anger",
        "joy",
        "sadness",
        "calm",
        "hears music",
        "0:05 / 1:19",
        "valence",
        "+0.31",
        "arousal",
        "+0.55",
        "-14 dB",
        "#ffb347",
        "Four Moods",
    ):
        assert part in text


def test_what_a_narrow_terminal_shows():
    lines = [line.rstrip() for line in heard(Ink.SHADES).caption(20, 16)]
    assert lines[:3] == [" 0:05 music -14 dB", " v +0.31 a +0.55", " joy #ffb347"]


@pytest.mark.parametrize(
    ("valence", "arousal", "row", "column"),
    [(0, 0, 4, 12), (1, 1, 0, 24), (-1, 1, 0, 0), (-1, -1, 8, 0), (1, -1, 8, 24), (0.5, -0.5, 6, 18)],
)
def test_the_point_lies_where_it_should(valence, arousal, row, column):
    lines = Plane(PALETTE, Ink.SHADES).lines(Emotion(valence, arousal, 0), [])
    assert [(y, x) for y, line in enumerate(lines) for x, mark in enumerate(line) if mark == "●"] == [(row, column)]
    assert all(len(line) == 25 for line in lines)


def test_in_color_the_point_is_the_brightest_dot_and_has_its_own_color():
    lines = Plane(PALETTE, Ink.TRUE).lines(Emotion(0.5, 0.5, 0), [])
    colors = re.findall(r"\x1b\[[34]8;2;(\d+);(\d+);(\d+)m(?=[^\x1b]|\x1b)", "".join(line[:-30] for line in lines))
    brightest = max((tuple(map(int, color)) for color in colors), key=sum)
    assert brightest[0] > 240
    assert brightest[0] > brightest[1] > brightest[2]


def test_the_trail_fades():
    plane = Plane(PALETTE, Ink.SHADES)
    lines = plane.lines(Emotion(0.8, 0.8, 0), [(0.1, -0.5, 0.5), (0.9, 0.5, -0.5)])
    assert lines[2][6] == "·"
    assert lines[6][18] == "•"


def test_old_places_leave_the_trail():
    screen = Screen(PALETTE, Ink.SHADES)
    screen.update(1.0, Emotion(-0.5, 0.5, 0), "music", -10, AMBER)
    assert "·" in "".join(screen_after(screen, 5.0))
    assert "·" not in "".join(screen_after(screen, 30.0))


def screen_after(screen, t_s):
    screen.update(t_s, Emotion(0.8, 0.8, 0), "music", -10, AMBER)
    return screen.caption(90, 16)


def test_the_plain_line_as_promised_every_five_seconds():
    screen, lines = Screen(PALETTE, Ink.PLAIN), []
    for i in range(1, 20 * 16):
        screen.update(i / 20, JOY, "music", -14.2, AMBER)
        line = screen.plain_line()
        if line is not None:
            lines.append(line)
    assert lines[0] == "0:05  valence +0.31  arousal +0.55  music  -14 dB  #ffb347"
    assert [line[:4] for line in lines] == ["0:05", "0:10", "0:15"]
    assert all(line.isascii() for line in lines)


def test_the_summary_tells_shares_colors_times_and_speed():
    screen = Screen(PALETTE, Ink.PLAIN)
    parts = [(JOY, "music")] * 60 + [(Emotion(-0.5, -0.2, 0), "music")] * 20 + [(JOY, "silence")] * 20
    for i, (emotion, sound) in enumerate(parts, start=1):
        screen.update(float(i), emotion, sound, -14, AMBER)
    first, second = screen.summary(wall_s=4.0, limited=0.125)
    assert first == "felt  joy 75% #ffb347  sadness 25% #ffb347"
    assert second == "heard 1:20 of music, 0:20 of silence, 25.0x real time; 12% of frames dimmed for the power supply"


def test_the_summary_of_nothing():
    first, second = Screen(PALETTE, Ink.PLAIN).summary(wall_s=0.0, limited=0.0)
    assert "no music" in first
    assert "nothing" in second


@pytest.mark.parametrize("ink", [Ink.SHADES, Ink.PLAIN])
def test_the_summary_has_no_escapes_without_color(ink):
    assert "\x1b" not in "".join(heard(ink).summary(1.0, 0.0))
    assert "\x1b" in "".join(heard(Ink.TRUE).summary(1.0, 0.0))


@pytest.mark.parametrize(
    ("t_s", "text"), [(0, "0:00"), (5.9, "0:05"), (79, "1:19"), (3600, "1:00:00"), (36061, "10:01:01")]
)
def test_clock_text(t_s, text):
    assert clock_text(t_s) == text


@pytest.mark.parametrize(("v", "a", "word"), [(1, 1, "joy"), (-1, 1, "anger"), (-1, -1, "sadness"), (1, -1, "calm")])
def test_quadrant(v, a, word):
    assert quadrant(Emotion(v, a, 0)) == word


def lines_of(screen, columns=90, lines=24):
    return [visible(line).rstrip() for line in screen.caption(columns, lines)]


def test_keys_are_told_where_there_is_room_for_them():
    screen = heard(Ink.TRUE, keys=(("s", "scene"), ("q", "quit")))
    assert lines_of(screen)[-1].strip() == "s scene   q quit"
    assert not any("quit" in line for line in lines_of(screen, lines=11))
    assert not any("quit" in line for line in lines_of(heard(Ink.TRUE)))


def test_the_scene_is_told_and_stands_out_while_it_is_new():
    screen = heard(Ink.TRUE)
    aurora = load_palette("aurora")
    screen.light("glow", PALETTE, True)
    old = screen.caption(90, 24)
    assert any("glow in lampyris" in line for line in lines_of(screen))
    screen.light("trail", aurora, True)
    assert any("trail in aurora" in line for line in lines_of(screen))
    assert any("trail in aurora" in line for line in lines_of(screen, columns=30))
    bright = next(line for line in screen.caption(90, 24) if "trail in aurora" in line)
    screen.update(20.0, JOY, "music", -14.2, AMBER)
    faint = next(line for line in screen.caption(90, 24) if "trail in aurora" in line)
    assert bright != faint
    assert not any("trail" in line for line in lines_of(screen, columns=30))
    screen.light("trail", aurora, False)
    assert any("off" in line for line in lines_of(screen))
    assert old[2] != screen.caption(90, 24)[2]  # the plane has the new colors
