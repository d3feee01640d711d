"""Settings: defaults, good files, and what each kind of mistake is answered with."""

from pathlib import Path

import pytest

from device.errors import InputError
from device.settings import Settings, load_settings


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "lamp.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_empty_file_means_the_defaults(tmp_path: Path) -> None:
    assert load_settings(write(tmp_path, "")) == Settings()


def test_every_part_can_be_set(tmp_path: Path) -> None:
    text = """
    [strip]
    pixels = 144
    budget_ma = 4000
    order = "GRBW"
    white_balance = [1, 0.8, 0.6]
    segments = [[0, 71], [149, 78]]
    [light]
    scene = "trail"
    palette = "aurora"
    brightness = 0.5
    [tracker]
    rise_s = 2
    [gate]
    quiet_db = -65
    """
    settings = load_settings(write(tmp_path, text))
    assert (settings.strip.pixels, settings.strip.budget_ma, settings.strip.idle_ma) == (144, 4000.0, 1.0)
    assert (settings.strip.order, settings.strip.white_balance) == ("GRBW", (1.0, 0.8, 0.6))
    assert (settings.strip.segments, settings.strip.leds) == (((0, 71), (149, 78)), 150)
    assert (settings.light.scene, settings.light.palette, settings.light.brightness) == ("trail", "aurora", 0.5)
    assert (settings.tracker.rise_s, settings.gate.quiet_db) == (2.0, -65.0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[strip]\npixel = 3", ["strip.pixel ", "did you mean strip.pixels"]),
        ("[stripe]\npixels = 3", ["stripe", "did you mean strip"]),
        ("[light]\nzzz = 1", ["light.zzz", "palette, brightness"]),
        ("[strip]\npixels = 0", ["strip.pixels", ">= 1"]),
        ("[strip]\npixels = 2.5", ["strip.pixels", "a whole number"]),
        ("[strip]\npixels = true", ["strip.pixels", "a whole number"]),
        ("[strip]\ngamma = nan", ["strip.gamma", ">= 1"]),
        ('[strip]\ngamma = "2.2"', ["strip.gamma", "a number"]),
        ("[strip]\nreverse = 1", ["strip.reverse", "true or false"]),
        ('[strip]\norder = "grb"', ["strip.order", "RGB, RGBW"]),
        ("[strip]\nwhite_balance = [1, 2, 1]", ["strip.white_balance", "> 0 and <= 1"]),
        ("[strip]\nwhite_balance = 1", ["strip.white_balance", "three numbers"]),
        ("[strip]\nsegments = [[0, 59], [59, 60]]", ["strip.segments", "an LED twice"]),
        ("[strip]\nsegments = [[0, 58]]", ["strip.segments", "59 LEDs for the 60 pixels"]),
        ("[strip]\nsegments = [[0, 5.5]]", ["strip.segments", "pairs"]),
        ("[strip]\nsegments = [[0, 5000]]", ["strip.segments", "LEDs from 0 to 999"]),
        ("[light]\nbrightness = 1.5", ["light.brightness", "<= 1"]),
        ('[light]\nscene = "puls"', ["no scene puls", "did you mean pulse?", "glow, trail, pulse, breathe"]),
        ("[light]\nscene = 3", ["light.scene", "expected text"]),
        ("[light]\npalette = 3", ["light.palette", "expected text"]),
        ("[tracker]\nrise_s = nan", ["tracker.rise_s"]),
        ("[gate]\nquiet_db = 10", ["quiet_db"]),
        ("strip = 3", ["strip", "table"]),
        ('"a\\nb" = 3', ["a?b"]),
        ("[strip\npixels = 3", ["not TOML", "line 1"]),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, words: list[str]) -> None:
    path = write(tmp_path, text)
    with pytest.raises(InputError) as error:
        load_settings(path)
    for word in words:
        assert word in str(error.value)
    assert "lamp.toml" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_or_unreadable_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.toml can't be read"):
        load_settings(tmp_path / "nowhere.toml")
    with pytest.raises(InputError, match="can't be read"):
        load_settings(tmp_path)
    (tmp_path / "latin.toml").write_bytes(b"# caf\xe9")
    with pytest.raises(InputError, match="not UTF-8"):
        load_settings(tmp_path / "latin.toml")
