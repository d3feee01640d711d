import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from device.errors import InputError
from tests.trainer.report import made_up_run
from tests.trainer.report.reader import Page
from trainer import scores
from trainer.cli import main
from trainer.report.page import page, write
from trainer.report.published import NUMBERS
from trainer.report.reading import read
from trainer.storage import write_arrays, write_json

NAME = '<b>& "it\'s"'


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_up_run.write(tmp_path_factory.mktemp("runs") / "run", NAME, songs=80, films=40)


@pytest.fixture(scope="module")
def source(run: Path) -> str:
    return write(run).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def shown(source: str) -> Page:
    return Page(source)


def test_it_stands_alone(source: str, shown: Page) -> None:
    assert source.startswith("<!doctype html>")
    assert all(link.startswith("#") for link in shown.links)
    assert {link[1:] for link in shown.links} <= set(shown.ids)
    assert len(shown.ids) == len(set(shown.ids))
    assert not {"script", "link", "img", "iframe", "object"} & set(shown.tags)
    assert "http" not in source
    assert "@import" not in source
    assert set(re.findall(r"url\((.)", source)) <= {"#"}
    assert len(source.encode()) < 3_000_000


def test_it_turns_with_the_night(source: str, shown: Page) -> None:
    assert "prefers-color-scheme:dark" in source
    assert 'name="viewport"' in source
    pictures = "".join(re.findall(r"<svg.*?</svg>", source, re.DOTALL))
    # Nothing that is drawn has a color of its own.
    assert not re.findall(r"(?:fill|stroke): #[0-9a-f]{6}", pictures)
    assert shown.tags.count("svg") == 3 + 1 + 2 + 6 + 2 + 3


def test_names_are_only_text(source: str, shown: Page) -> None:
    assert NAME in shown.texts["head"]
    assert NAME in shown.tables["published"][0][1][0]
    assert "<b>&" not in source


def test_the_confusion_matrix(run: Path, shown: Page) -> None:
    with np.load(run / "held_out" / "artist.npz") as content:
        own = content["true_quadrant"] >= 0
        counts = scores.confusion(content["true_quadrant"][own], content["quadrant"][own].argmax(axis=1), 4)
    matrix, classes, protocols = shown.tables["quadrants"]
    shares = counts / counts.sum(axis=1, keepdims=True)
    wanted = [[f"{n}{100 * s:.0f} %" for n, s in zip(*both, strict=True)] for both in zip(counts, shares, strict=True)]
    assert [row[1:] for row in matrix[1:]] == wanted
    assert [row[0] for row in matrix[1:]] == ["joy (Q1)", "anger (Q2)", "sadness (Q3)", "calm (Q4)"]
    f1 = scores.f1_of_each(counts)
    assert [row[3] for row in classes[1:]] == [f"{100 * value:.1f} %" for value in (*f1, np.mean(f1))]
    assert classes[2][1] == f"{100 * counts[1, 1] / counts[:, 1].sum():.1f} %"
    assert classes[2][2] == f"{100 * counts[1, 1] / counts[1].sum():.1f} %"
    assert [row[4] for row in classes[1:]] == ["20", "20", "20", "20", "80"]
    assert protocols[2] == ["stratified: artists on both sides", "67.0 %", "67.0 %", "[63.0 to 71.0]"]


def test_the_key_numbers(run: Path, shown: Page) -> None:
    found = json.loads((run / "scores.json").read_text())["scores"]
    head = shown.texts["head"]
    for words in (
        f"4QAED, macro-F1, artists apart{100 * found['4qaed_f1_artist']:.1f} %[",
        "4QAED, macro-F1, stratified67.0 %[63.0 to 71.0]",
        "4QAED, macro-F1, last check63.1 %[59.1 to 67.1]",
        f"R² energy{found['soundtracks_r2_energy']:.2f}[",
        "Largest change in rooms, noise and so on0.16arousal, “all”",
        "4qaed (900 clips, 7.5 h)",
        "seed 0",
        "python -m trainer fit --out run",
    ):
        assert words in head, words


def test_ratings_and_robustness(run: Path, shown: Page) -> None:
    with np.load(run / "held_out" / "artist.npz") as content:
        film = content["true_quadrant"] < 0
        truth, told = content["true_ratings"][film, 1], content["ratings"][film, 1]
    wanted = [f"{kind(truth, told):.2f}" for kind in (scores.r2, scores.pearson, scores.ccc, scores.rmse)]
    assert shown.tables["ratings"][0][2] == ["energy", *wanted, "40"]
    assert f"R² = {wanted[0]}" in shown.texts["ratings"]
    for words in ("room", "capture", "0.13", "+3.5", "−1.0", "15 s", "24 clips after ten minutes"):
        assert words in shown.texts["robustness"], words


def test_every_score_and_where_it_comes_from(run: Path, shown: Page) -> None:
    found = json.loads((run / "scores.json").read_text())
    table, origins = shown.tables["scores"]
    assert [row[0] for row in table[1:]] == list(found["scores"])
    assert ["vgmidi_ccc_valence", "−0.1234", "–", "–"] in table
    artist = ["artist", "0", "5", made_up_run.DATE, "python -m trainer evaluate run"]
    assert origins[1] == artist
    assert "stratified folds grouped by artist" in shown.texts["scores"]


def test_published_numbers_have_a_source(shown: Page) -> None:
    table = shown.tables["published"][0]
    assert len(table) == 1 + 3 + len(NUMBERS)
    assert all(all(cell for cell in row) for row in table)
    assert all(row.accuracy or row.f1 for row in NUMBERS)


MISSING = {
    "run.json": "run.json is missing",
    "scores.json": "not evaluated: python -m trainer evaluate run --protocol check",
    "log.jsonl": "no learning curves of a fitted run",
    "held_out/vgmidi.npz": "not evaluated: python -m trainer evaluate run --protocol vgmidi",
    "held_out/stability.npz": "not evaluated: python -m trainer evaluate run --protocol stability",
    "recipe.json": "recipe.json is missing",
    "held_out/artist.npz": "not evaluated: python -m trainer evaluate run --protocol artist",
}


@pytest.mark.parametrize("part", [0, 1])
def test_what_is_missing_is_named(tmp_path: Path, part: int) -> None:
    folder = made_up_run.write(tmp_path / "run", "run", songs=8, films=4)
    files = list(MISSING)[:5] if part == 0 else list(MISSING)[5:]
    for file in files:
        (folder / file).unlink()
    shown = Page(page(read(folder)))
    assert [file for file in files if MISSING[file] not in shown.text] == []


def test_nothing_is_missing_of_a_whole_run(shown: Page) -> None:
    assert "not evaluated" not in shown.text
    assert not [words for words in MISSING.values() if words in shown.text]


def test_a_run_just_begun(tmp_path: Path) -> None:
    write_json(tmp_path / "recipe.json", made_up_run.recipe())
    shown = Page(page(read(tmp_path)))
    assert "svg" not in shown.tags
    assert shown.text.count("not evaluated") >= 12
    assert tmp_path.name in shown.texts["head"]


@pytest.mark.parametrize("kind", ["nothing", "4qaed alone", "soundtracks360 alone", "all alike", "one clip"])
def test_odd_records(tmp_path: Path, kind: str) -> None:
    songs, films = {"nothing": (0, 0), "4qaed alone": (8, 0), "soundtracks360 alone": (0, 8)}.get(kind, (12, 6))
    record = made_up_run.artist(*((1, 0) if kind == "one clip" else (songs, films)))
    if kind == "all alike":
        for name in ("features", "emotion", "quadrant", "ratings", "true_ratings"):
            record[name] = np.zeros_like(record[name])
    write_json(tmp_path / "recipe.json", made_up_run.recipe())
    write_arrays(tmp_path / "held_out" / "artist.npz", **record)
    Page(page(read(tmp_path)))


def test_the_command(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small = made_up_run.write(tmp_path / "run", songs=8, films=4)
    out = tmp_path / "pages" / "mine.html"
    assert main(["report", str(small), "--out", str(out)]) == 0
    assert "mine.html is written" in capsys.readouterr().out
    Page(out.read_text(encoding="utf-8"))
    assert [path.name for path in out.parent.iterdir()] == ["mine.html"]
    assert main(["report", str(small)]) == 0
    assert (small / "report.html").is_file()
    (tmp_path / "empty").mkdir()
    for folder in ("empty", "nowhere"):
        capsys.readouterr()
        assert main(["report", str(tmp_path / folder)]) == 2
        error = capsys.readouterr().err
        assert "holds no run" in error
        assert error.count("\n") == 1
    with pytest.raises(InputError, match="cannot be written"):
        write(small, tmp_path)


def test_it_needs_no_network_library(tmp_path: Path) -> None:
    folder = made_up_run.write(tmp_path / "run", songs=8, films=4)
    script = (
        "import sys, trainer.report.page as page; before = {'matplotlib', 'sklearn'} & set(sys.modules); "
        "from trainer.cli import main; code = main(['report', sys.argv[1]]); "
        "print(code, before, {'keras', 'jax', 'tensorflow', 'matplotlib.pyplot'} & set(sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", script, str(folder)], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "0 set() set()"
