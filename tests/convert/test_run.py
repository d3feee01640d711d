"""Reading a run folder, all but its models. No TensorFlow."""

import io
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from convert.describe import describe, known_limits
from convert.run import Run, read_run
from device.emotion.card import Tensor
from device.errors import InputError
from device.features.spec import FeatureSpec

SPEC = FeatureSpec()
WIDTH = 2 * SPEC.width
INFO: dict[str, Any] = {
    "format": 1,
    "name": "first",
    "features": msgspec.to_builtins(SPEC),
    "pool_hops": 4,
    "model": {"kind": "parallel"},
    "members": 2,
    "corpora": [{"name": "songs", "clips": 900, "seconds": 27000, "licence": "research use"}],
    "seed": 3,
    "epochs": 40,
    "date": "2025-02-03T04:05:06",
    "commit": "abc",
    "command": "python -m trainer fit",
}


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    (tmp_path / "run.json").write_bytes(msgspec.json.encode(INFO))
    for i in range(2):
        with zipfile.ZipFile(tmp_path / f"member_{i}.keras", "w") as archive:
            archive.writestr("model.weights.h5", bytes(range(256)) * 4)
            archive.writestr("config.json", "{}", zipfile.ZIP_DEFLATED)
    return tmp_path


def _refusal(folder: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_run(folder)
    return str(caught.value)


def test_reads(folder: Path) -> None:
    run = read_run(folder)
    assert run.width == WIDTH
    assert run.step_s == pytest.approx(0.2)
    assert [path.name for path in run.member_files] == ["member_0.keras", "member_1.keras"]
    assert run.frames is None
    assert run.scores.scores == {}


def test_no_run(tmp_path: Path) -> None:
    assert "no trained run" in _refusal(tmp_path)
    assert "no trained run" in _refusal(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "change",
    [{"format": 2}, {"members": 0}, {"pool_hops": "four"}, {"corpora": [{"name": "songs"}]}, {"seed": None}],
)
def test_run_json_that_the_trainer_would_not_write(folder: Path, change: dict[str, Any]) -> None:
    (folder / "run.json").write_bytes(msgspec.json.encode(INFO | change))
    assert "run.json is not as the trainer writes it" in _refusal(folder)


def test_damaged_json(folder: Path) -> None:
    whole = (folder / "run.json").read_bytes()
    (folder / "run.json").write_bytes(whole[:-10])
    assert "run.json" in _refusal(folder)
    (folder / "run.json").write_bytes(whole)
    (folder / "scores.json").write_text('{"protocol": {}, "scores": {"f1": NaN}}')
    assert "scores.json" in _refusal(folder)


def test_missing_member(folder: Path) -> None:
    (folder / "member_1.keras").unlink()
    assert "member_1.keras is missing" in _refusal(folder)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_truncated_member(folder: Path, data: Any) -> None:
    path = folder / "member_0.keras"
    good = path.read_bytes()
    path.write_bytes(good[: data.draw(st.integers(0, len(good) - 1))])
    try:
        assert "member_0.keras is truncated or damaged" in _refusal(folder)
    finally:
        path.write_bytes(good)


def test_damaged_weights(folder: Path) -> None:
    path = folder / "member_0.keras"
    bad = bytearray(path.read_bytes())
    bad[200] ^= 1
    path.write_bytes(bad)
    assert "member_0.keras is damaged" in _refusal(folder)


def _npz(**arrays: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def test_frames(folder: Path) -> None:
    path = folder / "frames.npz"
    frames = np.ones((10, WIDTH), np.float32)
    path.write_bytes(_npz(frames=frames))
    run = read_run(folder)
    assert run.frames is not None
    assert (run.frames == frames).all()
    broken = frames.copy()
    broken[3, 3] = np.nan
    for content, why in [
        (b"", "damaged"),
        (_npz(frames=frames)[:200], "damaged"),
        (_npz(other=frames), "holds no frames"),
        (_npz(frames=frames[:, 1:]), "must hold"),
        (_npz(frames=frames.astype(np.float64)), "must hold"),
        (_npz(frames=frames[0]), "must hold"),
        (_npz(frames=broken), "not finite"),
    ]:
        path.write_bytes(content)
        assert why in _refusal(folder)


def test_card_of_a_run(folder: Path) -> None:
    run = read_run(folder)
    tensors = (Tensor("frame", (1, WIDTH)), Tensor("state", (1, 12))), (Tensor("va", (1, 2)), Tensor("state", (1, 12)))
    graph = SimpleNamespace(kind="step", state_sizes=(4, 8), inputs=tensors[0], outputs=tensors[1])
    card = describe(run, "mine", graph, None)  # type: ignore[arg-type]
    assert (card.name, card.version, card.kind, card.state_size) == ("mine", "2025.02.03", "step", 12)
    assert (card.inputs, card.outputs) == tensors
    assert card.fingerprint == SPEC.fingerprint
    assert card.corpora[0].seconds == 27000
    assert (card.commit, card.command, card.seed) == ("abc", "python -m trainer fit", 3)


def test_limits_follow_from_the_run(folder: Path) -> None:
    run = read_run(folder)
    limits = " ".join(known_limits(run))
    assert "900 clips of songs" in limits
    assert "Not evaluated" in limits
    assert "research only" in limits
    scored = msgspec.structs.replace(run.scores, scores={"soundtracks_r2_energy": 0.6, "soundtracks_r2_valence": 0.3})
    limits = " ".join(known_limits(Run(run.folder, run.info, scored, None)))
    assert "Not evaluated" not in limits
    assert "Valence (R² 0.30) is told less well than arousal (R² 0.60)" in limits
