from pathlib import Path

import pytest

from device.errors import InputError
from tests.trainer.corpora.trees import touch, write
from trainer.corpora import pmemo

STATIC = "musicId,Arousal(mean),Valence(mean)"
DYNAMIC = "musicId,frameTime,Arousal(mean),Valence(mean)"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    write(tmp_path / "metadata.csv", "musicId,fileName,title,artist,album", "1,1.mp3,T,Alice ,A", "4,4.mp3,T,ALICE,B")
    write(tmp_path / "annotations" / "static_annotations.csv", STATIC, "1,0.25,1", "4,0.5,0.75", "6,0,0")
    write(tmp_path / "annotations" / "dynamic_annotations.csv", DYNAMIC, "1,15.5,0.5,1", "1,15.0,0.25,0", "4,15.0,1,1")
    touch(tmp_path, "chorus/1.mp3", "chorus/4.mp3", "chorus/6.mp3")
    return tmp_path


def test_it_gives_both_kinds_of_label(own: Path) -> None:
    report = pmemo.load(own)
    assert not report.problems
    first, second, third = report.clips
    assert (first.valence, first.arousal) == (1.0, -0.5)
    assert first.curve is not None
    assert first.curve.times == (15.0, 15.5)
    assert (first.curve.valence, first.curve.arousal) == ((-1.0, 1.0), (-0.5, 0.0))
    assert first.group == second.group == "alice"
    assert third.curve is None
    assert third.group == "song 6"


def test_without_metadata_every_song_is_its_own_group(own: Path) -> None:
    (own / "metadata.csv").unlink()
    assert pmemo.load(own).groups == 3


def test_missing_sounds_are_named_and_unrated_songs_counted(own: Path) -> None:
    (own / "chorus" / "4.mp3").unlink()
    with (own / "annotations" / "dynamic_annotations.csv").open("a") as stream:
        stream.write("9,15.0,1,1\n")
    report = pmemo.load(own)
    assert report.missing == ("chorus/4.mp3",)
    assert report.notes == ("songs left out that have a curve but no static rating: 1",)


def test_bad_rows_are_told_with_their_lines(own: Path) -> None:
    with (own / "annotations" / "static_annotations.csv").open("a") as stream:
        stream.write("1,0,0\nx,0,0\n8,0.5,1.5\n")
    with (own / "annotations" / "dynamic_annotations.csv").open("a") as stream:
        stream.write("4,15.0,0,0\n4,-1,0,0\n4,16,,0\n")
    told = [str(problem) for problem in pmemo.load(own).problems]
    assert told == [
        "dynamic_annotations.csv:5: 15 s of song 4 is there twice",
        "dynamic_annotations.csv:6: frameTime '-1' is no time",
        "dynamic_annotations.csv:7: '' is no rating",
        "static_annotations.csv:5: 1 is there twice",
        "static_annotations.csv:6: 'x' is no number of a song",
        "static_annotations.csv:7: rating '1.5' is not within 0 to 1",
    ]


@pytest.mark.parametrize("table", ["static_annotations.csv", "dynamic_annotations.csv"])
def test_a_missing_table_is_refused(own: Path, table: str) -> None:
    (own / "annotations" / table).unlink()
    with pytest.raises(InputError, match=f"{table} is missing"):
        pmemo.load(own)
