from pathlib import Path

import pytest

from device.errors import InputError
from tests.trainer.corpora.trees import write
from trainer.corpora import emopia


def test_the_file_name_tells_it_all(tmp_path: Path) -> None:
    names = ["Q1_0vLPYiPN7qY_0", "Q4_0vLPYiPN7qY_0", "Q3_0vLPYiPN7qy_12", "Q2_3ahg_eQZhxs_1"]
    for name in names:
        write(tmp_path / "midi" / f"{name}.mid", name)
    write(tmp_path / "midi" / "notes.txt", "no music")
    report = emopia.load(tmp_path)
    assert not report.problems
    found = {clip.id: (clip.quadrant, clip.group) for clip in report.clips}
    # Videos may differ by a capital only.
    assert found == {
        names[0]: ("Q1", "0vLPYiPN7qY"),
        names[1]: ("Q4", "0vLPYiPN7qY"),
        names[2]: ("Q3", "0vLPYiPN7qy"),
        names[3]: ("Q2", "3ahg_eQZhxs"),
    }
    assert (report.rows, report.groups) == (4, 3)


def test_bad_files_are_told(tmp_path: Path) -> None:
    for name, text in [
        ("Q1_0vLPYiPN7qY_0", "a"),
        ("Q2_0vLPYiPN7qY_3", "a"),
        ("Q5_0vLPYiPN7qY_1", "b"),
        ("Q1_x_1", "c"),
    ]:
        write(tmp_path / "midi" / f"{name}.mid", text)
    (tmp_path / "midi" / "Q1_0vLPYiPN7qY_9.mid").write_bytes(b"")
    report = emopia.load(tmp_path)
    assert len(report.clips) == 1
    why = {problem.file: problem.why for problem in report.problems}
    assert why["Q2_0vLPYiPN7qY_3.mid"] == "the same as Q1_0vLPYiPN7qY_0.mid"
    assert why["Q1_0vLPYiPN7qY_9.mid"] == "the file is empty"
    assert why["Q5_0vLPYiPN7qY_1.mid"] == why["Q1_x_1.mid"]
    assert report.rows == 5


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="midi is missing"):
        emopia.load(tmp_path)
