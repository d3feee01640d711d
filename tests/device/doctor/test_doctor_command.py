"""The command as its user types it: what it says where, and how it ends."""

import io
import json
import re
import shutil
from pathlib import Path

import pytest

from device.cli import main
from device.doctor.command import HARDWARE, INTEGRITY, exit_code
from device.doctor.finding import fail, ok, skip, warn
from device.doctor.progress import Progress
from device.emotion.bundle import MODEL_FILE
from tests.bundles import TINY


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Writers and settings of whoever runs the tests are not asked, and the terminal is of a known width."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "80")


def settings(folder: Path, text: str) -> str:
    path = folder / "lamp.toml"
    path.write_text(text)
    return str(path)


def test_the_page(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["doctor", "--settings", settings(tmp_path, '[strip]\ndriver = "null"\n')]) == 0
    out, err = capsys.readouterr()
    assert not err
    lines = out.splitlines()
    assert [line for line in lines if line and line[0] != " "] == ["Microphone", "Light", "Model", "Rights", "Computer"]
    assert all(len(line) <= 80 for line in lines)
    assert re.search(r"✓ runtime +(tflite-runtime|ai-edge-litert) \d", out)
    assert "the driver null touches no wire" in out
    assert re.fullmatch(r"  (\d+ to look at, )?\d+ fine, \d+ skipped", lines[-1])


def test_json_is_all_there_is_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json", "--bundle", str(TINY)]) == 0
    out, err = capsys.readouterr()
    assert not err
    told = json.loads(out)
    assert told["ok"] is True
    names = [check["name"] for check in told["checks"]]
    assert len(set(names)) == len(names)
    assert names[:5] == ["microphone", "writer", "strip", "runtime", "bundle"]
    for check in told["checks"]:
        assert list(check) == ["name", "state", "found", "values", "next_step"]
        assert check["next_step"] or check["state"] in ("ok", "skip")


def test_a_bundle_that_is_damaged_ends_with_4(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    shutil.copytree(TINY, tmp_path / "b")
    (tmp_path / "b" / MODEL_FILE).write_bytes(b"TFL3")
    assert main(["doctor", "--bundle", str(tmp_path / "b")]) == INTEGRITY
    assert "✗ bundle" in capsys.readouterr().out


def test_a_writer_that_is_not_there_ends_with_3_whatever_the_bundle_is(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    writer = ["--strip", f"socket:{tmp_path / 'none'}"]
    assert main(["doctor", "--json", *writer]) == HARDWARE
    assert json.loads(capsys.readouterr().out)["ok"] is False
    assert main(["doctor", *writer, "--bundle", str(tmp_path)]) == HARDWARE
    assert "  2 failed, " in capsys.readouterr().out


def test_which_code_it_ends_with() -> None:
    fine, failed = (ok("a", "b"), warn("a", "b", "c"), skip("a", "b")), fail("a", "b", "c")
    assert exit_code((each, code) for each in fine for code in (HARDWARE, INTEGRITY)) == 0
    assert exit_code([(fine[0], HARDWARE), (failed, INTEGRITY)]) == INTEGRITY
    assert exit_code([(failed, INTEGRITY), (failed, HARDWARE)]) == HARDWARE


@pytest.mark.parametrize(
    ("text", "words"), [("[strip]\npixel = 3\n", "strip.pixel"), ("[gate]\nquiet_db = 3\n", "gate"), ("x", "not TOML")]
)
def test_settings_that_are_wrong_end_with_2(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str, words: str
) -> None:
    assert main(["doctor", "--json", "--settings", settings(tmp_path, text)]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert words in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    "options",
    [["--seconds", "0"], ["--seconds", "nan"], ["--seconds", "x"], ["--strip", "null"], ["--strip", "socket:"], ["x"]],
)
def test_wrong_usage_ends_with_2(capsys: pytest.CaptureFixture[str], options: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["doctor", *options])
    assert ended.value.code == 2
    assert not capsys.readouterr().out


def test_a_microphone_that_is_not_there_ends_with_3(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--mic", "there is no such microphone"]) == HARDWARE
    out = capsys.readouterr().out
    assert "✗ microphone" in out
    assert "→" in out


class Terminal(io.StringIO):
    """A stream that says it is one."""

    def isatty(self) -> bool:
        return True


def test_the_line_of_progress_goes_away() -> None:
    out = Terminal()
    with Progress(out) as progress:
        progress.say("hearing: 1 of 5 s")
        progress.say("hearing: 1 of 5 s")
        progress.say("hearing: 2 of 5 s")
    assert out.getvalue().count("1 of 5") == 1
    assert out.getvalue().endswith("\r\x1b[K")
    assert max(map(len, out.getvalue().split("\r\x1b[K"))) < 80


def test_no_progress_in_a_pipe() -> None:
    out = io.StringIO()
    with Progress(out) as progress:
        progress.say("hearing")
    assert not out.getvalue()
