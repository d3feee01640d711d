import shutil
from pathlib import Path

import pytest

from device.errors import InputError
from tests.trainer import tiny
from tests.trainer.corpora.trees import touch, write
from trainer.cli import main
from trainer.corpora import registry


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Corpora that a test may spoil."""
    return tiny.render(tmp_path / "own", per_quadrant=1, films=2, seconds=0.2)


def test_no_folder_says_how_to_give_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(registry.VARIABLE, raising=False)
    with pytest.raises(InputError, match="--corpora DIR or set LAMPYRIS_CORPORA"):
        registry.corpora_dir(None)
    with pytest.raises(InputError, match="There is no folder"):
        registry.corpora_dir(tmp_path / "none")
    monkeypatch.setenv(registry.VARIABLE, str(tmp_path))
    assert registry.corpora_dir(None) == tmp_path


def test_an_unknown_or_unusable_corpus_is_refused(own: Path) -> None:
    with pytest.raises(InputError, match="'5qaed' is not known; choose from 4qaed, soundtracks360, vgmidi"):
        registry.load("5qaed", own)
    with pytest.raises(InputError, match="has no folder deam"):
        registry.load("deam", own)
    shutil.rmtree(own / "4qaed" / "audio")
    with pytest.raises(InputError, match="holds no usable clip"):
        registry.load("4qaed", own)


def test_the_table_tells_what_is_there_and_what_is_not(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(own / "soundtracks360" / "audio")
    (own / "emopia").mkdir()
    assert main(["corpora", "--corpora", str(own)]) == 0
    lines = capsys.readouterr().out.splitlines()
    table = {line.split()[0]: line.split() for line in lines[1 : 1 + len(registry.CORPORA)]}
    assert table["4qaed"] == ["4qaed", "4", "4", "artist", "quadrant", "0", "0", "0"]
    assert table["soundtracks360"] == ["soundtracks360", "0", "0", "album", "static", "-", "2", "0"]
    assert " ".join(table["pmemo"]) == "pmemo not found: no folder PMEmo2019"
    assert " ".join(table["emopia"]) == "emopia not usable, see below"
    rest = "\n".join(lines[1 + len(registry.CORPORA) :])
    assert "soundtracks360: missing audio/001.opus" in rest
    assert "midi is missing" in rest
    assert max(map(len, lines)) <= registry.WIDTH


def test_many_missing_files_and_bad_rows_are_summed_up(own: Path) -> None:
    lines = [f"{number}.mp3,0,0" for number in range(700)] + ["x.mp3,7,0"] * 9
    write(own / "own" / "labels.csv", "path,valence,arousal", *lines)
    touch(own / "own", "0.mp3", "1.mp3")
    text = registry.describe(own, ["folder"])
    assert "folder: 698 of 700 sound files are missing, first 2.mp3" in text
    assert text.count("rating '7'") == registry.SHOWN
    assert f"and {9 - registry.SHOWN} more bad rows" in text
    assert text.count("\n") == 1 + 1 + registry.SHOWN + 1


def test_minutes_are_those_of_the_sound(own: Path) -> None:
    for number in range(4):
        tiny.write_sound(own / "own" / "joy" / f"{number}.wav", tiny.tone(15.0, 440, 0.1, number))
    touch(own / "own", "joy/broken.wav")
    row = registry.describe(own, ["folder"]).splitlines()[1]
    assert row.split()[-3:] == ["1", "0", "0"]


def test_the_command_line_says_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["corpora", "--corpora", str(tmp_path / "none")]) == 2
    error = capsys.readouterr().err
    assert error.startswith("trainer: There is no folder")
    assert error.count("\n") == 1
