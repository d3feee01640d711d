"""The gate: every way of storing runs everywhere, the smallest that holds ships, and what doesn't hold is told."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import msgspec
import numpy as np
import pytest
from sklearn.metrics import f1_score

from convert import gate, recheck
from convert.__main__ import main
from convert.anatomy import arena_bytes, operators
from convert.calibration import samples_of
from convert.frames import wandering_frames
from convert.graph import build_graph
from convert.play import Player
from convert.reference import reference
from convert.tflite import QUANTIZATIONS, to_tflite
from device.emotion.bundle import load_bundle
from device.emotion.card import Card
from device.emotion.self_test import self_test
from device.errors import InputError
from tests.convert.small_models import WIDTH, small_model, three_headed, write_run

UNITS = 40
STEPS = 40
"""Of a held-out clip."""


@pytest.fixture(scope="module", name="frames")
def _frames() -> np.ndarray:
    return wandering_frames(400, np.zeros(WIDTH, np.float32), np.ones(WIDTH, np.float32), seed=1)


def _proof(run: Path, networks: Callable[[int], list[keras.Model]], folds: int = 2, clips: int = 12) -> None:
    """Held-out clips as the trainer leaves them, whose labels are what the networks themselves say, more or less."""
    folder = run / "proof"
    folder.mkdir()
    rng = np.random.default_rng(0)
    listed = []
    for fold in range(folds):
        members = networks(fold)
        names = [f"artist_{folds}_fold_{fold}_member_{i}.keras" for i in range(len(members))]
        for name, member in zip(names, members, strict=True):
            member.save(folder / name)
        frames = rng.standard_normal((clips, STEPS, WIDTH)).astype(np.float32)
        told = np.mean([keras.tree.map_structure(np.asarray, m(frames)[1]) for m in members], axis=0)
        rated = np.mean([np.asarray(m(frames)[2]) for m in members], axis=0)[:, 5:].mean(axis=1)[:, :2]
        known = np.arange(clips) % 2 == 0
        np.savez(
            folder / f"artist_{folds}_fold_{fold}.npz",
            frames=frames.reshape(-1, WIDTH),
            starts=STEPS * np.arange(clips + 1),
            corpus=np.where(known, "songs", "films"),
            quadrant=np.where(known, told[:, 5:].mean(axis=1).argmax(axis=1), -1),
            ratings=np.where(known[:, None], np.nan, 2 * rated + 1).astype(np.float32),
            offset=np.ones((clips, 2), np.float32),
            spread=np.full((clips, 2), 2.0, np.float32),
        )
        listed.append({"held_out": f"artist_{folds}_fold_{fold}.npz", "networks": names})
    proof = {"protocol": "artist", "warmup_steps": 5, "folds": listed}
    (folder / "proof.json").write_text(json.dumps(proof))


def _ensemble(fold: int = 9) -> list[keras.Model]:
    return [three_headed(units=UNITS, seed=10 * fold + i) for i in range(2)]


@pytest.fixture(scope="module", name="run")
def _run(tmp_path_factory: pytest.TempPathFactory, frames: np.ndarray) -> Path:
    run = write_run(tmp_path_factory.mktemp("gate") / "run", _ensemble(), frames)
    _proof(run, _ensemble)
    return run


def _convert(run: Path, out: Path, capfd: pytest.CaptureFixture[str], *options: str) -> tuple[Card, str]:
    assert main([str(run), "--out", str(out), *options]) == 0
    return load_bundle(out).card, capfd.readouterr().out


def test_auto_ships_the_smallest_that_holds(run: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    card, said = _convert(run, tmp_path / "out", capfd)
    assert [trial.quantization for trial in card.gate] == list(QUANTIZATIONS)
    for trial in card.gate:
        assert trial.verdict in ("holds", "ships"), trial
        assert len(trial.curve) > 20
        assert trial.step_us > 0
        # By Keras the networks' own answers are right every time.
        assert set(trial.scores) == {"songs_f1", "films_r2_valence", "films_r2_energy"}
        assert trial.f1_loss is not None
        assert trial.scores["songs_f1"] + trial.f1_loss == pytest.approx(card.gate[0].scores["songs_f1"], abs=1e-4)
        assert f"\n{trial.quantization} " in said
    ships = [trial for trial in card.gate if trial.verdict == "ships"]
    assert [trial.quantization for trial in ships] == [card.quantization]
    assert ships[0].model_bytes == min(trial.model_bytes for trial in card.gate) == card.model_bytes
    assert card.parity["largest"] == pytest.approx(ships[0].largest, rel=1e-3)
    assert len(card.runtimes) == len(gate.installed_runtimes())
    bundle = load_bundle(tmp_path / "out")
    assert card.operators == operators(bundle.model)
    assert card.operators["FULLY_CONNECTED"] <= 9
    assert card.arena_bytes == arena_bytes(bundle.model)
    assert self_test(bundle) < 1e-3
    assert (tmp_path / "out" / "card.json").stat().st_size < 20_000


def _forgetful(model: keras.Model) -> keras.Model:
    """With one place to come to rest for each input: random networks have several, and rounding picks another one."""
    for weight in model.trainable_weights:
        if "recurrent_kernel" in weight.path:
            weight.assign(0.3 * weight)
    return model


@pytest.mark.parametrize("quantization", QUANTIZATIONS)
@pytest.mark.parametrize("cell", ["gru", "lstm", "rnn"])
def test_every_way_keeps_near_to_keras(quantization: Any, cell: str, frames: np.ndarray) -> None:
    """And the state stays float32: where the input stands still, it comes to rest where Keras' does."""
    members = [_forgetful(small_model(cell, "forked", 2, UNITS, seed=3))]
    graph = build_graph(members, WIDTH)
    exact = to_tflite(graph, "float32")
    samples = samples_of(graph, exact, frames, None)
    assert len(samples) == 300
    model = to_tflite(graph, quantization, samples)
    still = np.concatenate([frames, np.repeat(frames[-1:], 300, axis=0)])
    got = Player(graph, model, None).process(still)["va"]
    expected = reference(members, None)(still)["va"]
    error = np.abs(got - expected)
    assert error.max() < {"float32": 1e-5, "float16": 1e-2}.get(quantization, 0.15)
    if quantization != "float32":
        assert error.max() > 1e-6
        assert len(model) < len(exact)
    assert error[-1].max() <= error[:400].max()


def test_an_int8_state_sticks_and_is_found(frames: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the whole exercise is about: round the state to int8 at every step, and the gate says no."""
    slow = small_model("gru", "forked", 1, UNITS, seed=5)
    for layer in slow.layers:
        if isinstance(layer, keras.layers.GRU):
            kernel, recurrent, bias = layer.get_weights()
            bias[:, :UNITS] += 4.0  # the update gate: remembers for long, moves in small steps
            layer.set_weights([kernel, recurrent, bias])
    graph = build_graph([slow], WIDTH)
    model = to_tflite(graph, "float32")

    class Sticky(Player):
        def _steps(self, frames: np.ndarray) -> Any:
            self._state = np.zeros_like(self._state)
            for frame in frames:
                for name, value in (("frame", frame[None]), ("state", self._state)):
                    self._run.set_tensor(self._inputs[name], value)
                self._run.invoke()
                yield self._state
                self._state = np.round(self._run.get_tensor(self._outputs["state"]) * 127) / np.float32(127)

    played = gate.rehearsal_of(frames, reference([slow], None), 0.4, recorded=True)
    sticky = Sticky(graph, model, None).process(played.frames)["va"]
    drift = gate.measure(played.expected, sticky, played.once, 0.4)
    assert drift.largest > gate.LARGEST["int8"] or drift.rms > gate.RMS["int8"] or drift.growth > gate.MOST_GROWTH
    exact = Player(graph, model, None).process(played.frames)["va"]
    assert gate.measure(played.expected, exact, played.once, 0.4).largest < 1e-5


def test_a_way_that_drifts_is_refused_with_its_curve(
    run: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = gate.output_here

    def drifting(bundle: Any, frames: np.ndarray, runtime: Any = None) -> np.ndarray:
        grows = 2e-2 * np.linspace(0, 1, len(frames), dtype=np.float32)[:, None]
        return real(bundle, frames, runtime) + (grows if bundle.card.quantization == "dynamic" else 0)

    monkeypatch.setattr(gate, "output_here", drifting)
    card, said = _convert(run, tmp_path / "out", capfd)
    assert card.quantization != "dynamic"
    (trial,) = (trial for trial in card.gate if trial.quantization == "dynamic")
    assert trial.verdict.startswith("drifts: its error grows")
    assert trial.growth > 2
    assert trial.scores == {}  # not worth the folds
    (line,) = (line for line in said.splitlines() if line.startswith("dynamic"))
    assert "█  drifts: its error grows" in line


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


def test_without_recorded_frames_nothing_is_calibrated(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run = write_run(tmp_path / "run", [small_model(units=UNITS)])
    card, said = _convert(run, tmp_path / "out", capfd)
    verdicts = {trial.quantization: trial.verdict for trial in card.gate}
    assert "needs real frames" in verdicts["int8"]
    assert "needs real frames" in verdicts["int16x8"]
    assert card.quantization == "dynamic"
    assert "folds    none" in said


def test_samples_that_are_no_numbers_are_refused(frames: np.ndarray) -> None:
    graph = build_graph([small_model()], WIDTH)
    sample = {"frame": frames[:1], "state": np.full((1, graph.state_size), np.nan, np.float32)}
    with pytest.raises(InputError, match="not finite"):
        to_tflite(graph, "int8", [sample])
    with pytest.raises(InputError, match="needs real frames"):
        to_tflite(graph, "int16x8")


def _spoil(run: Path, tmp_path: Path) -> Path:
    """A copy of the run."""
    import shutil

    shutil.copytree(run, tmp_path / "run")
    return tmp_path / "run"


@pytest.mark.parametrize("trouble", ["missing network", "truncated network", "damaged clips", "nan", "members", "json"])
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
    elif trouble == "members":
        content = json.loads((proof / "proof.json").read_text())
        content["folds"][0]["networks"].pop()
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
    assert scores(folds, told, 2) == pytest.approx(right, abs=1e-6)
    # Turned round, every clip is wrong in its own way.
    turned = [own | {"quadrant": np.roll(own["quadrant"].reshape(-1, 2, 4), 1, axis=2).reshape(-1, 8)} for own in told]
    expected = f1_score(truth[known], (truth[known] + 1) % 4, labels=range(4), average="macro", zero_division=0)
    assert scores(folds, turned, 2)["songs_f1"] == pytest.approx(expected)
    # Without a head for quadrants the signs of the emotion tell them.
    signs = [{"va": own["va"]} for own in told]
    assert set(scores(folds, signs, 2)) == {"songs_f1"}


def test_the_card_of_a_gate_survives_its_seal(run: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    card, _ = _convert(run, tmp_path / "out", capfd, "--quantize", "float16")
    assert msgspec.json.decode(msgspec.json.encode(card), type=Card) == card
    assert card.quantization == "float16"
