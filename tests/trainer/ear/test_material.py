"""Who is held out together, and how a sound gets to the ear."""

from pathlib import Path

import numpy as np
import pytest

from device.hearing.level import level_db
from trainer.augmentation.library import Library
from trainer.corpora.clip import Clip
from trainer.ear.columns import used_columns
from trainer.ear.material import FOLDS, KINDS, deck, fold_of, group
from trainer.ear.streams import without_padding
from trainer.ear.ways import EQUAL_HZ, NARROW_HZ, RATE, heard


def clip(name: str, own: str, sound: str, corpus: str = "gate") -> Clip:
    return Clip(name, corpus, Path(name), own, sound=sound)


def test_takes_of_one_recording_stay_together_whatever_collection_they_came_by() -> None:
    one = clip("noise/esc50_subset/dog__1-100-A.opus", "esc50_subset 1-100", "noise")
    other = clip("noise/esc50_giulbia/dog__1-100-B.opus", "esc50_giulbia 1-100", "noise")
    assert group(one) == group(other)


def test_every_clip_is_in_one_fold_with_its_group() -> None:
    every = [clip(f"speech/x/en_spk{i}_{j}.opus", f"x spk{i}", "speech") for i in range(60) for j in range(3)]
    decks = [deck(every, fold, 0) for fold in range(FOLDS)]
    assert sum(len(one["speech"]) for one in decks) == len(every)
    assert all(len({fold_of(one, 0) for one in every if one.group == name}) == 1 for name in ("x spk0", "x spk7"))
    assert all(set(one) == set(KINDS) for one in decks)
    assert [fold_of(one, 0) for one in every] != [fold_of(one, 1) for one in every]


def test_the_network_sees_neither_level_nor_what_is_above_the_band() -> None:
    blind, seeing = used_columns(True), used_columns(False)
    assert set(blind) < set(seeing)
    assert not {"mean_energy", "std_energy", "mean_mfcc_1"} & set(seeing)
    assert not any("spectral" in name or "zcr" in name for name in blind)


@pytest.mark.parametrize("way", ["training", "equal", "narrow", "room"])
def test_a_way_keeps_the_length_and_draws_the_level(way: str) -> None:
    sound = np.random.default_rng(0).standard_normal(4 * RATE).astype(np.float32) * 0.1
    levels = []
    for seed in range(4):
        out = heard(sound, way, Library(None, "evaluation"), np.random.default_rng(seed))  # type: ignore[arg-type]
        assert len(out) == len(sound)
        assert np.isfinite(out).all()
        levels.append(level_db(out))
    assert max(levels) - min(levels) > 3


@pytest.mark.parametrize(("way", "top_hz"), [("equal", EQUAL_HZ), ("narrow", max(NARROW_HZ))])
def test_equal_sounds_have_equal_bands(way: str, top_hz: float) -> None:
    sound = np.random.default_rng(0).standard_normal(4 * RATE).astype(np.float32) * 0.1
    for seed in range(3):
        out = heard(sound, way, Library(None, "evaluation"), np.random.default_rng(seed))  # type: ignore[arg-type]
        power = np.abs(np.fft.rfft(out)) ** 2
        hz = np.fft.rfftfreq(len(out), 1 / RATE)
        assert power[hz > 1.3 * top_hz].sum() < 1e-3 * power.sum()


def test_raw_is_raw() -> None:
    sound = np.ones(10, np.float32)
    assert heard(sound, "raw", Library(None, "evaluation"), np.random.default_rng(0)) is sound


def test_digital_padding_is_cut_and_silence_is_not_lost() -> None:
    sound = np.concatenate([np.full(RATE, 0.1), np.zeros(RATE), np.full(RATE, 0.01)]).astype(np.float32)
    assert len(without_padding(sound)) == 2 * RATE
    assert len(without_padding(np.zeros(RATE, np.float32))) == RATE
