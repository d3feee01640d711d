from pathlib import Path

import pytest

from device.errors import InputError
from tests.trainer import tiny
from tests.trainer.corpora.trees import touch, write
from trainer.corpora import fourqaed, registry


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Corpora that a test may spoil."""
    return tiny.render(tmp_path / "own", per_quadrant=1, films=2, seconds=0.2)


def test_it_gives_quadrants_and_artists(corpora: Path) -> None:
    report = registry.load("4qaed", corpora)
    assert report.rows == len(report.clips) == 8
    assert not report.missing
    assert not report.problems
    first = report.clips[0]
    assert (first.id, first.quadrant, first.group) == ("MT0000000000", "Q1", "béla 0")
    assert first.valence is None
    assert first.path.is_file()


def test_mood_words_become_tags(tmp_path: Path) -> None:
    write(tmp_path / "annotations.csv", "Song,Quadrant", "A,Q3", "B,Q1")
    write(tmp_path / "metadata.csv", "Song,Artist,MoodsStrSplit", 'A,X,"Circular, Greasy , "', "B,Y,")
    touch(tmp_path, "audio/A.opus", "audio/B.opus")
    assert [clip.tags for clip in fourqaed.load(tmp_path).clips] == [("circular", "greasy"), ()]


def test_bad_rows_are_told_with_their_lines(own: Path) -> None:
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


def test_a_missing_sound_is_named(own: Path) -> None:
    (own / "4qaed" / "audio" / "MT0000000002.opus").unlink()
    assert registry.load("4qaed", own).missing == ("audio/MT0000000002.opus",)


def test_a_table_without_its_column_is_refused(own: Path) -> None:
    (own / "4qaed" / "annotations.csv").write_text("Song,Mood\nA,Q1\n")
    with pytest.raises(InputError, match="no column 'Quadrant'"):
        registry.load("4qaed", own)


def test_a_missing_table_is_refused(own: Path) -> None:
    (own / "4qaed" / "metadata.csv").unlink()
    with pytest.raises(InputError, match=r"metadata\.csv is missing"):
        registry.load("4qaed", own)
