"""Of a trained model with several outputs the lamp takes the emotion, whatever backend it was trained on."""

import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from convert.__main__ import main
from convert.graph import heads
from convert.members import load_members
from convert.pipeline import convert
from convert.prove import output_here
from convert.run import read_run
from device.emotion.bundle import load_bundle
from device.errors import InputError
from tests.convert.small_models import WIDTH, small_model, three_headed, wrap, write_run

HOME = Path(__file__).parents[2]

TRAINED_WITH_JAX = f"""
import sys
import numpy as np
from trainer.backend import use_jax
use_jax()
import keras
from tests.convert.small_models import randomized, write_run
from trainer.models.recurrent import build
from trainer.recipe import ModelOptions
from pathlib import Path

assert keras.backend.backend() == "jax"
folder = Path(sys.argv[1])
mean, deviation = np.linspace(-1, 1, {WIDTH}, dtype=np.float32), np.linspace(0.5, 2, {WIDTH}, dtype=np.float32)
frames = 2 * np.random.default_rng(0).standard_normal((40, {WIDTH})).astype(np.float32)
told = []
for kind in ("parallel", "forked"):
    for cell in ("gru", "lstm", "rnn"):
        options = ModelOptions(kind=kind, cell=cell, units=4, dense=(5, 3), sound=kind == "forked")
        model = build(options, mean, deviation, seed=3)
        told.append((model, np.asarray(model(frames[None], training=False)[0])[0]))
write_run(folder, [model for model, _ in told])
np.savez(folder / "said.npz", frames=frames, emotion=np.stack([emotion for _, emotion in told], axis=1))
"""


def _refusal(folder: Path) -> str:
    with pytest.raises(InputError) as caught:
        load_members(read_run(folder))
    return str(caught.value)


@pytest.mark.parametrize("kind", ["parallel", "forked"])
def test_the_output_named_emotion_is_taken(tmp_path: Path, kind: str) -> None:
    models = [three_headed(kind=kind), three_headed(kind=kind, sound=True, seed=1), small_model(seed=2)]
    members = heads(load_members(read_run(write_run(tmp_path / "run", models))), ())
    frames = np.random.default_rng(0).standard_normal((1, 9, WIDTH)).astype(np.float32)
    for model, member in zip(models, members, strict=True):
        assert len(member.inputs) == len(member.outputs) == 1
        told = model(frames, training=False)
        expected = told[0] if isinstance(told, list) else told
        np.testing.assert_array_equal(np.asarray(member(frames, training=False)), np.asarray(expected))
    # What only the sounds' head needs must not cost the lamp anything.
    assert not [layer.name for layer in members[1].layers if "sound" in layer.name]


def test_any_order_of_the_outputs_will_do(tmp_path: Path) -> None:
    model = three_headed()
    turned = keras.Model(model.inputs[0], model.outputs[::-1])
    (member,) = heads(load_members(read_run(write_run(tmp_path / "run", [turned]))), ())
    frames = np.random.default_rng(0).standard_normal((1, 9, WIDTH)).astype(np.float32)
    np.testing.assert_array_equal(np.asarray(member(frames)), np.asarray(model(frames)[0]))


def test_several_outputs_without_an_emotion_are_refused(tmp_path: Path) -> None:
    model = three_headed()
    without = keras.Model(model.inputs[0], model.outputs[1:])
    told = _refusal(write_run(tmp_path / "run", [without]))
    assert "has the outputs quadrant, ratings, but none named emotion." in told


def test_other_shapes_are_refused(tmp_path: Path) -> None:
    # Of the right name, but of another width than (valence, arousal).
    odd = wrap(lambda x: [keras.layers.Dense(3, name="emotion")(x), keras.layers.Dense(4, name="quadrant")(x)])
    assert "must give [batch, time, 2]" in _refusal(write_run(tmp_path / "odd", [odd]))
    assert f"[batch, time, {WIDTH}]" in _refusal(write_run(tmp_path / "wide", [three_headed(width=WIDTH + 2)]))
    inputs = [keras.Input((None, WIDTH)), keras.Input((None, WIDTH))]
    two = keras.Model(inputs, keras.layers.Dense(2)(keras.layers.Add()(inputs)))
    assert "must have one input, not 2" in _refusal(write_run(tmp_path / "two", [two]))


def test_what_was_trained_with_jax_is_felt_alike(tmp_path: Path) -> None:
    """Both kinds and all cells in one bundle: the lamp's step for step answer is that of JAX over the whole."""
    run = tmp_path / "run"
    command = [sys.executable, "-c", TRAINED_WITH_JAX, str(run)]
    done = subprocess.run(command, cwd=HOME, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    card = convert(run, tmp_path / "out", "float32", say=lambda _: None)
    assert card.members == 6
    # Units of one layer or two, twice for an LSTM.
    assert card.state_size == 4 * (2 * (1 + 2 + 1) + (1 + 2 + 1))
    with np.load(run / "said.npz") as said:
        frames, expected = said["frames"], said["emotion"]
    got = output_here(load_bundle(tmp_path / "out"), frames).reshape(len(frames), 6, 2)
    np.testing.assert_allclose(got, expected, atol=1e-4)
    assert expected.std(axis=0).min() > 1e-3


def test_convert_refuses_another_backend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = write_run(tmp_path / "run", [small_model()])
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    assert main([str(run), "--out", str(tmp_path / "out")]) == 2
    told = capsys.readouterr().err
    assert "Keras runs on jax already" in told
    assert told.count("\n") == 1
    assert not (tmp_path / "out").exists()
