from pathlib import Path

import pytest

from device.errors import InputError
from tests.trainer.corpora.trees import touch, write
from trainer.corpora import deam

AVERAGED = Path("annotations") / "annotations averaged per song"
DYNAMIC = AVERAGED / "dynamic (per second annotations)"
STATIC = AVERAGED / "song_level"
MOMENTS = "song_id,sample_15000ms,sample_15500ms,sample_16000ms"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    # As in the real tables: a space after each comma of the header, and rows that end where the song does.
    head = "song_id, valence_mean, valence_std, arousal_mean, arousal_std"
    write(tmp_path / STATIC / deam.STATIC[0], head, "2,3,0.5,9,1", "1001,5,1,5,1")
    more = ", valence_ max_mean, arousal_max_mean"
    write(tmp_path / STATIC / deam.STATIC[1], head + more, "2001,7,1,6,1,8,8")
    write(tmp_path / DYNAMIC / "valence.csv", MOMENTS, "2,0.1,0.2,", "1001,,,", "2001,0.1,0.2,0.3")
    write(tmp_path / DYNAMIC / "arousal.csv", MOMENTS, "2,0.3,0.4,0.5", "1001,0,0,0", "2001,NaN,-0.2,-0.3")
    write(tmp_path / "metadata" / "metadata_2013.csv", "song_id,file_name,Artist,Song title", '2,2.mp3,"\tThe  One",T')
    write(tmp_path / "metadata" / "metadata_2014.csv", "Id,Artist,Album,Track", "1001,the one,A,T,rock,pop")
    write(
        tmp_path / "metadata" / "metadata_2015.csv",
        "id,Filename,title,artist",
        "2001,x.mp3,T,Émile",
        encoding="latin-1",
    )
    # The single raters' tables, which must not be taken for the averaged ones.
    write(tmp_path / "annotations" / "annotations per each rater" / DYNAMIC.name / "valence" / "2.csv", "worker")
    touch(tmp_path, *(f"MEMD_audio/{song}.mp3" for song in (2, 1001, 2001)))
    return tmp_path


def test_it_gives_both_kinds_of_label(own: Path) -> None:
    report = deam.load(own)
    first, second, third = report.clips
    assert (first.id, first.valence, first.arousal) == ("2", -0.5, 1.0)
    assert first.curve is not None
    assert first.curve.times == (15.0, 15.5)
    assert first.curve.arousal == (0.3, 0.4)
    assert third.curve is not None
    assert third.curve.times == (15.5, 16.0)
    assert first.group == second.group == "the one"
    assert third.group == "émile"
    assert [clip.split for clip in report.clips] == ["2013", "2014", "2015"]
    # A song without one common moment keeps its static label.
    assert second.curve is None
    assert [str(problem) for problem in report.problems] == [
        "valence.csv:3: the curve of 1001: times, valence and arousal are not equally many, or none"
    ]


def test_archives_in_folders_of_their_own_do_too(own: Path, tmp_path: Path) -> None:
    for name, inner in [("annotations", "DEAM_Annotations"), ("MEMD_audio", "DEAM_audio")]:
        (own / inner).mkdir()
        (own / name).rename(own / inner / name)
    assert len(deam.load(own).clips) == 3
    (own / "DEAM_audio" / "MEMD_audio" / "2.mp3").unlink()
    assert deam.load(own).missing == ("DEAM_audio/MEMD_audio/2.mp3",)


def test_without_metadata_every_song_is_its_own_group(own: Path) -> None:
    for table in (own / "metadata").iterdir():
        table.unlink()
    report = deam.load(own)
    assert [clip.group for clip in report.clips] == ["song 2", "song 1001", "song 2001"]
    assert "every song is a group" in report.notes[0]


def test_bad_rows_are_told_with_their_lines(own: Path) -> None:
    with (own / STATIC / deam.STATIC[0]).open("a") as stream:
        stream.write("2,5,1,5,1\n7,0,1,5,1\nx,5,1,5,1\n")
    with (own / STATIC / deam.STATIC[1]).open("a") as stream:
        stream.write("2,5,1,5,1\n")
    report = deam.load(own)
    told = [str(problem) for problem in report.problems][1:]
    assert told == [
        f"{deam.STATIC[0]}:4: song 2: it is there twice",
        f"{deam.STATIC[0]}:5: song 7: rating '0' is not within 1 to 9",
        f"{deam.STATIC[0]}: 'x' is no number of a song",
        f"{deam.STATIC[1]}: 2 is in the other table too",
    ]
    assert len(report.clips) == 3


@pytest.mark.parametrize("table", [STATIC / deam.STATIC[0], STATIC / deam.STATIC[1], DYNAMIC / "arousal.csv"])
def test_a_missing_table_is_refused(own: Path, table: Path) -> None:
    (own / table).unlink()
    with pytest.raises(InputError, match=f"has no .*{table.name}"):
        deam.load(own)


def test_metadata_of_another_form_is_refused(own: Path) -> None:
    write(own / "metadata" / "metadata_2014.csv", "Number,Who", "1,X")
    with pytest.raises(InputError, match="no columns for song and artist"):
        deam.load(own)
