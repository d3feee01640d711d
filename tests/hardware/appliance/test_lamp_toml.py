"""lamp.toml as text, and the template."""

import re
import tomllib
from typing import Any

import msgspec
import pytest

from device.settings import Settings, load_settings
from hardware.appliance.lamp_toml import TEMPLATE, keys, new_keys, parse, with_explained, with_setting
from hardware.errors import HardwareError
from hardware.light.settings import StripSettings

TEXT = TEMPLATE.read_text()


def test_the_template_is_good_and_all_default(tmp_path: Any) -> None:
    assert load_settings(TEMPLATE) == Settings()


def test_its_comments_name_every_setting_and_show_the_defaults() -> None:
    defaults = msgspec.to_builtins(Settings())
    strip = {name: getattr(StripSettings(), name) for name in StripSettings.__dataclass_fields__}
    defaults["strip"] = {key: list(value) if isinstance(value, tuple) else value for key, value in strip.items()}
    named = keys(TEXT)
    assert set(named) == {(section, key) for section, table in defaults.items() for key in table}
    for (section, key), line in named.items():
        value = tomllib.loads(re.sub(r"^# ", "", line))[key]
        if defaults[section][key] is not None:
            assert value == defaults[section][key], f"{section}.{key}"


@pytest.mark.parametrize(
    ("text", "after"),
    [
        (TEXT, TEXT.replace("# pixels = 60 ", "pixels = 9 ")),
        ("", "\n[strip]\npixels = 9\n"),
        ("[strip]\npixels=8 # mine\n", "[strip]\npixels = 9 # mine\n"),
        ("[strip]\n# pixels = 60\npixels = 8\n[light]\n", "[strip]\n# pixels = 60\npixels = 9\n[light]\n"),
        ("[light]\nscene = 'glow'\n[strip] # x\n", "[light]\nscene = 'glow'\n[strip] # x\npixels = 9\n"),
        ("[strip]\npixels = 9\n", "[strip]\npixels = 9\n"),
    ],
)
def test_one_setting_is_changed_and_nothing_else(text: str, after: str) -> None:
    assert with_setting(text, "strip", "pixels", 9, "x") == after


@pytest.mark.parametrize("text", ["strip = { pixels = 8 }\n", "strip.pixels = 8\n", '["strip"]\npixels = 8\n'])
def test_what_is_written_in_another_way_is_left_to_its_owner(text: str) -> None:
    with pytest.raises(HardwareError, match="by hand"):
        with_setting(text, "strip", "pixels", 9, "x")


def test_what_is_no_toml_is_told_with_the_line() -> None:
    with pytest.raises(HardwareError, match="line 2"):
        parse("[strip]\npixels = \n", "x")
    with pytest.raises(HardwareError, match="no section"):
        parse("pixels = 3\n", "x")


def test_new_settings_are_explained_once_and_set_nothing() -> None:
    old = "[strip]\npixels = 3\n"
    new = new_keys(old, TEXT)
    assert ("strip", "pixels") not in new
    assert ("light", "scene") in new
    text = with_explained(old, new, "2.0")
    assert parse(text, "x") == parse(old, "x")
    assert new_keys(text, TEXT) == {}
