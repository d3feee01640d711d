import random
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.errors import InputError
from device.hearing.level import level_db
from tests.trainer.augmentation import made_up
from trainer.augmentation import change as module
from trainer.augmentation import places
from trainer.augmentation.change import CONDITIONS, TRAINING, WAYS, Change
from trainer.augmentation.library import library

RATE = 24_000
MUSIC = made_up.music()


@pytest.mark.parametrize("name", WAYS)
def test_same_again_and_another_otherwise(name: str, gate: Path) -> None:
    def heard(variant: int, key: str) -> bytes:
        return Change(name, variant, str(gate)).apply(MUSIC, RATE, key).tobytes()

    before = MUSIC.copy()
    assert heard(3, "a") == heard(3, "a")
    np.testing.assert_array_equal(MUSIC, before)
    if name != "test_quiet":
        # Rooms are few, so two draws may be the same.
        assert len({heard(variant, "a") for variant in range(5)}) > 2
        assert len({heard(3, key) for key in "abcde"}) > 2


@pytest.mark.parametrize("name", WAYS)
def test_global_randomness_is_neither_used_nor_changed(name: str) -> None:
    random.seed(5)
    np.random.seed(5)  # noqa: NPY002
    state, numpy_state = random.getstate(), np.random.get_state()[1].copy()  # noqa: NPY002
    first = Change(name).apply(MUSIC, RATE)
    assert random.getstate() == state
    np.testing.assert_array_equal(np.random.get_state()[1], numpy_state)  # noqa: NPY002
    random.seed(6)
    np.testing.assert_array_equal(Change(name).apply(MUSIC, RATE), first)


@settings(max_examples=40, deadline=None)
@given(
    name=st.sampled_from(sorted(WAYS)),
    variant=st.integers(0, 1_000),
    count=st.integers(0, 6_000),
    level=st.sampled_from([0.0, 1e-9, 0.3, 8.0]),
    rate=st.sampled_from([24_000, 44_100, 48_000]),
)
def test_any_sound_comes_out_finite(name: str, variant: int, count: int, level: float, rate: int) -> None:
    sound = (level * np.sin(0.3 * np.arange(count))).astype(np.float32)
    out = Change(name, variant).apply(sound, rate)
    assert out.dtype == np.float32
    assert out.ndim == 1
    assert np.isfinite(out).all()
    assert 0.85 * count - 2 <= len(out) <= 1.15 * count + 2
    if name in TRAINING and level < 1:
        assert np.abs(out).max(initial=0) <= 1


@pytest.mark.parametrize("name", [name for name in WAYS if name not in ("music", "all")])
def test_only_music_changes_the_length(name: str) -> None:
    assert len(Change(name).apply(MUSIC, RATE)) == len(MUSIC)


def test_music_goes_faster_and_slower_higher_and_lower() -> None:
    lengths, peaks = [], []
    tone = np.sin(2 * np.pi * 1_000 * np.arange(2 * RATE) / RATE).astype(np.float32) / 4
    for variant in range(12):
        out = Change("music", variant).apply(tone, RATE)
        lengths.append(len(out) / len(tone))
        middle = out[RATE // 2 : RATE // 2 + RATE]
        peaks.append(12 * np.log2(np.argmax(np.abs(np.fft.rfft(middle * np.hanning(RATE)))) / 1_000))
    assert 1 / 1.1 - 1e-3 <= min(lengths) < 0.97
    assert 1.03 < max(lengths) <= 1 / 0.9 + 1e-3
    assert -2.05 <= min(peaks) < -0.8
    assert 0.8 < max(peaks) <= 2.05
    assert abs(np.corrcoef(lengths, peaks)[0, 1]) < 0.8


def test_a_room_is_0_to_30_db_quieter_whatever_the_microphone_heard(gate: Path) -> None:
    music = made_up.music(0.5)
    levels = [level_db(Change("room", variant, str(gate)).apply(music, RATE)) for variant in range(60)]
    falls = level_db(music) - np.array(levels)
    # Clipping takes a few dB more from one in ten.
    assert np.percentile(falls, 90) <= 30
    assert falls.max() < 36
    assert -0.1 <= falls.min() < 3
    assert falls.max() > 26


def test_a_room_goes_on_after_the_sound(gate: Path) -> None:
    click = np.zeros(RATE, np.float32)
    click[:240] = made_up.music(0.01)
    for key in "abcde":
        tail = Change("test_room", 0, str(gate)).apply(click, RATE, key)
        assert level_db(tail[480:1_440]) > level_db(tail[9_600:]) + 10
        assert level_db(tail[480:1_440]) > level_db(click) - 30


def test_conditions_do_what_they_say(gate: Path) -> None:
    for key in "abc":

        def heard(name: str, sound: np.ndarray = MUSIC, rate: int = RATE, key: str = key) -> np.ndarray:
            return Change(name, 0, str(gate)).apply(sound, rate, key)

        assert level_db(heard("test_quiet")) == pytest.approx(level_db(MUSIC) - 20, abs=0.01)
        assert level_db(heard("test_room")) == pytest.approx(level_db(MUSIC), abs=0.01)
        noise = heard("test_noise") - MUSIC
        assert level_db(MUSIC) - level_db(noise) == pytest.approx(10, abs=0.5)
        wide = made_up.music(rate=48_000)
        assert level_db(heard("test_capture", wide, 48_000)) == pytest.approx(level_db(wide), abs=0.5)
        assert level_db(heard("test_all", wide, 48_000)) == pytest.approx(level_db(wide) - 20, abs=1.5)


def test_capture_adds_what_a_microphone_does() -> None:
    music = made_up.music(rate=48_000)
    noise = Change("test_capture").apply(music, 48_000) - music
    # Self-noise 30 dB(A) against music at 65 dB; the band limits hardly touch these tones.
    assert 15 < level_db(music) - level_db(noise) < 36
    hiss = Change("test_capture").apply(0 * music, 48_000)
    assert level_db(music) - level_db(hiss) > 30


def test_training_and_evaluation_share_no_room_and_no_noise(gate: Path) -> None:
    assert not set(places.ROOMS["training"]) & set(places.ROOMS["evaluation"])
    assert {WAYS[name].half for name in TRAINING} == {"training"}
    assert {WAYS[name].half for name in CONDITIONS} == {"evaluation"}
    drawn = {}
    for half in ("training", "evaluation"):
        known, rng = library(str(gate), half), np.random.default_rng(0)
        drawn[half] = {places.draw_room(known, RATE, rng).tobytes() for _ in range(60)}
    assert not drawn["training"] & drawn["evaluation"]


def test_fingerprints_tell_changes_apart(gate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changes = [Change(name, variant, where) for name in WAYS for variant in (0, 1) for where in ("", str(gate))]
    prints = [change.fingerprint for change in changes]
    # What needs no recordings doesn't care where they are.
    alone = sum(not way.recordings for way in WAYS.values())
    assert len(set(prints)) == len(prints) - 2 * alone
    assert [change.fingerprint for change in changes] == prints
    moved = tmp_path / "moved"
    moved.symlink_to(gate)
    assert Change("room", 0, str(moved)).fingerprint == Change("room", 0, str(gate)).fingerprint
    later = {name: msgspec.structs.replace(way, definition=way.definition + 1) for name, way in WAYS.items()}
    monkeypatch.setattr(module, "WAYS", later)
    assert not set(prints) & {change.fingerprint for change in changes}


def test_missing_recordings_are_told_once(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for name in WAYS:
        assert Change(name, 0, str(tmp_path)).fingerprint
    assert capsys.readouterr().err.count("no recorded rooms") == 1


def test_a_damaged_recording_is_named_when_it_is_drawn(tmp_path: Path) -> None:
    made_up.render_gate(tmp_path)
    for path in (tmp_path / "gate" / "rir").rglob("*.flac"):
        path.write_text("damaged")
    with pytest.raises(InputError, match=r"room\d+\.flac is missing or damaged"):
        for variant in range(20):
            Change("room", variant, str(tmp_path)).apply(MUSIC, RATE)


def test_bad_changes_are_refused() -> None:
    with pytest.raises(InputError, match="'echo' is not known; choose from music, room"):
        Change("echo")
    with pytest.raises(InputError, match="0 or more"):
        Change("room", -1)
    with pytest.raises(ValueError, match="24000"):
        Change("room").apply(MUSIC, 16_000)
