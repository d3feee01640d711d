from pathlib import Path

import pytest

from device.errors import InputError
from tests.trainer.corpora.trees import touch, write
from trainer.corpora import emomusic

INFO = '"song_id","file_name","Artist","Song title","Mediaeval 2013 set"'
MOMENTS = "song_id,sample_15000ms,sample_15500ms"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    write(
        tmp_path / "songs_info.csv",
        INFO,
        '2,"\t2.mp3","The  Travelers\t","\tA","development"',
        '3,"\t3.mp3","","\tB","evaluation"',
        '5,"\t5.mp3","the travelers","\tC","development"',
    )
    write(
        tmp_path / "static_annotations.csv",
        "song_id,mean_arousal,std_arousal,mean_valence,std_valence",
        "2,9,1,3,1",
        "3,5,1,5,1",
    )
    write(tmp_path / "valence_cont_average.csv", MOMENTS, "2,-0.5,0.5", "5,0.25,0.75", "3,0.1,0.1")
    write(tmp_path / "arousal_cont_average.csv", MOMENTS, "2,0.1,0.2", "3,0,0", "5,-1,0")
    touch(tmp_path, *(f"clips_45seconds/{song}.mp3" for song in (2, 3, 5)))
    return tmp_path


def test_it_gives_both_kinds_of_label(own: Path) -> None:
    report = emomusic.load(own)
    assert not report.problems
    assert report.rows == 3
    first, second, third = report.clips
    assert (first.valence, first.arousal, first.split) == (-0.5, 1.0, "development")
    assert first.curve is not None
    assert first.curve.times == (15.0, 15.5)
    assert (first.curve.valence, first.curve.arousal) == ((-0.5, 0.5), (0.1, 0.2))
    assert first.group == third.group == "the travelers"
    assert (second.group, second.split) == ("song 3", "evaluation")
    # Without static ratings the mean of the curve is the label.
    assert (third.valence, third.arousal) == (0.5, -0.5)


def test_the_tables_may_lie_in_a_folder_of_their_own(own: Path) -> None:
    (own / "annotations").mkdir()
    for table in own.glob("*.csv"):
        table.rename(own / "annotations" / table.name)
    assert len(emomusic.load(own).clips) == 3


def test_missing_sounds_are_named(own: Path) -> None:
    (own / "clips_45seconds" / "3.mp3").unlink()
    assert emomusic.load(own).missing == ("clips_45seconds/3.mp3",)


def test_bad_rows_are_told_with_their_lines(own: Path) -> None:
    with (own / "songs_info.csv").open("a") as stream:
        stream.write("x,x,A,T,development\n2,2,A,T,development\n8,8,A,T,test\n9,9,A,T,evaluation\n")
    with (own / "static_annotations.csv").open("a") as stream:
        stream.write("2,5,1,5,1\n9,10,1,5,1\n")
    with (own / "valence_cont_average.csv").open("a") as stream:
        stream.write("9,0.1,0.1\n2,0,0\n7,a,b\n10,1.5,0\n")
    with (own / "arousal_cont_average.csv").open("a") as stream:
        stream.write("10,0,0\n11,0,0\n")
    told = {(problem.file, problem.line): problem.why for problem in emomusic.load(own).problems}
    expected = {
        ("songs_info.csv", 5): "'x' is no number",
        ("songs_info.csv", 6): "2 is there twice",
        ("songs_info.csv", 7): "neither development nor evaluation",
        ("songs_info.csv", 8): "9 has neither ratings nor a curve",
        ("static_annotations.csv", 4): "song 2: it is there twice",
        ("static_annotations.csv", 5): "rating '10' is not within 1 to 9",
        ("valence_cont_average.csv", 5): "arousal_cont_average.csv has no usable row for 9",
        ("valence_cont_average.csv", 6): "2 is there twice",
        ("valence_cont_average.csv", 7): "could not convert",
        ("valence_cont_average.csv", 8): "the curve of 10: a value is not within -1 to 1",
        ("arousal_cont_average.csv", 6): "valence_cont_average.csv has no usable row for 11",
    }
    assert told.keys() == expected.keys()
    assert all(words in told[place] for place, words in expected.items())


@pytest.mark.parametrize("table", ["songs_info", "static_annotations", "valence_cont_average", "arousal_cont_average"])
def test_a_missing_table_is_refused(own: Path, table: str) -> None:
    (own / f"{table}.csv").unlink()
    with pytest.raises(InputError, match=rf"{table}\.csv is missing"):
        emomusic.load(own)


def test_a_table_without_moments_is_refused(own: Path) -> None:
    write(own / "arousal_cont_average.csv", "song_id,mean", "2,0.5")
    with pytest.raises(InputError, match="no columns song_id, sample_15000ms"):
        emomusic.load(own)
