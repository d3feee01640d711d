import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from device.errors import InputError
from device.features.extractor import extract
from device.features.pooling import Pool
from device.features.spec import FeatureSpec
from hardware.errors import HardwareError
from tests.trainer import tiny
from trainer import cache as module
from trainer.augmentation.change import Change
from trainer.cache import FeatureCache, cache_dir, frames_of

SPEC = FeatureSpec(blocks=("log_mel",), deltas=False)


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    path = tmp_path / "sound.opus"
    tiny.write_sound(path, tiny.tone(1.0, 440, 0.3, 0))
    return path


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were really decoded."""
    calls: list[Path] = []
    real = module.file_frames

    def spy(path: Path, spec: FeatureSpec, change: Change | None = None) -> np.ndarray:
        calls.append(path)
        return real(path, spec, change)

    monkeypatch.setattr(module, "file_frames", spy)
    return calls


def test_frames_are_those_of_the_sound(tmp_path: Path, sound: Path) -> None:
    frames = FeatureCache(tmp_path / "c", SPEC).get(sound)
    samples, _ = soundfile.read(sound, dtype="float32")
    assert frames.shape == (20, 40)
    assert frames.dtype == np.float32
    # The conditioner's 20 Hz high-pass is all that lies between; it leaves a 440 Hz tone's band alone.
    loud = extract(samples, SPEC)[3:].argmax(axis=1)
    np.testing.assert_array_equal(frames[3:].argmax(axis=1), loud)


def test_second_time_is_read(tmp_path: Path, sound: Path, computed: list[Path]) -> None:
    first = FeatureCache(tmp_path / "c", SPEC).get(sound)
    renamed = sound.rename(tmp_path / "renamed.opus")
    second = FeatureCache(tmp_path / "c", SPEC).get(renamed)
    np.testing.assert_array_equal(first, second)
    assert computed == [sound]


def test_other_sound_or_features_are_computed_anew(tmp_path: Path, sound: Path, computed: list[Path]) -> None:
    FeatureCache(tmp_path / "c", SPEC).get(sound)
    FeatureCache(tmp_path / "c", FeatureSpec(blocks=("onset",))).get(sound)
    tiny.write_sound(sound, tiny.tone(1.0, 220, 0.3, 0))
    FeatureCache(tmp_path / "c", SPEC).get(sound)
    assert len(computed) == 3


@pytest.mark.parametrize("damage", ["truncated", "altered", "emptied", "other shape", "not finite"])
def test_a_damaged_entry_is_computed_again(tmp_path: Path, sound: Path, computed: list[Path], damage: str) -> None:
    cache = FeatureCache(tmp_path / "c", SPEC)
    good = cache.get(sound)
    entry = cache.entry(sound)
    content = entry.read_bytes()
    if damage == "truncated":
        entry.write_bytes(content[:1000])
    elif damage == "altered":
        entry.write_bytes(content[:1500] + bytes([content[1500] ^ 1]) + content[1501:])
    elif damage == "emptied":
        entry.write_bytes(b"")
    elif damage == "other shape":
        np.savez(entry, frames=np.zeros((3, 7), np.float32))
    else:
        np.savez(entry, frames=np.full((3, 40), np.nan, np.float32))
    np.testing.assert_array_equal(cache.get(sound), good)
    assert len(computed) == 2
    np.testing.assert_array_equal(cache.get(sound), good)
    assert len(computed) == 2
    assert [path.name for path in cache.folder.iterdir()] == [entry.name]


def test_pooled_frames_are_the_lamps_own(tmp_path: Path, sound: Path, computed: list[Path]) -> None:
    plain = FeatureCache(tmp_path / "c", SPEC).get(sound)
    store = FeatureCache(tmp_path / "c", SPEC, hops=8)
    kept = store.get(sound)
    np.testing.assert_array_equal(kept, Pool(8, SPEC.width).process(plain))
    assert (kept.shape, kept.dtype) == ((2, 2 * SPEC.width), np.float32)
    np.testing.assert_array_equal(store.get(sound), kept)
    assert len(computed) == 2
    # Unpooled frames in the place of pooled ones are taken for damage.
    np.savez(store.entry(sound), frames=plain)
    np.testing.assert_array_equal(store.get(sound), kept)


def test_every_change_and_pooling_has_its_own_store(tmp_path: Path) -> None:
    stores = [
        FeatureCache(tmp_path, SPEC, hops, change)
        for hops in (None, 4, 8)
        for change in (None, Change("shift"), Change("shift", 1), Change("test_quiet"))
    ]
    assert len({store.folder for store in stores}) == len(stores)
    assert stores[0].folder == FeatureCache(tmp_path, SPEC).folder
    with pytest.raises(InputError, match="1 or more, not 0"):
        FeatureCache(tmp_path, SPEC, hops=0)


def test_changed_frames_are_kept_too(tmp_path: Path, sound: Path, computed: list[Path]) -> None:
    store = FeatureCache(tmp_path / "c", SPEC, change=Change("test_quiet"))
    quiet = store.get(sound)
    np.testing.assert_array_equal(store.get(sound), quiet)
    assert computed == [sound]
    loud = FeatureCache(tmp_path / "c", SPEC).get(sound)
    strong = loud[3:].argmax(axis=1)[:, None]
    fall = np.take_along_axis(loud[3:] - quiet[3:], strong, axis=1)
    np.testing.assert_allclose(fall, 20, atol=0.01)


def test_a_sound_replaced_in_its_place_is_noticed(tmp_path: Path, sound: Path, computed: list[Path]) -> None:
    store = FeatureCache(tmp_path / "c", SPEC)
    before = store.entry(sound)
    assert store.entry(sound) == before
    content = bytearray(sound.read_bytes())
    content[-1] ^= 1
    sound.write_bytes(content)
    os.utime(sound, ns=(0, 0))
    assert store.entry(sound) != before


def test_undecodable_files_are_named_and_left_out(tmp_path: Path, sound: Path) -> None:
    bad = tmp_path / "bad.opus"
    bad.write_text("no sound at all")
    found, failed = frames_of([bad, sound], FeatureCache(tmp_path / "c", SPEC), jobs=1)
    assert list(found) == [sound]
    assert list(failed) == [bad]
    with pytest.raises(InputError, match="None of the 1 sound files can be decoded"):
        frames_of([bad], FeatureCache(tmp_path / "c", SPEC), jobs=1)
    with pytest.raises(HardwareError):
        FeatureCache(tmp_path / "c", SPEC).get(bad)


@pytest.mark.parametrize("change", [None, Change("music", 1)])
def test_two_processes_give_the_same_frames(tmp_path: Path, corpora: Path, change: Change | None) -> None:
    paths = sorted(corpora.glob("4qaed/audio/*"))[:4]
    found, failed = frames_of(paths, FeatureCache(tmp_path / "c", SPEC, change=change), jobs=2)
    assert not failed
    assert list(found) == paths
    alone = FeatureCache(tmp_path / "other", SPEC, change=change)
    np.testing.assert_array_equal(found[paths[2]], alone.get(paths[2]))


def test_where_the_cache_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(module.VARIABLE, raising=False)
    assert cache_dir(None) == Path.home() / ".cache" / "lampyris"
    monkeypatch.setenv(module.VARIABLE, str(tmp_path))
    assert cache_dir(None) == tmp_path
    assert cache_dir(Path("given")) == Path("given")


def test_an_unwritable_cache_is_one_sentence(tmp_path: Path, sound: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        FeatureCache(tmp_path / "file", SPEC).get(sound)
