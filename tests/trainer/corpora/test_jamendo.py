from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.errors import InputError
from tests.trainer.corpora.trees import touch, write
from trainer.corpora import jamendo

HEADER = "TRACK_ID\tARTIST_ID\tALBUM_ID\tPATH\tDURATION\tTAGS"
SCORES = {"calm": (7.0, 1.0), "happy": (9.0, 6.0), "sad": (2.0, 3.0)}


def row(number: int, *tags: str) -> str:
    """Track `number`, two of them by each artist."""
    cells = [f"track_{number}", f"artist_{number // 2}", "album_1", f"0{number}/{number}.mp3", "100.0"]
    return "\t".join([*cells, *(f"mood/theme---{tag}" for tag in tags)])


def make(folder: Path, *lines: str) -> Path:
    write(folder / "autotagging_moodtheme.tsv", HEADER, *lines)
    write(
        folder / "moodtag_va_scores.csv", "MoodTag,Valence,Arousal", *(f"{t},{v},{a}" for t, (v, a) in SCORES.items())
    )
    for part, numbers in [("train", (0, 1)), ("validation", (2,)), ("test", (3,))]:
        path = folder / "splits" / "split-0" / f"autotagging_moodtheme-{part}.tsv"
        write(path, HEADER, *(row(number, "calm") for number in numbers))
    return folder


@pytest.fixture
def own(tmp_path: Path) -> Path:
    lines = row(0, "calm"), row(1, "happy", "sad", "odd"), row(2, "odd"), row(3, "sad"), row(4, "sad")
    return make(tmp_path, *lines)


def test_sounds_that_are_there_become_clips(own: Path) -> None:
    touch(own, "audio/00/0.mp3", "audio/01/1.low.mp3")
    report = jamendo.load(own)
    assert [clip.id for clip in report.clips] == ["track_0", "track_1"]
    assert all(clip.path.is_file() for clip in report.clips)
    assert report.missing == ("audio/02/2.mp3", "audio/03/3.mp3", "audio/04/4.mp3")
    assert report.rows == 5
    assert report.notes == ("tags without valence and arousal: odd",)


def test_tracks_are_told_without_their_sound(own: Path) -> None:
    tracks = jamendo.tracks(own)[0]
    assert [clip.split for clip in tracks] == ["train", "train", "validation", "test", ""]
    assert (tracks[0].valence, tracks[0].arousal, tracks[0].group) == (0.5, -1.0, "artist_0")
    assert tracks[1].tags == ("happy", "sad", "odd")
    assert (tracks[1].valence, tracks[1].arousal) == (0.125, -0.125)
    assert (tracks[2].valence, tracks[2].arousal, tracks[2].tags) == (None, None, ("odd",))


@given(tags=st.lists(st.sampled_from([*SCORES, "odd", "other"]), min_size=1, max_size=9))
def test_any_number_of_tags_is_read(tags: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    (track,) = jamendo.tracks(make(tmp_path_factory.mktemp("jamendo"), row(0, *tags)))[0]
    assert track.tags == tuple(tags)
    known = [SCORES[tag][0] for tag in tags if tag in SCORES]
    if known:
        assert track.valence == pytest.approx((sum(known) / len(known) - 5) / 4)
    else:
        assert track.valence is None


def test_bad_rows_are_told_with_their_lines(own: Path) -> None:
    with (own / "autotagging_moodtheme.tsv").open("a") as stream:
        stream.write(f"{row(0, 'calm')}\ntrack_9\tartist_1\n{row(7)}\n")
        stream.write(row(8, "sad").replace("08/8.mp3", "../../8.mp3") + "\n")
    with (own / "moodtag_va_scores.csv").open("a") as stream:
        stream.write("sad,2,3\nfun,0,3\n")
    told = [str(problem) for problem in jamendo.load(own).problems]
    assert told == [
        "moodtag_va_scores.csv:5: tag sad: it is there twice",
        "moodtag_va_scores.csv:6: tag fun: rating '0' is not within 1 to 9",
        "autotagging_moodtheme.tsv:7: track_0 is there twice",
        "autotagging_moodtheme.tsv:8: track, artist, path or tags are missing",
        "autotagging_moodtheme.tsv:9: track, artist, path or tags are missing",
        "autotagging_moodtheme.tsv:10: path '../../8.mp3' leads out of the folder",
    ]


@pytest.mark.parametrize("table", ["autotagging_moodtheme.tsv", "moodtag_va_scores.csv"])
def test_a_missing_table_is_refused(own: Path, table: str) -> None:
    (own / table).unlink()
    with pytest.raises(InputError, match=f"{table} is missing"):
        jamendo.load(own)


def test_a_table_of_another_form_is_refused(own: Path) -> None:
    write(own / "autotagging_moodtheme.tsv", "TRACK_ID,ARTIST_ID", "a,b")
    with pytest.raises(InputError, match="other columns than TRACK_ID"):
        jamendo.load(own)
