"""The commands from end to end on tiny corpora: fit, carry on, convert, and what is said of bad options."""

import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from device.emotion.bundle import load_bundle
from tests.trainer.small import SMALL
from trainer import ensemble
from trainer.cli import main
from trainer.models.recurrent import OUTPUTS
from trainer.run_folder import RunFolder
from trainer.words import command_of

HOME = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def fit(corpora: Path, cache: Path, out: Path, *more: str) -> int:
    return main(["fit", "--corpora", str(corpora), "--cache", str(cache), "--out", str(out), *SMALL, *more])


def test_fit_then_convert(corpora: Path, cache: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    assert fit(corpora, cache, run, "--changes", "shift", "--members", "2") == 0
    info = json.loads((run / "run.json").read_text())
    assert (info["format"], info["members"], info["pool_hops"]) == (1, 2, 4)
    assert [(c["name"], c["clips"]) for c in info["corpora"]] == [("4qaed", 8), ("soundtracks360", 4)]
    assert info["corpora"][0]["seconds"] == 24
    assert str(tmp_path) not in json.dumps(info)
    frames = np.load(run / "frames.npz")["frames"]
    model = keras.saving.load_model(run / "member_1.keras", compile=False)
    assert model.input_shape == (None, None, frames.shape[1])
    assert tuple(model.output_names) == OUTPUTS
    assert not list(run.glob("**/*.part*"))
    assert not list(run.glob("checkpoints/*"))
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    assert [(line["member"], line["epoch"]) for line in lines] == [(0, 1), (0, 2), (1, 1), (1, 2)]
    assert all({"loss", "quadrant", "ratings"} <= set(line) for line in lines)

    # TensorFlow and JAX never meet in a process; convert must choose its backend in spite of the environment.
    command = [sys.executable, "-m", "convert", str(run), "--out", str(tmp_path / "bundle")]
    environment = os.environ | {"KERAS_BACKEND": "jax"}
    done = subprocess.run(command, cwd=HOME, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    card = load_bundle(tmp_path / "bundle").card
    assert (card.members, card.parity_frames) == (2, "repeated")
    assert card.parity["largest"] < 1e-4


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
    assert fit(corpora, cache, run, "--members", "2") == 130
    assert "carries on from here" in capsys.readouterr().err
    assert not RunFolder(run).finished
    first = (run / "member_0.keras").stat().st_mtime_ns
    monkeypatch.setattr(ensemble, "fit_member", real)
    assert fit(corpora, cache, run, "--members", "2") == 0
    assert RunFolder(run).finished
    assert (run / "member_0.keras").stat().st_mtime_ns == first
    capsys.readouterr()
    assert fit(corpora, cache, run, "--members", "2", "--epochs", "3", "--seed", "4") == 2
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
        (["--crop-s", "0.4"], "crop_s must be longer than warmup_s"),
    ],
)
def test_bad_options_are_one_sentence(
    corpora: Path, cache: Path, tmp_path: Path, more: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fit(corpora, cache, tmp_path / "run", *more) == 2
    error = capsys.readouterr().err
    assert sentence in error
    assert error.count("\n") == 1


def test_evaluate_wants_a_run(corpora: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(tmp_path), "--corpora", str(corpora)]) == 2
    assert "recipe.json is missing" in capsys.readouterr().err


def test_help_tells_every_option_with_its_default(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("fit", "evaluate", "tune"):
        with pytest.raises(SystemExit) as caught:
            main([command, "--help"])
        assert caught.value.code == 0
    text = " ".join(capsys.readouterr().out.split())
    for word in ("--rating-weight", "(default: 0.3)", "--tag-ratings", "--protocol", "--trials", "STUDY"):
        assert word in text


def test_folders_of_this_machine_stay_out_of_the_record() -> None:
    told = command_of(["fit", "--out", "/home/me/runs/mine", "--epochs", "2"])
    assert told == "python -m trainer fit --out mine --epochs 2"
