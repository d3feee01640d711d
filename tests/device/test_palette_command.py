"""`lampyris palette` as its user types it."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.cli import main
from device.color.palette_file import SHIPPED, load_palette, palette_names
from device.color.png import png_bytes
from device.palette_picture import pixels, terminal_lines
from hardware.light.ink import Ink, visible

GOOD = (SHIPPED / "lampyris.toml").read_text(encoding="utf-8")


def test_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["palette", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == palette_names()


def test_check_of_a_good_one(capsys: pytest.CaptureFixture[str]) -> None:
    path = str(SHIPPED / "ember.toml")
    assert main(["palette", "check", path]) == 0
    assert capsys.readouterr().out == f"{path}: 'ember', 6 anchors, nothing to complain about\n"


def test_check_tells_everything(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(GOOD.replace("hue = 14", "hue = 400").replace("hue = 70", "hew = 70"))
    assert main(["palette", "check", str(path)]) == 2
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert lines[0].startswith("line ")
    assert len(lines) == 3
    assert "'hew'" in out
    assert "400" in out
    assert err == f"lampyris: the palette {path} has 3 mistakes; correct them and check again\n"


def test_check_warns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(GOOD.replace('silence = "#ff9d52"', 'silence = "#301008"'))
    assert main(["palette", "check", str(path)]) == 0
    out = capsys.readouterr().out
    assert "warning: 'silence' is dark" in out
    assert "1 warning\n" in out


@pytest.mark.parametrize(
    "arguments", [["check", "none.toml"], ["show", "none"], ["show", "ember", "--png", "no/x.png"]]
)
def test_trouble_is_one_sentence(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["palette", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("lampyris: ")
    assert len(err.splitlines()) == 1


def test_show_in_a_pipe_is_a_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["palette", "show", "pastel"]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert [line.split()[0] for line in out.splitlines()] == [
        "neutral",
        *(anchor.name for anchor in load_palette("pastel").anchors),
        "silence",
    ]


@pytest.mark.parametrize("ink", [Ink.TRUE, Ink.INDEXED])
def test_show_in_a_terminal_has_the_plane_with_its_anchors(ink: Ink) -> None:
    palette = load_palette("lampyris")
    lines = [visible(line) for line in terminal_lines(palette, ink)]
    plane = [line[2:] for line in lines[:16]]
    assert all(len(row) == 48 for row in plane)
    assert sum(row.count("●") for row in plane) == 1 + len(palette.anchors)
    joy = load_palette("lampyris").anchors[0]
    assert plane[int((1 - joy.arousal) / 2 * 16)][int((joy.valence + 1) / 2 * 48)] == "●"


def test_show_as_png(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    path = tmp_path / "x.png"
    assert main(["palette", "show", "aurora", "--png", str(path)]) == 0
    with image.open(path) as picture:
        np.testing.assert_array_equal(np.asarray(picture), pixels(load_palette("aurora")))


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 99))
def test_png_is_read_back_by_others(height: int, width: int, seed: int) -> None:
    image = pytest.importorskip("PIL.Image")
    from io import BytesIO

    picture = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    np.testing.assert_array_equal(np.asarray(image.open(BytesIO(png_bytes(picture)))), picture)


def test_png_refuses_what_is_no_picture() -> None:
    for bad in (np.zeros((2, 2), np.uint8), np.zeros((2, 2, 3)), np.zeros((0, 2, 3), np.uint8)):
        with pytest.raises(ValueError, match="picture"):
            png_bytes(bad)


def test_help_answers_without_numpy() -> None:
    code = "import sys\nfrom device.cli import parser\nparser()\nprint('numpy' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
