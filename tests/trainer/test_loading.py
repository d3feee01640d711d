"""From a folder of corpora to a dataset: every way of hearing a clip, and what can't be heard left out by name."""

import shutil
from pathlib import Path

import msgspec
import numpy as np
import pytest

from device.errors import InputError
from device.features.pooling import Pool
from device.features.spec import FeatureSpec
from tests.trainer import tiny
from trainer.augmentation.change import Change
from trainer.extraction import file_frames
from trainer.loading import heard, load
from trainer.recipe import Recipe
from trainer.targets import RATINGS

SPEC = FeatureSpec(blocks=("flatness",), deltas=False)
RECIPE = Recipe(SPEC, changes=("shift", "shift"), crop_s=2.0, warmup_s=0.5)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def own(corpora: Path, tmp_path: Path) -> Path:
    """A copy that may be spoiled."""
    return Path(shutil.copytree(corpora, tmp_path / "corpora"))


def test_all_clips_in_all_ways(corpora: Path, cache: Path) -> None:
    data = load(RECIPE, corpora, cache, jobs=1)
    assert [len(hearing.starts) - 1 for hearing in data.hearings] == [12, 12, 12]
    assert data.positions("4qaed").tolist() == list(range(8))
    for number, change in enumerate([None, Change("shift", 0, str(corpora)), Change("shift", 1, str(corpora))]):
        for i in (0, 11):
            frames = file_frames(data.clips[i].path, SPEC, change)
            expected = Pool(RECIPE.pool_hops, SPEC.width).process(frames)
            np.testing.assert_array_equal(data.hearings[number].of(i), expected)
    assert not np.array_equal(data.hearings[1].of(0), data.hearings[2].of(0))


def test_a_file_that_cannot_be_decoded_is_left_out(
    own: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = sorted(own.glob("4qaed/audio/*"))[2]
    bad.write_text("no sound at all")
    data = load(RECIPE, own, tmp_path / "cache", jobs=1)
    assert len(data.clips) == 11
    assert bad not in [clip.path for clip in data.clips]
    assert f"left out 4qaed/{bad.name}: " in capsys.readouterr().err
    # What is left keeps its own frames.
    sound = file_frames(data.clips[2].path, SPEC)
    np.testing.assert_array_equal(data.plain.of(2), Pool(8, SPEC.width).process(sound))


def test_a_clip_within_the_warm_up_is_left_out(own: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    short = sorted(own.glob("soundtracks360/audio/*"))[0]
    tiny.write_sound(short, tiny.tone(0.4, 440, 0.3, 0))
    data = load(RECIPE, own, tmp_path / "cache", jobs=1)
    assert len(data.clips) == 11
    assert f"left out soundtracks360/{short.name}: shorter than the warm-up" in capsys.readouterr().err
    too_long = msgspec.structs.replace(RECIPE, crop_s=30.0, warmup_s=20.0)
    with pytest.raises(InputError, match="No clip is long enough"):
        load(too_long, own, tmp_path / "cache", jobs=1)


def test_hearings_of_some_clips(corpora: Path, cache: Path) -> None:
    clips = load(RECIPE, corpora, cache, jobs=1).clips[3:5]
    usable, frames = heard(clips, [Change("test_quiet")], RECIPE, cache, jobs=1)
    assert tuple(usable) == clips
    assert [len(own) for own in frames] == [2]


def test_tags_become_ratings_only_when_asked(own: Path, cache: Path) -> None:
    words = own / "tables" / "warriner_norms.csv"
    words.parent.mkdir()
    words.write_text("Word,V.Mean.Sum,A.Mean.Sum\nHappy,9,7\ncalm,5,1\n")
    metadata = own / "4qaed" / "metadata.csv"
    lines = metadata.read_text(encoding="latin-1").splitlines()
    tagged = [f'{lines[0]},"MoodsStrSplit"', f'{lines[1]},"Happy,Calm,Unknown"', f'{lines[2]},"Unknown"', *lines[3:]]
    metadata.write_text("\n".join(tagged) + "\n", encoding="latin-1")
    plain = load(RECIPE, own, cache, jobs=1)
    assert np.isnan(plain.means[:8]).all()
    rated = load(msgspec.structs.replace(RECIPE, tag_ratings=True), own, cache, jobs=1)
    valence, arousal = RATINGS.index("valence"), RATINGS.index("arousal")
    np.testing.assert_allclose(rated.means[0, [valence, arousal]], [0.5, -0.25])
    assert np.isnan(rated.means[1:8]).all()
    # Films have ratings of their own, which no words replace.
    np.testing.assert_array_equal(rated.means[8:], plain.means[8:])
    (own / "tables" / "warriner_norms.csv").unlink()
    with pytest.raises(InputError, match=r"warriner_norms\.csv is missing"):
        load(msgspec.structs.replace(RECIPE, tag_ratings=True), own, cache, jobs=1)


def test_midi_is_rendered_and_its_curve_lies_over_the_sound(corpora: Path, cache: Path, games: Path) -> None:
    used = msgspec.structs.replace(RECIPE, corpora=("vgmidi",), weights=(1.0,), changes=())
    data = load(used, games, cache, jobs=1)
    assert len(data.clips) == tiny.PIECES
    for i in range(len(data.clips)):
        rows = data.plain.ratings_of(i)[:, 0]
        known = np.flatnonzero(np.isfinite(rows))
        # The curve begins after the first quarter of four seconds and ends with the last note.
        assert 0 <= known[0] <= 2
        assert known[-1] * used.step_s == pytest.approx(tiny.PIECE_S, abs=2 * used.step_s)
        assert rows[known[-1]] > rows[known[0]]
