"""Every mistake in a palette is found, with its line; and what is unlikely to be meant."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.color.palette_advice import advice
from device.color.palette_file import SHIPPED, load_palette, palette_names, parse_palette
from device.color.palette_reader import PaletteReader
from device.errors import InputError

GOOD = (SHIPPED / "lampyris.toml").read_text(encoding="utf-8")


def problems(text: str) -> list[tuple[int | None, str]]:
    reader = PaletteReader("mine.toml")
    reader.read(text)
    assert (reader.palette is None) == bool(reader.problems)
    return [(problem.line, problem.sentence) for problem in reader.problems]


def line_of(text: str, wanted: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if wanted in line)


def test_a_good_one_has_none() -> None:
    assert problems(GOOD) == []


def test_all_mistakes_are_told_at_once_with_their_lines() -> None:
    text = GOOD.replace('silence = "#ff9d52"', 'silence = "orange"')
    text = text.replace("chroma = 0.160\nhue = 70", "chroma = 0.390\nhue = 70")
    text = text.replace("hue = 14", "hue = 400")
    text = text.replace('name = "calm"', 'name = "clam"')
    found = problems(text)
    assert [line for line, _ in found] == [
        line_of(text, "silence ="),
        line_of(text, "chroma = 0.390"),
        line_of(text, "hue = 400"),
        None,
    ]
    for (_, sentence), word in zip(found, ["#rrggbb", "at most", "0 to 360", "no anchor 'calm'"], strict=True):
        assert word in sentence


def test_a_broken_anchor_is_not_told_to_be_missing() -> None:
    text = GOOD.replace('name = "joy"\nvalence = 0.6', 'name = "joy"\nvalence = "high"')
    (found,) = problems(text)
    assert "'high'" in found[1]
    assert found[0] == line_of(text, 'valence = "high"')


def test_lines_are_left_out_where_the_text_is_written_in_another_way() -> None:
    text = 'name = "x"\ndescription = "x"\nsilence = "#ffffff"\nanchors = [{name = "joy", valence = 3}]\n'
    assert all(line is None for line, _ in problems(text))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_text_is_too_strange(data: st.DataObject) -> None:
    lines = GOOD.splitlines()
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, len(lines) - 1))
        change = data.draw(st.sampled_from(["drop", "twice", "value", "text"]))
        if change == "drop" and len(lines) > 1:
            del lines[place]
        elif change == "twice":
            lines.insert(place, lines[place])
        elif change == "value" and "=" in lines[place]:
            value = data.draw(st.sampled_from(["nan", "-1e999", "true", '""', "[]", "{}", "1979-05-27", '"#12"', "0"]))
            lines[place] = lines[place].split("=")[0] + "= " + value
        elif change == "text":
            lines[place] = data.draw(st.text(max_size=20))
    text = "\n".join(lines)
    found = problems(text)
    for line, sentence in found:
        assert "mine.toml" in sentence
        assert line is None or 1 <= line <= len(lines)
    if found:
        with pytest.raises(InputError) as caught:
            parse_palette(text, "mine.toml")
        assert str(caught.value) == found[0][1]


@pytest.mark.parametrize("name", palette_names())
def test_those_that_ship_need_no_advice(name: str) -> None:
    assert advice(load_palette(name)) == []


def test_alike_and_dark_colors_get_advice() -> None:
    text = GOOD.replace("lightness = 0.85\nchroma = 0.160\nhue = 107", "lightness = 0.80\nchroma = 0.155\nhue = 72")
    text = text.replace('silence = "#ff9d52"', 'silence = "#301008"')
    found = advice(parse_palette(text, "x"))
    assert [name for name, _ in found] == ["contentment", "silence"]
    assert "'joy' and 'contentment' look alike" in found[0][1]
    assert "dark" in found[1][1]


def test_many_points_are_looked_up_as_one_is() -> None:
    palette = load_palette("aurora")
    points = np.random.default_rng(0).uniform([-1.2, -1.2, -0.1], [1.2, 1.2, 1.0], (200, 3))
    one_by_one = [palette.oklab(*point) for point in points]
    np.testing.assert_allclose(palette.oklabs(*points.T), one_by_one, atol=1e-12)
