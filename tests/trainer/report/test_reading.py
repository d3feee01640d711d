import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.errors import InputError
from tests.trainer.report import made_up_run
from tests.trainer.report.reader import Page
from trainer.report.learning import matrix, shown_folds
from trainer.report.log import read_log
from trainer.report.markup import element, joined, number, percent, table
from trainer.report.over_time import chosen_pieces, errors
from trainer.report.reading import Run, read
from trainer.report.records import Steps
from trainer.storage import write_arrays, write_json


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return made_up_run.write(tmp_path / "run", songs=8, films=4)


def one_sentence(folder: Path, *words: str) -> None:
    with pytest.raises(InputError) as caught:
        read(folder)
    text = str(caught.value)
    assert "\n" not in text
    assert text.endswith(".")
    assert all(word in text for word in words), text


@pytest.mark.parametrize("file", ["recipe.json", "run.json", "scores.json"])
@pytest.mark.parametrize("content", [b"{", b"[1, 2]", b'"text"', b"\xff\xfe", b""])
def test_damaged_json(run: Path, file: str, content: bytes) -> None:
    (run / file).write_bytes(content)
    one_sentence(run, file)


@pytest.mark.parametrize(
    ("file", "key", "value"),
    [
        ("scores.json", "scores", {"a": "high"}),
        ("scores.json", "intervals", {"a": [1.0]}),
        ("scores.json", "runs", {"artist": 3}),
        ("run.json", "corpora", [{"clips": 3}]),
        ("recipe.json", "members", "five"),
    ],
)
def test_json_of_another_shape(run: Path, file: str, key: str, value: Any) -> None:
    content = json.loads((run / file).read_text())
    write_json(run / file, content | {key: value})
    one_sentence(run, file, "not of this version")


@pytest.mark.parametrize("file", ["artist", "vgmidi", "stability"])
def test_damaged_arrays(run: Path, file: str) -> None:
    path = run / "held_out" / f"{file}.npz"
    path.write_bytes(path.read_bytes()[:-100])
    one_sentence(run, f"{file}.npz")
    write_arrays(path, other=np.zeros(3))
    one_sentence(run, f"{file}.npz", "is missing")


@pytest.mark.parametrize(
    ("file", "name", "value"),
    [
        ("artist", "true_quadrant", np.full(12, 4)),
        ("artist", "true_quadrant", np.zeros(12)),
        ("artist", "emotion", np.zeros((12, 3))),
        ("artist", "emotion", np.full((12, 2), np.nan)),
        ("artist", "quadrant", np.zeros((11, 4))),
        ("artist", "features", np.zeros(12)),
        ("artist", "ratings", np.zeros((12, 1))),
        ("artist", "names", np.array("one")),
        ("artist", "true_ratings", np.full((12, 8), "x")),
        ("vgmidi", "step_starts", np.zeros(13, dtype=int)),
        ("vgmidi", "step_starts", np.arange(13)[::-1]),
        ("vgmidi", "step_s", np.array(0.0)),
        ("vgmidi", "step_told", np.zeros((5, 2))),
        ("stability", "error", np.zeros(4)),
        ("stability", "step_s", np.array([1.0, 2.0])),
    ],
)
def test_arrays_of_another_shape(run: Path, file: str, name: str, value: np.ndarray) -> None:
    path = run / "held_out" / f"{file}.npz"
    with np.load(path) as content:
        arrays = {key: content[key] for key in content.files}
    write_arrays(path, **(arrays | {name: value}))
    one_sentence(run, f"{file}.npz", "not as an evaluation writes it")


def test_the_later_line_of_an_epoch_counts(run: Path) -> None:
    found: Run = read(run)
    assert sorted(found.log.members) == [f"member {i}" for i in range(5)]
    assert found.log.members["member 0"][40].loss < 1
    name, folds = shown_folds(found.log)
    assert (name, len(folds)) == ("artist folds", 20)


def test_lines_cut_by_an_interruption_are_counted(run: Path) -> None:
    path = run / "log.jsonl"
    path.write_text(path.read_text() + '{"time": "now", "member": 0, "ep\n[]\n{"epoch": 3}\n')
    assert read(run).log.damaged == 3
    path.write_bytes(b"\xff\xfe\x00")
    one_sentence(run, "log.jsonl")


ENTRIES = st.fixed_dictionaries(
    {"epoch": st.integers(1, 9), "fold": st.sampled_from(("artist_10_fold_0_member_0", "vgmidi_5_fold_1_member_0"))},
    optional={"loss": st.floats(allow_nan=True), "quadrant": st.none() | st.floats(0, 3), "other": st.text()},
)


@given(entries=st.lists(ENTRIES, min_size=1, max_size=20))
def test_any_log(tmp_path_factory: pytest.TempPathFactory, entries: list[dict[str, Any]]) -> None:
    path = tmp_path_factory.mktemp("log") / "log.jsonl"
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    log = read_log(path)
    assert log.damaged == 0
    last = {(entry["fold"], entry["epoch"]): entry for entry in entries}
    assert sum(len(curve) for curve in log.folds.values()) == len(last)
    for name, curve in log.folds.items():
        epochs, values = matrix([curve], "loss")
        assert list(epochs) == sorted(curve)
        wanted = [last[name, epoch].get("loss", np.nan) for epoch in epochs]
        np.testing.assert_array_equal(values[0], wanted)


@given(
    lengths=st.lists(st.integers(0, 5), min_size=1, max_size=15),
    seed=st.integers(0, 99),
    unknown=st.floats(0, 1),
)
def test_chosen_pieces_differ_and_hold_the_ends(lengths: list[int], seed: int, unknown: float) -> None:
    rng = np.random.default_rng(seed)
    total = sum(lengths)
    true = rng.standard_normal((total, 2))
    true[rng.random(total) < unknown] = np.nan
    steps = Steps(true, rng.standard_normal((total, 2)), np.cumsum([0, *lengths]), 0.4)
    error = errors(steps)
    chosen = chosen_pieces(steps)
    pieces = [piece for piece, _, _ in chosen]
    rated = int(np.isfinite(error).sum())
    assert len(set(pieces)) == len(pieces) == min(6, rated)
    if rated:
        assert chosen[0][2] == np.nanmin(error)
        assert max(one for _, _, one in chosen) == np.nanmax(error)
    for piece, _, one in chosen:
        own = slice(steps.starts[piece], steps.starts[piece + 1])
        assert one == pytest.approx(np.sqrt(np.nanmean((steps.told[own] - true[own]) ** 2)))


@given(text=st.text(st.characters(exclude_categories=("Cs", "Cc"))), key=st.text(st.characters(categories=("L",))))
def test_no_text_becomes_markup(text: str, key: str) -> None:
    source = joined(element("p", text, title=key + text), table((text,), [[text, text]]))
    shown = Page(source)
    assert set(shown.tags) == {"p", "div", "table", "thead", "tbody", "tr", "th", "td"}
    plain = text.replace("\N{NO-BREAK SPACE}", " ")
    assert shown.tables["head"] == [[[plain], [plain, plain]]]


def test_numbers_in_words() -> None:
    assert number(-0.12345) == "−0.123"
    assert percent(0.6443).replace("\N{NO-BREAK SPACE}", " ") == "64.4 %"
    assert number(None) == percent(None) == number(float("nan")) == "–"
