import pytest

from device.color.palette_file import SHIPPED, load_palette, palette_names, parse_palette
from device.errors import InputError

GOOD = (SHIPPED / "lampyris.toml").read_text(encoding="utf-8")


def anchor(name):
    start = GOOD.index(f'[[anchors]]\nname = "{name}"')
    end = GOOD.find("[[anchors]]", start + 1)
    return GOOD[start : end if end > 0 else len(GOOD)]


def test_a_palette_is_loaded_by_path(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(GOOD.replace('name = "lampyris"', 'name = "mine"'), encoding="utf-8")
    assert load_palette(str(path)).name == "mine"


@pytest.mark.parametrize("name", palette_names())
def test_each_shipped_palette_has_its_file_s_name(name):
    assert load_palette(name).name == name


def test_colors_can_be_written_as_on_the_web():
    text = GOOD.replace(anchor("joy"), '[[anchors]]\nname = "joy"\nvalence = 0.6\narousal = 0.6\ncolor = "#FFB347"\n\n')
    joy = next(a for a in parse_palette(text, "x").anchors if a.name == "joy")
    assert joy.lab[0] == pytest.approx(0.822, abs=0.01)


JOY = anchor("joy")
MISTAKES = {
    "unknown key": (GOOD.replace("silence =", "silense ="), ["'silense'", "did you mean 'silence'"]),
    "unknown anchor key": (GOOD.replace(JOY, JOY.replace("chroma", "croma")), ["'joy'", "'croma'", "'chroma'"]),
    "out of range": (GOOD.replace(JOY, JOY.replace("valence = 0.6", "valence = 1.6")), ["'valence'", "1.6", "-1 to 1"]),
    "not a number": (GOOD.replace(JOY, JOY.replace("valence = 0.6", "valence = nan")), ["'valence'", "nan"]),
    "text": (GOOD.replace(JOY, JOY.replace("valence = 0.6", 'valence = "high"')), ["'valence'", "'high'"]),
    "a truth": (GOOD.replace(JOY, JOY.replace("valence = 0.6", "valence = true")), ["'valence'", "True"]),
    "missing number": (GOOD.replace(JOY, JOY.replace("arousal = 0.6\n", "")), ["'joy'", "'arousal'"]),
    "missing anchor": (GOOD.replace(anchor("calm"), ""), ["no anchor 'calm'"]),
    "missing neutral": (GOOD.replace(anchor("neutral"), ""), ["no anchor 'neutral'"]),
    "twice": (GOOD + "\n" + JOY, ["two anchors 'joy'"]),
    "wrong quadrant": (GOOD.replace(JOY, JOY.replace("valence = 0.6", "valence = -0.6")), ["'joy'", "quadrant"]),
    "off centre": (
        GOOD.replace(anchor("neutral"), anchor("neutral").replace("valence = 0.0", "valence = 0.1")),
        ["'neutral'", "valence 0"],
    ),
    "too near": (
        GOOD.replace(JOY, JOY.replace("valence = 0.6", "valence = 0.1").replace("arousal = 0.6", "arousal = 0.1")),
        ["'joy'", "nearer"],
    ),
    "same direction": (
        GOOD + '\n[[anchors]]\nname = "glee"\nvalence = 0.8\narousal = 0.8\ncolor = "#ffffff"\n',
        ["'joy'", "'glee'", "direction"],
    ),
    "beyond the lamp": (GOOD.replace(JOY, JOY.replace("chroma = 0.160", "chroma = 0.390")), ["'joy'", "at most 0.1"]),
    "two colors": (GOOD.replace(JOY, JOY + 'color = "#ffb347"\n'), ["'joy'", "both"]),
    "bad hex": (GOOD.replace('silence = "#', 'silence = "'), ["'silence'", "#rrggbb"]),
    "no hex": (GOOD.replace('silence = "#ff9d52"', "silence = 7"), ["'silence'", "#rrggbb"]),
    "no silence": (GOOD.replace('silence = "#ff9d52"\n', ""), ["'silence'"]),
    "no name": (GOOD.replace('name = "lampyris"\n', ""), ["'name'"]),
    "nameless anchor": (GOOD.replace('name = "joy"\n', ""), ["no name"]),
    "no tables": ('name = "x"\ndescription = "x"\nsilence = "#ffffff"\nanchors = 3\n', ["[[anchors]]"]),
    "not TOML": ("name = lampyris", ["not TOML", "line 1"]),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_in_one_sentence(mistake):
    text, words = MISTAKES[mistake]
    assert text != GOOD
    with pytest.raises(InputError) as caught:
        parse_palette(text, "mine.toml")
    message = str(caught.value)
    assert "\n" not in message
    assert "mine.toml" in message
    for word in words:
        assert word in message


def test_a_wrong_name_gets_the_nearest():
    with pytest.raises(InputError, match="did you mean 'aurora'"):
        load_palette("aurorra")


def test_a_missing_and_a_binary_file_are_told(tmp_path):
    with pytest.raises(InputError, match="can't be read"):
        load_palette(str(tmp_path / "none.toml"))
    path = tmp_path / "binary.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="can't be read"):
        load_palette(str(path))
