"""The gate: every way of storing runs everywhere, the smallest that holds ships, and what doesn't hold is told."""

from pathlib import Path
from typing import Any

import keras
import msgspec
import numpy as np
import pytest

from convert import gate
from convert.__main__ import main
from convert.anatomy import arena_bytes, operators
from convert.calibration import samples_of
from convert.graph import build_graph
from convert.play import Player
from convert.reference import reference
from convert.tflite import QUANTIZATIONS, to_tflite
from device.emotion.bundle import load_bundle
from device.emotion.card import Card, Trial
from device.emotion.self_test import self_test
from device.errors import InputError
from tests.convert.proofs import UNITS, converted, ensemble, real_frames, write_proof
from tests.convert.small_models import WIDTH, small_model, write_run


@pytest.fixture(scope="module", name="frames")
def _frames() -> np.ndarray:
    return real_frames()


@pytest.fixture(scope="module", name="run")
def _run(tmp_path_factory: pytest.TempPathFactory, frames: np.ndarray) -> Path:
    run = write_run(tmp_path_factory.mktemp("gate") / "run", ensemble(), frames)
    write_proof(run)
    return run


def test_auto_ships_the_smallest_that_holds(run: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    card, said = converted(run, tmp_path / "out", capfd)
    assert [trial.quantization for trial in card.gate] == list(QUANTIZATIONS)
    for trial in card.gate:
        assert trial.verdict in ("holds", "ships"), trial
        assert len(trial.curve) > 20
        assert trial.step_us > 0
        # By Keras the networks' own answers are right every time.
        assert set(trial.scores) == {"songs_f1", "songs_f1_signs", "films_r2_valence", "films_r2_energy"}
        losses = {key: card.gate[0].scores[key] - value for key, value in trial.scores.items()}
        assert trial.f1_loss == pytest.approx(max(losses["songs_f1"], losses["songs_f1_signs"]), abs=1e-4)
        assert trial.r2_loss == pytest.approx(1 - min(v for k, v in trial.scores.items() if "_r2_" in k), abs=1e-4)
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
    frames = frames[:400]
    still = np.concatenate([frames, np.repeat(frames[-1:], 300, axis=0)])
    got = Player(graph, model, None).process(still)["va"]
    expected = reference(members, None)(still)["va"]
    error = np.abs(got - expected)
    assert error.max() < {"float32": 1e-5, "float16": 1e-2}.get(quantization, 0.15)
    if quantization != "float32":
        assert error.max() > 1e-6
        assert len(model) < len(exact)
    assert error[-1].max() <= error[: len(frames)].max()


def _slow(slowness: float) -> keras.Model:
    """With a larger bias of the update gate: it remembers for long, and moves in small steps."""
    model = small_model("gru", "forked", 1, UNITS, seed=5)
    for layer in model.layers:
        if isinstance(layer, keras.layers.GRU):
            kernel, recurrent, bias = layer.get_weights()
            bias[:, :UNITS] += slowness
            layer.set_weights([kernel, recurrent, bias])
    return model


def test_an_int8_state_sticks_and_is_found(frames: np.ndarray) -> None:
    """What the whole exercise is about: round the state to int8 at every step, and the gate says no."""
    slow = _slow(4.0)
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

    played = gate.rehearsal_of(frames, reference([slow], None), 0.4, real=True)
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
    card, said = converted(run, tmp_path / "out", capfd)
    assert card.quantization != "dynamic"
    (trial,) = (trial for trial in card.gate if trial.quantization == "dynamic")
    assert trial.verdict.startswith("drifts: its error grows")
    assert trial.growth > 2
    assert trial.scores == {}  # not worth the folds
    (line,) = (line for line in said.splitlines() if line.startswith("dynamic"))
    assert "█  drifts: its error grows" in line


def test_without_recorded_frames_nothing_is_calibrated(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run = write_run(tmp_path / "run", [small_model(units=UNITS)])
    card, said = converted(run, tmp_path / "out", capfd)
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


def test_the_card_of_a_gate_survives_its_seal(run: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    card, _ = converted(run, tmp_path / "out", capfd, "--quantize", "float16")
    assert msgspec.json.decode(msgspec.json.encode(card), type=Card) == card
    assert card.quantization == "float16"


OFF = np.float32(0.003)


def test_the_worst_of_all_runtimes_counts(
    run: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = gate.output_here
    for runtimes in (["ai_edge_litert", "other"], ["other", "ai_edge_litert"]):
        monkeypatch.setattr(gate, "installed_runtimes", lambda runtimes=runtimes: runtimes)
        monkeypatch.setattr(gate, "runtime_label", str)
        monkeypatch.setattr(gate, "output_elsewhere", lambda bundle, frames, _: real(bundle, frames) + OFF)
        card, _ = converted(run, tmp_path / "out", capfd, "--quantize", "float16")
        assert card.parity["largest"] > 0.003
        assert card.runtimes == tuple(runtimes)


def _trial(**fields: Any) -> Trial:
    good = {"model_bytes": 9, "arena_bytes": 9, "step_us": 1.0, "largest": 0.0, "rms": 0.0, "growth": 1.0, "rest": 1.0}
    return Trial(**{"quantization": "int8", "curve": (0.0,), "verdict": "holds"} | good | fields)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"largest": 0.11}, "differs from Keras"),
        ({"rms": 0.021}, "(RMS)"),
        ({"growth": 1.3}, "drifts"),
        ({"rest": 2.6}, "sticks"),
        ({"quantization": "float16", "largest": 0.021}, "differs from Keras"),
        ({"quantization": "float32", "largest": 2e-4}, "differs from Keras"),
        ({"largest": float("nan")}, "differs from Keras"),
        ({"rest": float("nan")}, "sticks"),
    ],
)
def test_what_does_not_hold(fields: dict[str, Any], why: str) -> None:
    assert gate.judged(_trial(), {}, {}).verdict == "holds"
    assert why in gate.judged(_trial(**fields), {}, {}).verdict


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ({"x_f1": 0.6}, {"x_f1": 0.5951}, "holds"),
        ({"x_f1": 0.6}, {"x_f1": 0.5949}, "of F1"),
        ({"x_f1": 0.6, "x_f1_signs": 0.6}, {"x_f1": 0.6, "x_f1_signs": 0.59}, "of F1"),
        ({"x_r2_valence": 0.6}, {"x_r2_valence": 0.5901}, "holds"),
        ({"x_r2_valence": 0.6}, {"x_r2_valence": 0.5899}, "of R²"),
        ({"x_f1": 0.6}, {"x_f1": float("nan")}, "of F1"),
        ({"x_r2_valence": float("nan")}, {"x_r2_valence": 0.6}, "of R²"),
    ],
)
def test_what_is_lost(before: dict[str, float], after: dict[str, float], why: str) -> None:
    assert why in gate.judged(_trial(), before, after).verdict


@pytest.mark.parametrize(("slowness", "why"), [(5.0, "int8: drifts"), (3.0, "int8: sticks")])
def test_a_network_that_int8_carries_away_is_refused(
    frames: np.ndarray, tmp_path: Path, capfd: pytest.CaptureFixture[str], slowness: float, why: str
) -> None:
    """Rounding the state where it is multiplied: small each time, but these remember for long."""
    run = write_run(tmp_path / "run", [_slow(slowness)], frames)
    assert main([str(run), "--out", str(tmp_path / "out"), "--quantize", "int8"]) == 2
    assert why in capfd.readouterr().err
    assert not (tmp_path / "out").exists()


def test_music_that_is_too_short_is_told_on_the_card(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run = write_run(tmp_path / "run", [small_model()], np.ones((50, WIDTH), np.float32))
    card, _ = converted(run, tmp_path / "out", capfd, "--quantize", "float32")
    assert card.parity_frames == "repeated"
    assert any("not checked on ten minutes" in limit for limit in card.limits)
