"""Held-out clips: whose they are, what is wrong with them, and what a conversion loses on them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import f1_score

from convert import recheck
from convert.__main__ import main
from convert.play import Player
from convert.reference import reference
from tests.convert.proofs import converted, ensemble, real_frames, write_proof
from tests.convert.small_models import WIDTH, write_run


@pytest.fixture(scope="module", name="frames")
def _frames() -> np.ndarray:
    return real_frames()


@pytest.fixture(scope="module", name="run")
def _run(tmp_path_factory: pytest.TempPathFactory, frames: np.ndarray) -> Path:
    run = write_run(tmp_path_factory.mktemp("gate") / "run", ensemble(), frames)
    write_proof(run)
    return run


_ALTERED: dict[str, Callable[[Any], Any]] = {
    "members": lambda content: content["folds"][0]["networks"].pop(),
    "one fold": lambda content: content["folds"].pop(),
    "no folds": lambda content: content["folds"].clear(),
    "no scores": lambda content: content["scores"].clear(),
    "other scores": lambda content: content["scores"].update(films_r2_energy=0.9),
    "other recipe": lambda content: content["recipe"].update(epochs=7),
    "negative warm-up": lambda content: content.update(warmup_steps=-3),
}


def _spoil(run: Path, tmp_path: Path) -> Path:
    """A copy of the run."""
    import shutil

    shutil.copytree(run, tmp_path / "run")
    return tmp_path / "run"


@pytest.mark.parametrize(
    "trouble",
    ["missing network", "truncated network", "damaged clips", "nan", "short", "json", *_ALTERED],
)
def test_a_damaged_proof_is_told(run: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], trouble: str) -> None:
    run = _spoil(run, tmp_path)
    proof = run / "proof"
    network, clips = proof / "artist_2_fold_1_member_0.keras", proof / "artist_2_fold_1.npz"
    if trouble == "missing network":
        network.unlink()
    elif trouble == "truncated network":
        network.write_bytes(network.read_bytes()[:-100])
    elif trouble == "damaged clips":
        clips.write_bytes(b"PK")
    elif trouble == "nan":
        rows = dict(np.load(clips))
        rows["frames"][3, 3] = np.nan
        np.savez(clips, **rows)
    elif trouble == "short":
        rows = dict(np.load(clips))
        np.savez(clips, **rows | {"quadrant": rows["quadrant"][1:]})
    elif trouble in _ALTERED:
        content = json.loads((proof / "proof.json").read_text())
        _ALTERED[trouble](content)
        (proof / "proof.json").write_text(json.dumps(content))
    else:
        (proof / "proof.json").write_text("{")
    assert main([str(run), "--out", str(tmp_path / "out"), "--quantize", "float32"]) == 2
    told = capfd.readouterr().err.strip().splitlines()[-1]
    assert told.startswith("lampyris: ")
    assert "proof" in told
    assert not (tmp_path / "out").exists()


def test_scores_are_those_of_sklearn_over_all_folds(run: Path) -> None:
    from convert.heldout import answers, read_folds, read_proof, scores
    from convert.members import load_member
    from convert.run import read_run

    opened = read_run(run)
    proof = read_proof(opened)
    assert proof is not None
    folds = list(read_folds(opened, proof))
    told = []
    for fold in folds:
        members = [load_member(path, WIDTH) for path in fold.networks]
        told.append(answers(reference(members, None, ("quadrant", "ratings")), fold, proof.warmup_steps))
    truth = np.concatenate([fold.quadrant for fold in folds])
    known = truth >= 0
    # A quadrant that nobody has and nobody tells counts as 0.
    right = {"songs_f1": len(set(truth[known])) / 4, "films_r2_valence": 1.0, "films_r2_energy": 1.0}
    found = scores(folds, told, 2)
    assert found.pop("songs_f1_signs") <= 1.0
    assert found == pytest.approx(right, abs=1e-6)
    # Turned round, every clip is wrong in its own way.
    turned = [own | {"quadrant": np.roll(own["quadrant"].reshape(-1, 2, 4), 1, axis=2).reshape(-1, 8)} for own in told]
    expected = f1_score(truth[known], (truth[known] + 1) % 4, labels=range(4), average="macro", zero_division=0)
    assert scores(folds, turned, 2)["songs_f1"] == pytest.approx(expected)
    # Without a head for quadrants the signs of the emotion tell them.
    signs = [{"va": own["va"]} for own in told]
    found = scores(folds, signs, 2)
    assert set(found) == {"songs_f1", "songs_f1_signs"}
    assert found["songs_f1"] == found["songs_f1_signs"]


def test_ranges_are_measured_on_clips_that_the_fold_has_trained_on(
    run: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what is scored is what the converted model says, not what Keras does."""
    calibrated: list[np.ndarray] = []
    played: list[np.ndarray] = []
    real = recheck.samples_of

    def samples(graph: Any, exact: bytes, frames: np.ndarray, window: Any) -> Any:
        calibrated.append(frames)
        return real(graph, exact, frames, window)

    class Spy(Player):
        def process(self, frames: np.ndarray) -> Any:
            played.append(frames)
            return super().process(frames)

    monkeypatch.setattr(recheck, "samples_of", samples)
    monkeypatch.setattr(recheck, "Player", Spy)
    converted(run, tmp_path / "out", capfd, "--quantize", "int8")
    clips = [np.load(run / "proof" / f"artist_2_fold_{fold}.npz")["frames"] for fold in range(2)]
    assert len(calibrated) == 2
    for fold in range(2):
        np.testing.assert_array_equal(calibrated[fold], clips[1 - fold])
    np.testing.assert_array_equal(np.concatenate(played), np.concatenate(clips))


@pytest.mark.parametrize(("score", "why"), [("songs_f1", "of F1"), ("films_r2_energy", "of R²")])
def test_a_way_that_loses_on_held_out_clips_is_refused(
    run: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, score: str, why: str
) -> None:
    real = recheck.scores
    calls = []

    def lossy(*arguments: Any) -> dict[str, float]:
        calls.append(arguments)
        found = real(*arguments)
        return found if len(calls) == 1 else found | {score: found[score] - 0.02}

    monkeypatch.setattr(recheck, "scores", lossy)
    assert main([str(run), "--out", str(tmp_path / "out"), "--quantize", "dynamic"]) == 2
    told = capfd.readouterr().err.strip().splitlines()[-1]
    assert "No way of storing the model holds" in told
    assert "dynamic: loses 0.02" in told
    assert why in told
    assert not (tmp_path / "out").exists()
