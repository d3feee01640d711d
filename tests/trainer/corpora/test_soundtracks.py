from pathlib import Path

import pytest

from device.errors import InputError
from tests.trainer.corpora.trees import touch, write
from trainer.corpora import registry, soundtracks
from trainer.corpora.soundtracks import unit_scale

HEADER = ",Number,Valence,Energy,Tension,Anger,Fear,Happy,Sad,Tender,TARGET,Album name"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    write(tmp_path / "ratings.csv", HEADER, "0,1,4,5,9,1,1,5,3,1,X,Film 1", "1,2,7,1,,5,12,x,5,5,X,Film 2")
    touch(tmp_path, "audio/001.opus", "audio/002.opus")
    return tmp_path


def test_it_gives_numbers_and_albums(corpora: Path) -> None:
    report = registry.load("soundtracks360", corpora)
    assert [clip.id for clip in report.clips] == ["001", "002", "003", "004"]
    last = report.clips[-1]
    assert last.group == "film 4"
    assert last.valence == pytest.approx((1 - 4) / 3)
    assert last.arousal == pytest.approx((6 - 5) / 4)
    assert last.quadrant is None


def test_unit_scale_keeps_within_one() -> None:
    assert [unit_scale(rating, (4.0, 3.0)) for rating in (1, 4, 7, 9)] == [-1, 0, 1, 1]
    assert [unit_scale(rating, (5.0, 4.0)) for rating in (1, 5, 9)] == [-1, 0, 1]


def test_the_other_ratings_are_kept_by_name(own: Path) -> None:
    expected = {"tension": 1, "anger": -1, "fear": -1, "happy": 0, "sad": -0.5, "tender": -1}
    assert dict(soundtracks.load(own).clips[0].ratings) == expected


def test_a_bad_other_rating_costs_itself_only(own: Path) -> None:
    report = soundtracks.load(own)
    assert not report.problems
    assert dict(report.clips[1].ratings) == {"anger": 0, "sad": 0, "tender": 0}
    assert len(report.notes) == 2
    assert report.notes[0].startswith("ratings.csv:3: Fear: rating '12' is not within 1 to 9")
    assert "Happy: 'x' is no rating" in report.notes[1]


def test_bad_rows_are_told_with_their_lines(own: Path) -> None:
    with (own / "ratings.csv").open("a") as stream:
        for row in [
            "2,2,5,5,3,1,1,1,1,1,X,Film 2",
            "3,x,5,5",
            "4,9,12,5",
            "5,9,nan,5",
            "6,9,5,5,3,1,1,1,1,1,X,",
            "7,3,5",
        ]:
            stream.write(row + "\n")
    report = soundtracks.load(own)
    assert [problem.line for problem in report.problems] == [4, 5, 6, 7, 8, 9]
    assert len(report.clips) == 2


def test_a_missing_sound_is_named(own: Path) -> None:
    (own / "audio" / "002.opus").unlink()
    assert soundtracks.load(own).missing == ("audio/002.opus",)


def test_a_table_that_is_missing_or_no_text_is_refused(own: Path) -> None:
    (own / "ratings.csv").write_bytes(b"Number,Valence,Energy,Album name\n\xff\xfe\x00")
    with pytest.raises(InputError, match="cannot be read"):
        soundtracks.load(own)
    (own / "ratings.csv").unlink()
    with pytest.raises(InputError, match="is missing"):
        soundtracks.load(own)
