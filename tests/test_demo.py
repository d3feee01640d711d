"""The demo piece with the bundle that ships: each of its four sections is felt in its quadrant."""

import json

import pytest

from device.cli import main
from device.emotion.emotion import Emotion
from device.emotion.shipped import SHIPPED
from device.listen import DEMO
from device.screen import quadrant

SECTIONS = json.loads(DEMO.with_suffix(".json").read_text())["sections"]
WORDS = {"Q1": "joy", "Q2": "anger", "Q3": "sadness", "Q4": "calm"}


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> list[dict]:
    path = tmp_path_factory.mktemp("demo") / "t.jsonl"
    assert main(["listen", "--strip", "null", "--speed", "max", "--trace", str(path)]) == 0
    return [json.loads(line) for line in path.read_text().splitlines()[1:]]


def test_the_piece_walks_through_all_quadrants() -> None:
    assert [section["quadrant"] for section in SECTIONS] == ["Q1", "Q2", "Q3", "Q4"]
    assert 60 <= SECTIONS[-1]["end_s"] <= 90
    assert DEMO.stat().st_size < 1_500_000


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section["quadrant"])
def test_a_section_is_felt_in_its_quadrant(section: dict, trace: list[dict]) -> None:
    # The light takes some seconds to leave the mood before.
    heard = [line for line in trace if section["start_s"] + 5 <= line["t"] < section["end_s"]]
    words = [quadrant(Emotion(line["valence"], line["arousal"], 0.0)) for line in heard]
    assert words.count(WORDS[section["quadrant"]]) > 0.6 * len(words)


def test_it_is_music_throughout(trace: list[dict]) -> None:
    assert {line["sound"] for line in trace if line["t"] > 1.0} == {"music"}


def test_the_default_bundle_is_small_and_says_how_good_it_is() -> None:
    card = json.loads((SHIPPED / "card.json").read_text())
    assert card["model_bytes"] < 1_500_000
    for key in ("4qaed_f1_stratified", "4qaed_f1_artist", "soundtracks_r2_energy", "soundtracks_r2_valence"):
        assert 0 < card["scores"][key] < 1
    assert {corpus["licence"] for corpus in card["corpora"]}
