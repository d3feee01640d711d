"""A bundle proved in a process of its own, in every runtime that is here. No TensorFlow in this one."""

import sys
from pathlib import Path

import numpy as np
import pytest

from convert import prove
from convert.__main__ import main
from convert.prove import output_elsewhere
from device.emotion.bundle import Bundle, load_bundle
from device.emotion.runtime import installed_runtimes
from device.errors import InputError
from device.features.pooling import Pool

GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.fixture(scope="module", name="bundle")
def _bundle() -> Bundle:
    return load_bundle(GOLDEN / "tiny_bundle")


@pytest.mark.parametrize("runtime", installed_runtimes())
def test_every_runtime_equals_keras(bundle: Bundle, runtime: str) -> None:
    with np.load(GOLDEN / "tiny_bundle.npz") as file:
        frames, va = file["frames"].astype(np.float32), file["va"]
    pooled = Pool(bundle.card.pool_hops, bundle.card.features.width).process(frames)
    assert np.abs(output_elsewhere(bundle, pooled, runtime) - va).max() < 1e-4


def test_a_process_that_dies_is_told(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Bundle(bundle.card, b"not a model")
    with pytest.raises(InputError, match="cannot load the model"):
        output_elsewhere(broken, np.zeros((1, 8), np.float32), installed_runtimes()[0])
    monkeypatch.setattr(prove.sys, "executable", "/bin/false")
    with pytest.raises(InputError, match="exit code 1"):
        output_elsewhere(bundle, np.zeros((1, 8), np.float32), installed_runtimes()[0])


def test_help_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    text = capsys.readouterr().out
    for word in ("float16", "int16x8", "--window", "drift", "model.tflite", "card.json", "example", "--out"):
        assert word in text


def test_a_missing_run_is_told_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "nowhere"), "--out", str(tmp_path / "out")]) == 2
    assert "is no trained run" in capsys.readouterr().err
    assert "tensorflow" not in sys.modules
