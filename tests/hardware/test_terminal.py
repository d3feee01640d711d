import io
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.errors import HardwareError
from hardware.light.bloom import Bloom
from hardware.light.ink import Ink, choose_ink, fit, nearest_index, visible
from hardware.light.srgb import decode_srgb, encode_srgb, srgb_hex
from hardware.light.terminal import TerminalStrip

ESCAPE = re.compile(r"\x1b\[([?0-9;]*)([A-Za-z])")
TAKEN = "\x1b[?1049h\x1b[?25l\x1b[?7l"


class Terminal(io.StringIO):
    """A text stream that claims to be a terminal."""

    encoding = "utf-8"

    def isatty(self):
        return True


class Clock:
    def __init__(self):
        self.now_s = 0.0

    def __call__(self):
        return self.now_s


def make(ink=Ink.TRUE, size=(80, 24), caption=None, pixels=60):
    out, clock = Terminal(), Clock()
    return TerminalStrip(pixels, out, caption=caption, ink=ink, size=lambda: size, clock=clock), out, clock


def frame(pixels=60, value=0.5):
    return np.full((pixels, 3), value, dtype=np.float32)


def rows(text):
    """Row number -> visible text, of what was drawn last."""
    parts = re.split(r"\x1b\[(\d+);1H", text)
    return {int(n): visible(row) for n, row in zip(parts[1::2], parts[2::2], strict=True)}


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 220), st.integers(1, 60), st.integers(1, 144), st.sampled_from([Ink.TRUE, Ink.INDEXED, Ink.SHADES])
)
def test_never_wider_nor_higher_than_the_terminal(columns, lines, pixels, ink):
    strip, out, _ = make(ink, (columns, lines), lambda width, height: ["x" * 300] * 12, pixels)
    strip.show(frame(pixels))
    drawn = rows(out.getvalue())
    assert sorted(drawn) == list(range(1, lines + 1))
    assert all(len(row) == columns for row in drawn.values())


def test_the_light_is_brightest_in_its_middle_and_has_the_strip_s_colors_in_order():
    picture = Bloom(60, 80, 14, 6, np.zeros(3)).process(
        np.vstack([np.tile([1, 0, 0], (30, 1)), np.tile([0, 0, 1], (30, 1))]).astype(np.float32) * 0.8
    )
    assert picture.shape == (14, 80, 3)
    assert picture.min() >= 0
    assert picture.max() <= 1
    light = picture.sum(axis=(1, 2))
    assert light.argmax() in (6, 7)
    assert (np.diff(light[:7]) > 0).all()
    np.testing.assert_allclose(light, light[::-1], rtol=1e-5)
    core = picture[6]
    assert core[20, 0] > 0.6 > 0.2 > core[20, 2]
    assert core[60, 2] > 0.6 > 0.2 > core[60, 0]
    assert picture[0].max() < 0.02
    assert picture[:, 0].max() < 0.02


def test_a_brighter_frame_is_drawn_brighter():
    bloom = Bloom(60, 80, 14, 6, np.full(3, 0.003))
    means = [bloom.process(frame(value=v)).mean() for v in (0.0, 0.05, 0.3, 1.0)]
    assert means == sorted(means)
    assert means[0] == pytest.approx(0.003)


def test_colors_are_24_bit_or_an_index_or_absent():
    strip, out, _ = make(Ink.TRUE)
    strip.show(frame())
    assert "\x1b[38;2;" in out.getvalue()
    strip, out, _ = make(Ink.INDEXED)
    strip.show(frame())
    assert "\x1b[38;5;" in out.getvalue()
    assert ";2;" not in out.getvalue()


@pytest.mark.parametrize("size", [(80, 24), (30, 8)])
def test_without_color_it_draws_shades_and_no_color_escape(size):
    strip, out, clock = make(Ink.SHADES, size, lambda *_: ["hello"])
    strip.show(frame(value=0.9))
    clock.now_s = 1.0
    strip.show(frame(value=0.0))
    strip.close()
    codes = ESCAPE.findall(out.getvalue())
    assert [code for code in codes if code[1] == "m"] == [("0", "m")]  # the reset on leaving
    assert "█" in out.getvalue()
    assert "▀" not in out.getvalue()


def test_where_there_is_no_terminal_nothing_is_written_but_frames_are_still_checked():
    strip, out, _ = make(Ink.PLAIN)
    strip.show(frame())
    with pytest.raises(ValueError, match="frame"):
        strip.show(frame(pixels=59))
    strip.close()
    assert out.getvalue() == ""


def assert_given_back(text):
    assert text.startswith(TAKEN)
    for mode in ("?1049", "?25", "?7", "?2026"):
        last = [m[1] for m in ESCAPE.findall(text) if m[0] == mode][-1]
        assert last == {"?1049": "l", "?25": "h", "?7": "h", "?2026": "l"}[mode]
    assert text.endswith("\x1b[?1049l")
    assert "\x1b[0m" in text[text.rindex("\x1b[?2026l") :]


def test_close_gives_the_terminal_back_once():
    strip, out, _ = make()
    strip.show(frame())
    strip.close()
    text = out.getvalue()
    assert_given_back(text)
    strip.close()
    assert out.getvalue() == text
    with pytest.raises(ValueError, match="closed"):
        strip.show(frame())


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_an_interrupt_gives_the_terminal_back(error):
    strip, out, _ = make()

    def listen():
        with strip:
            strip.show(frame())
            raise error

    with pytest.raises(error):
        listen()
    assert_given_back(out.getvalue())


def test_an_interrupt_in_the_middle_of_a_drawing_gives_the_terminal_back():
    class Torn(Terminal):
        torn = False

        def write(self, text):
            if not self.torn:
                self.torn = True
                super().write(text[:60])
                raise KeyboardInterrupt
            return super().write(text)

    out = Torn()
    strip = TerminalStrip(60, out, ink=Ink.TRUE, size=lambda: (80, 24), clock=Clock())
    with pytest.raises(KeyboardInterrupt), strip:
        strip.show(frame())
    assert_given_back(out.getvalue())


def test_a_strip_that_never_drew_leaves_no_trace():
    strip, out, _ = make()
    strip.close()
    assert out.getvalue() == ""


def test_a_terminal_that_is_gone_is_told_and_closing_is_quiet():
    class Gone(Terminal):
        def write(self, text):
            raise BrokenPipeError(32, "Broken pipe")

    strip = TerminalStrip(60, Gone(), ink=Ink.TRUE, size=lambda: (80, 24), clock=Clock())
    with pytest.raises(HardwareError, match="can't be written"):
        strip.show(frame())
    strip.close()


def test_it_draws_no_more_often_than_asked():
    strip, out, clock = make()
    drawn = 0
    for i in range(120):
        clock.now_s, before = i / 60, len(out.getvalue())
        strip.show(frame(value=i / 120))
        drawn += len(out.getvalue()) > before
    assert 40 <= drawn <= 61


def test_only_rows_that_changed_are_drawn_again_and_all_after_a_resize():
    size = [80, 24]
    out, clock = Terminal(), Clock()
    text = ["one"]
    strip = TerminalStrip(
        60, out, caption=lambda *_: ["still", *text], ink=Ink.TRUE, size=lambda: (size[0], size[1]), clock=clock
    )
    strip.show(frame())

    def again():
        clock.now_s += 1
        before = len(out.getvalue())
        strip.show(frame())
        return rows(out.getvalue()[before:])

    assert again() == {}
    text[0] = "two"
    assert [row.strip() for row in again().values()] == ["two"]
    size[0] = 40
    drawn = again()
    assert len(drawn) == 24
    assert all(len(row) == 40 for row in drawn.values())


def test_the_caption_is_asked_with_the_room_there_is():
    asked = []
    strip, _, _ = make(size=(66, 20), caption=lambda *room: asked.append(room) or [])
    strip.show(frame())
    assert asked == [(66, 16)]


ENVIRONMENTS = [
    ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, Ink.TRUE),
    ({"TERM": "xterm-256color", "COLORTERM": "24bit"}, Ink.TRUE),
    ({"TERM": "xterm-kitty"}, Ink.TRUE),
    ({"TERM": "xterm-256color"}, Ink.INDEXED),
    ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"}, Ink.SHADES),
    ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": ""}, Ink.TRUE),
    ({"TERM": "dumb", "COLORTERM": "truecolor"}, Ink.PLAIN),
    ({}, Ink.PLAIN),
]


@pytest.mark.parametrize(("env", "ink"), ENVIRONMENTS)
def test_the_ink_follows_the_environment(env, ink):
    assert choose_ink(Terminal(), env) is ink


def test_no_terminal_or_no_block_characters_is_plain():
    env = {"TERM": "xterm", "COLORTERM": "truecolor"}
    assert choose_ink(io.StringIO(), env) is Ink.PLAIN
    old = Terminal()
    old.encoding = "ascii"
    assert choose_ink(old, env) is Ink.PLAIN


@given(st.lists(st.sampled_from(["a", "▀", " ", "\x1b[38;2;1;2;3m", "\x1b[0m"]), max_size=60), st.integers(0, 40))
def test_fit_counts_what_is_seen_and_keeps_every_escape(pieces, columns):
    text = "".join(pieces)
    fitted = fit(text, columns)
    assert visible(fitted) == visible(text)[:columns].ljust(columns)
    assert ESCAPE.findall(fitted) == ESCAPE.findall(text)


@pytest.mark.parametrize(
    ("color", "index"),
    [
        ((0, 0, 0), 16),
        ((255, 255, 255), 231),
        ((255, 0, 0), 196),
        ((8, 8, 8), 232),
        ((128, 128, 128), 244),
        ((95, 135, 175), 67),
    ],
)
def test_nearest_of_256(color, index):
    assert nearest_index(color) == index


@given(st.floats(0, 1))
def test_srgb_there_and_back(value):
    assert decode_srgb(encode_srgb(np.array([value])))[0] == pytest.approx(value, abs=1e-9)


def test_srgb_known_values():
    np.testing.assert_allclose(
        encode_srgb(np.array([-1, 0, 0.0031308, 0.2140411, 1, 2])), [0, 0, 0.04045, 0.5, 1, 1], atol=1e-5
    )
    assert srgb_hex(np.array([1.0, 0.450786, 0.063010])) == "#ffb347"
