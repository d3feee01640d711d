import shutil
from pathlib import Path

import pytest

from device.errors import InputError
from tests.trainer import tiny
from trainer.cli import main
from trainer.corpora import registry
from trainer.corpora.clip import normalized
from trainer.corpora.soundtracks import unit_scale


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Corpora that a test may spoil."""
    return tiny.render(tmp_path / "own", per_quadrant=1, films=2, seconds=0.2)


def test_4qaed_gives_quadrants_and_artists(corpora: Path) -> None:
    report = registry.load("4qaed", corpora)
    assert report.rows == len(report.clips) == 8
    assert not report.missing
    assert not report.problems
    first = report.clips[0]
    assert (first.id, first.quadrant, first.group) == ("MT0000000000", "Q1", "béla 0")
    assert first.valence is None
    assert first.path.is_file()


def test_soundtracks_gives_numbers_and_albums(corpora: Path) -> None:
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


def test_one_artist_written_in_two_ways_is_one_group() -> None:
    assert normalized("  Duke  ELLINGTON ") == normalized("Duke Ellington")


def test_4qaed_reports_bad_rows_with_their_lines(own: Path) -> None:
    table = own / "4qaed" / "annotations.csv"
    with table.open("a") as stream:
        stream.write("MT0000000001,Q9\nMT0000000000,Q1\nMT7777777777,Q2\n,Q2\n")
    report = registry.load("4qaed", own)
    assert [problem.line for problem in report.problems] == [6, 7, 8, 9]
    words = ["none of Q1", "twice", "no row for MT7777777777", "no song"]
    assert all(word in str(problem) for word, problem in zip(words, report.problems, strict=True))
    assert len(report.clips) == 4


def test_blank_artists_stay_together(own: Path) -> None:
    table = own / "4qaed" / "metadata.csv"
    text = table.read_text(encoding="latin-1")
    table.write_text(text.replace('"Béla 0"', '""').replace('"Béla 2"', '" "'), encoding="latin-1")
    clips = registry.load("4qaed", own).clips
    assert clips[0].group == clips[2].group != clips[1].group


def test_soundtracks_reports_bad_rows_with_their_lines(own: Path) -> None:
    table = own / "soundtracks360" / "ratings.csv"
    with table.open("a") as stream:
        stream.write("2,2,5,5,3,Film 2\n3,x,5,5,3,A\n4,9,12,5,3,A\n5,9,nan,5,3,A\n6,9,5,5,3,\n7,3,5\n")
    report = registry.load("soundtracks360", own)
    assert [problem.line for problem in report.problems] == [4, 5, 6, 7, 8, 9]
    assert len(report.clips) == 2


def test_missing_sound_is_named(own: Path) -> None:
    (own / "soundtracks360" / "audio" / "002.opus").unlink()
    assert registry.load("soundtracks360", own).missing == ("002.opus",)
    assert "missing audio/002.opus" in registry.describe(own)


def test_a_table_without_its_column_is_refused(own: Path) -> None:
    (own / "4qaed" / "annotations.csv").write_text("Song,Mood\nA,Q1\n")
    with pytest.raises(InputError, match="no column 'Quadrant'"):
        registry.load("4qaed", own)


def test_a_table_that_is_no_text_is_refused(own: Path) -> None:
    (own / "soundtracks360" / "ratings.csv").write_bytes(b"Number,Valence,Energy,Album name\n\xff\xfe\x00")
    with pytest.raises(InputError, match="cannot be read"):
        registry.load("soundtracks360", own)


def test_no_folder_says_how_to_give_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(registry.VARIABLE, raising=False)
    with pytest.raises(InputError, match="--corpora DIR or set LAMPYRIS_CORPORA"):
        registry.corpora_dir(None)
    with pytest.raises(InputError, match="There is no folder"):
        registry.corpora_dir(tmp_path / "none")
    monkeypatch.setenv(registry.VARIABLE, str(tmp_path))
    assert registry.corpora_dir(None) == tmp_path


def test_the_table_tells_what_is_not_there(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(own / "soundtracks360")
    assert main(["corpora", "--corpora", str(own)]) == 0
    out = capsys.readouterr().out
    assert "not usable" in out
    assert "has no folder soundtracks360" in out


def test_the_command_line_says_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["corpora", "--corpora", str(tmp_path / "none")]) == 2
    error = capsys.readouterr().err
    assert error.startswith("trainer: There is no folder")
    assert error.count("\n") == 1
