"""A run becomes a bundle that equals Keras over 5 minutes, or nothing is written."""

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from convert import gate
from convert.__main__ import main
from convert.frames import wandering_frames
from convert.graph import build_graph
from convert.pipeline import convert
from convert.prove import output_here
from convert.reference import reference
from convert.tflite import to_tflite
from device.emotion.bundle import load_bundle
from device.emotion.runner import Runner
from device.errors import InputError
from device.features.extractor import extract
from device.features.pooling import Pool
from device.features.spec import FeatureSpec
from device.hearing.condition import Conditioner
from hardware.file_microphone import FileMicrophone
from tests.convert.small_models import POOL_HOPS, SPEC, WIDTH, small_model, wrap, write_run

DEMO = Path(__file__).parents[2] / "device" / "assets" / "demo.ogg"
CASES: dict[str, tuple[str, list[Any]]] = {
    "one": ("float32", [{"cell": "lstm", "kind": "forked", "layers": 2}]),
    "five": ("float32", [{"cell": "gru", "seed": seed} for seed in range(5)]),
    "unlike": ("float16", [{"cell": "rnn"}, {"cell": "gru", "units": 20, "layers": 2}, {"cell": "lstm"}]),
}


@pytest.fixture(scope="module", name="frames")
def _frames() -> np.ndarray:
    """Five minutes of 50 ms frames."""
    scale = np.full(SPEC.width, 2.0, np.float32)
    return wandering_frames(6000, 0 * scale, scale, seed=3)


@pytest.mark.parametrize("case", sorted(CASES))
def test_the_lamp_feels_what_keras_feels(tmp_path: Path, frames: np.ndarray, case: str) -> None:
    quantization, options = CASES[case]
    models = [small_model(**option) for option in options]
    lines: list[str] = []
    run = write_run(tmp_path / "run", models)
    card = convert(run, tmp_path / "out", quantization, "glow", say=lines.append)
    bundle = load_bundle(tmp_path / "out")
    assert bundle.card == card
    assert card.name == "glow"
    assert card.members == len(models)
    assert card.quantization == quantization
    assert card.parity["seconds"] >= 600
    assert card.parity["largest"] <= gate.LARGEST[quantization]
    assert [trial.verdict for trial in card.gate] == ["ships"]
    assert any(label.startswith("ai-edge-litert") for label in card.runtimes)
    assert any("made up" in line for line in lines)

    pooled = Pool(POOL_HOPS, SPEC.width).process(frames)
    expected = reference(models, None)(pooled)["va"].reshape(len(pooled), -1, 2)
    runner = Runner(bundle)
    emotions = [runner.process(frame) for frame in frames][POOL_HOPS - 1 :: POOL_HOPS]
    got = np.array([(e.valence, e.arousal) for e in emotions])
    assert np.abs(got - expected.mean(axis=1)).max() < (1e-4 if quantization == "float32" else 2e-2)


def test_five_minutes_of_music_through_a_network_of_full_size(tmp_path: Path) -> None:
    """The 68 features of the demo piece, at a level that changes, in five networks as large as the study's."""
    spec = FeatureSpec()
    with FileMicrophone(DEMO, 1.0) as microphone:
        conditioner = Conditioner(microphone.rate, microphone.slots, spec.rate)
        blocks = iter(microphone.read, None)
        piece = np.concatenate([conditioner.process(block) for block in blocks])
    levels_db = (0.0, -20.0, 6.0, -35.0)
    frames = extract(np.concatenate([piece * np.float32(10 ** (db / 20)) for db in levels_db]), spec)
    pooled = Pool(POOL_HOPS, spec.width).process(frames)
    scale = {"mean": pooled.mean(axis=0), "deviation": pooled.std(axis=0) + 1e-6}
    models = [small_model(units=30, width=2 * spec.width, seed=seed, **scale) for seed in range(5)]
    run = write_run(tmp_path / "run", models, pooled, spec)
    card = convert(run, tmp_path / "out", "float32", say=lambda _: None)
    assert card.parity_frames == "repeated"
    assert card.parity["seconds"] >= 600
    assert card.parity["largest"] <= 1e-4

    runner = Runner(load_bundle(tmp_path / "out"))
    emotions = [runner.process(frame) for frame in frames][POOL_HOPS - 1 :: POOL_HOPS]
    got = np.array([(e.valence, e.arousal) for e in emotions])
    expected = reference(models, None)(pooled)["va"].reshape(len(pooled), -1, 2).mean(axis=1)
    assert len(frames) * 0.05 >= 300
    assert np.abs(got - expected).max() <= 1e-4
    assert expected.std(axis=0).min() > 0.01  # it moves, so equality says something


def test_uses_the_run_s_frames(tmp_path: Path) -> None:
    few = wandering_frames(100, np.zeros(WIDTH, np.float32), np.ones(WIDTH, np.float32), seed=1)
    lines: list[str] = []
    run = write_run(tmp_path / "run", [small_model()], few)
    card = convert(run, tmp_path / "out", "float32", say=lines.append)
    assert any("repeated" in line for line in lines)
    assert card.parity["seconds"] >= 600


def test_float16_halves_weights_and_leaves_the_normalization(tmp_path: Path) -> None:
    """The converter's own float16 turns factors above 65504 into infinity and features of 1e-9 into 0."""
    scale = 10.0 ** np.linspace(-6, 6, WIDTH)
    model = small_model(units=40, mean=3 * scale, deviation=scale)
    run = write_run(tmp_path / "run", [model])
    half = convert(run, tmp_path / "half", "float16", say=lambda _: None)
    whole = convert(run, tmp_path / "whole", "float32", say=lambda _: None)
    assert half.model_bytes < 0.7 * whole.model_bytes
    assert half.parity["largest"] < 5e-3
    assert whole.parity["largest"] < 1e-5
    assert half.parity["largest"] > whole.parity["largest"]


def test_float16_refuses_weights_beyond_it() -> None:
    model = small_model(units=40)
    model.trainable_weights[0].assign(1e5 * np.ones(model.trainable_weights[0].shape))
    with pytest.raises(InputError, match="too large for float16"):
        to_tflite(build_graph([model], WIDTH), "float16")


def test_a_model_that_differs_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = gate.output_here
    monkeypatch.setattr(gate, "output_here", lambda *args: real(*args) + np.float32(2e-4))
    with pytest.raises(InputError, match=r"No way of storing the model holds.*float32: differs from Keras by 0\.0002"):
        convert(write_run(tmp_path / "run", [small_model()]), tmp_path / "out", "float32", say=lambda _: None)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_output_is_from_a_fresh_start_each_time(tmp_path: Path) -> None:
    convert(write_run(tmp_path / "run", [small_model()]), tmp_path / "out", "float32", say=lambda _: None)
    bundle = load_bundle(tmp_path / "out")
    frames = np.ones((20, WIDTH), np.float32)
    assert (output_here(bundle, frames) == output_here(bundle, frames)).all()


def _refusal(capfd: pytest.CaptureFixture[str], *arguments: object) -> str:
    capfd.readouterr()
    assert main([str(argument) for argument in arguments]) == 2
    last = capfd.readouterr().err.strip().splitlines()[-1]
    assert last.startswith("lampyris: ")
    assert last.endswith(".")
    return last


def test_command_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run = write_run(tmp_path / "run", [small_model()])
    assert main([str(run), "--out", str(tmp_path / "out"), "--name", "mine"]) == 0
    assert load_bundle(tmp_path / "out").card.name == "mine"
    said = capfd.readouterr().out
    for stage in ("run", "frames", "folds", "float32", "int8", "proved", "bundle"):
        assert f"\n{stage} " in f"\n{said}"


def test_bad_runs(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert "no trained run" in _refusal(capfd, tmp_path / "nowhere", "--out", out)

    run = write_run(tmp_path / "run", [small_model(), small_model(seed=1)])
    member = run / "member_1.keras"
    good = member.read_bytes()
    for size in (0, 10, len(good) // 2, len(good) - 1):
        member.write_bytes(good[:size])
        assert "member_1.keras is truncated or damaged" in _refusal(capfd, run, "--out", out)
    member.unlink()
    assert "member_1.keras is missing" in _refusal(capfd, run, "--out", out)

    small_model(width=WIDTH + 2).save(member)
    assert f"the run's features give [batch, time, {WIDTH}]" in _refusal(capfd, run, "--out", out)
    wrap(lambda x: layers.GRU(3, return_sequences=True)(x)).save(member)
    assert "must give [batch, time, 2]" in _refusal(capfd, run, "--out", out)
    wrap(lambda x: layers.Bidirectional(layers.GRU(1, return_sequences=True), name="both")(x)).save(member)
    assert "Layer 'both' (Bidirectional) looks at the future" in _refusal(capfd, run, "--out", out)
    assert not out.exists()


def test_a_model_without_memory_is_refused() -> None:
    with pytest.raises(InputError, match="nothing to remember"):
        build_graph([wrap(lambda x: layers.Dense(2)(x))], WIDTH)


def test_a_layer_that_this_keras_does_not_know(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    class Homemade(layers.Layer):
        def call(self, x: Any) -> Any:
            return 2 * x

    run = write_run(tmp_path / "run", [wrap(lambda x: layers.Dense(2)(Homemade()(x)))])
    assert "cannot be read by Keras" in _refusal(capfd, run, "--out", tmp_path / "out")


def test_scores_and_limits_stand_on_the_card(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", [small_model()])
    scores = {"soundtracks_r2_energy": 0.7, "soundtracks_r2_valence": 0.4, "4qaed_f1_artist": 1}
    origin = {"command": "python -m trainer evaluate run", "seed": 1, "date": "2026-11-20"}
    (run / "scores.json").write_text(json.dumps({"protocol": {"folds": 10}, "scores": scores, **origin}))
    card = convert(run, tmp_path / "out", "float32", say=lambda _: None)
    assert card.scores == scores
    assert card.protocol == {"folds": 10, **origin}
    assert any("Valence (R² 0.40)" in limit for limit in card.limits)
    assert not any("Not evaluated" in limit for limit in card.limits)


def test_keras_is_what_we_think_it_is() -> None:
    """The step form walks a functional model by a method that Keras keeps to itself."""
    model = wrap(lambda x: keras.ops.tanh(x))
    assert type(model).__name__ == "Functional"
    assert [type(operation).__name__ for operation in model.operations] == ["InputLayer", "Tanh"]
    assert hasattr(model, "_run_through_graph")
