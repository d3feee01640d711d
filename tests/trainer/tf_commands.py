import json
from pathlib import Path

import keras
import numpy as np
import pytest

from trainer import ensemble
from trainer.cli import main
from trainer.run_folder import RunFolder

SMALL = [
    *("--epochs", "2", "--members", "2", "--jobs", "1", "--units", "4", "--dense", "4", "--batch", "4"),
    *("--crop-s", "2", "--warmup-s", "0.5", "--blocks", "flatness", "onset", "--pool", "4"),
]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def fit(corpora: Path, cache: Path, out: Path, *more: str) -> int:
    return main(["fit", "--corpora", str(corpora), "--cache", str(cache), "--out", str(out), *SMALL, *more])


def test_fit_then_evaluate(corpora: Path, cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = tmp_path / "run"
    assert fit(corpora, cache, run) == 0
    info = json.loads((run / "run.json").read_text())
    assert info["format"] == 1
    assert info["members"] == 2
    assert info["pool_hops"] == 4
    assert [(c["name"], c["clips"]) for c in info["corpora"]] == [("4qaed", 8), ("soundtracks360", 4)]
    assert info["corpora"][0]["seconds"] == 24
    assert str(tmp_path) not in json.dumps(info)
    frames = np.load(run / "frames.npz")["frames"]
    model = keras.models.load_model(run / "member_1.keras")
    assert model.input_shape == (None, None, frames.shape[1])
    assert not list(run.glob("**/*.part*"))
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    assert [(line["member"], line["epoch"]) for line in lines] == [(0, 1), (0, 2), (1, 1), (1, 2)]

    words = ["evaluate", str(run), "--corpora", str(corpora), "--cache", str(cache), "--folds", "2", "--jobs", "1"]
    assert main(words) == 0
    written = json.loads((run / "scores.json").read_text())
    wanted = ["4qaed_f1_stratified", "4qaed_f1_artist", "soundtracks_r2_energy", "soundtracks_r2_valence"]
    assert all(isinstance(written["scores"][name], float) for name in [*wanted, "soundtracks_ccc_valence"])
    assert written["protocol"]["folds"] == 2
    stored = sorted(path.name for path in (run / "folds").iterdir())
    assert len(stored) == 8
    # A second call finds everything, and what is lost is made again to the same.
    times = {path: path.stat().st_mtime_ns for path in (run / "folds").iterdir()}
    lost = run / "folds" / stored[0]
    before = np.load(lost)["predicted"]
    lost.unlink()
    assert main(words) == 0
    np.testing.assert_allclose(np.load(lost)["predicted"], before, atol=1e-5)
    assert all(path.stat().st_mtime_ns == time for path, time in times.items() if path != lost)
    assert json.loads((run / "scores.json").read_text())["scores"] == written["scores"]


def test_a_stopped_run_carries_on(
    corpora: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    real = ensemble.fit_member

    def stopped(*task: object) -> int:
        if task[-1] == 1:
            raise KeyboardInterrupt
        return real(*task)  # type: ignore[arg-type]

    monkeypatch.setattr(ensemble, "fit_member", stopped)
    assert fit(corpora, cache, run) == 130
    assert not RunFolder(run).finished
    first = (run / "member_0.keras").stat().st_mtime_ns
    monkeypatch.setattr(ensemble, "fit_member", real)
    assert fit(corpora, cache, run) == 0
    assert RunFolder(run).finished
    assert (run / "member_0.keras").stat().st_mtime_ns == first
    capsys.readouterr()
    assert fit(corpora, cache, run, "--epochs", "3", "--seed", "4") == 2
    error = capsys.readouterr().err
    assert "other options (epochs, seed)" in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--epochs", "0"], "epochs must be at least 1"),
        (["--jobs", "0"], "--jobs must be at least 1"),
        (["--rate", "100"], "The feature rate must be"),
        (["--weights", "1"], "one --weight for each"),
    ],
)
def test_bad_options_are_one_sentence(
    corpora: Path, cache: Path, tmp_path: Path, more: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fit(corpora, cache, tmp_path / "run", *more) == 2
    assert sentence in capsys.readouterr().err


def test_evaluate_wants_a_run(corpora: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(tmp_path), "--corpora", str(corpora)]) == 2
    assert "recipe.json is missing" in capsys.readouterr().err
