from pathlib import Path

import pytest

from device.errors import InputError
from tests.trainer.corpora.trees import touch, write
from trainer.corpora import folder


def test_a_table_of_numbers(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp3", "b/c.wav", "d.mid")
    write(
        tmp_path / "labels.csv", "path,valence,arousal,group", "a.mp3,0.5,-1,Alice ", "b/c.wav,0,0,", "d.mid,1,1,ALICE"
    )
    report = folder.load(tmp_path)
    assert not report.problems
    assert [(clip.valence, clip.arousal) for clip in report.clips] == [(0.5, -1.0), (0.0, 0.0), (1.0, 1.0)]
    assert [clip.group for clip in report.clips] == ["alice", "b/c.wav", "alice"]


def test_a_folder_for_each_class(tmp_path: Path) -> None:
    touch(tmp_path, "Q1/one.mp3", "q3/Alice/two.flac", "Joy/alice/Album/three.OGG", "calm/four.mid", "calm/cover.jpg")
    touch(tmp_path, "elsewhere/five.mp3")
    report = folder.load(tmp_path)
    found = {clip.id: (clip.quadrant, clip.group) for clip in report.clips}
    assert found == {
        "Joy/alice/Album/three.OGG": ("Q1", "alice"),
        "Q1/one.mp3": ("Q1", "q1/one.mp3"),
        "calm/four.mid": ("Q4", "calm/four.mid"),
        "q3/Alice/two.flac": ("Q3", "alice"),
    }
    assert report.notes[0] == "passed over as neither sound nor MIDI: 1"
    assert report.notes[1].endswith("left out: elsewhere")


def test_bad_rows_are_told_with_their_lines(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp3")
    lines = "a.mp3,0,0", "a.mp3,1,1", ",0,0", "b.mp3,0,0", "c.mp3,2,0", "d.mp3,0"
    write(tmp_path / "labels.csv", "path,valence,arousal", *lines)
    report = folder.load(tmp_path)
    assert report.missing == ("b.mp3",)
    assert [str(problem) for problem in report.problems] == [
        "labels.csv:3: a.mp3 is there twice",
        "labels.csv:4: no path",
        "labels.csv:6: rating '2' is not within -1 to 1",
        "labels.csv:7: '' is no rating",
    ]
    assert (report.rows, len(report.clips)) == (6, 1)


def test_a_folder_without_labels_is_refused(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp3")
    with pytest.raises(InputError, match=r"has no folders joy, anger, sadness, calm and no labels\.csv"):
        folder.load(tmp_path)
    write(tmp_path / "labels.csv", "file,valence,arousal")
    with pytest.raises(InputError, match="no column 'path'"):
        folder.load(tmp_path)
