"""SoundClass: its steps are the network's, and no damaged file gets through."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from device.errors import InputError
from device.hearing.sound_class import LIMIT, SHIPPED, SoundClass, inputs
from tests.ears import SPEC, UNITS, USED, weights, write_ear


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("ear")
    write_ear(place)
    return place


def pooled(count: int, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    level = rng.uniform(-90, -20, (count, SPEC.width))
    return np.concatenate([level, rng.uniform(0, 15, (count, SPEC.width))], axis=1).astype(np.float32)


def whole_sequence(frames: np.ndarray, parts: dict[str, np.ndarray]) -> np.ndarray:
    """The network over [steps, 2 * width] at once, from its definition."""
    x = np.clip((inputs(frames, SPEC.columns, USED) - parts["mean"]) / parts["deviation"], -LIMIT, LIMIT)
    fresh = x.astype(np.float64) @ parts["kernel"] + parts["bias"]
    h, out = np.zeros(UNITS), []
    for row in fresh:
        past = h @ parts["recurrent"] + parts["recurrent_bias"]
        z, r = 1 / (1 + np.exp(-(row + past)[: 2 * UNITS])).reshape(2, UNITS)
        h = z * h + (1 - z) * np.tanh(row[2 * UNITS :] + r * past[2 * UNITS :])
        odds = np.exp(h @ parts["out"] + parts["out_bias"])
        out.append(odds / odds.sum())
    return np.array(out)


def test_steps_are_the_whole_sequence(folder: Path) -> None:
    model, frames = SoundClass(folder), pooled(60)
    np.testing.assert_allclose(
        [model.process(frame) for frame in frames], whole_sequence(frames, weights()), rtol=1e-4, atol=1e-6
    )


def test_reset_gives_a_fresh_start(folder: Path) -> None:
    model, frames = SoundClass(folder), pooled(10)
    first = [model.process(frame) for frame in frames]
    assert not np.array_equal(first[0], model.process(frames[0]))
    model.reset()
    np.testing.assert_array_equal(first, [model.process(frame) for frame in frames])


@given(st.floats(-30, 30))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_level_tells_nothing(folder: Path, gain_db: float) -> None:
    model, frames = SoundClass(folder), pooled(5)
    plain = [model.process(frame) for frame in frames]
    frames[:, :40] += np.float32(gain_db)
    model.reset()
    np.testing.assert_allclose(plain, [model.process(frame) for frame in frames], atol=1e-4)


@given(st.floats(-(2.0**40), 2.0**40, width=32))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_finite_frame_breaks_it(folder: Path, value: float) -> None:
    model = SoundClass(folder)
    for _ in range(3):
        told = model.process(np.full(2 * SPEC.width, value, np.float32))
    assert np.isfinite(told).all()
    assert told.sum() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("frame", [np.zeros(3, np.float32), np.full(2 * SPEC.width, np.nan, np.float32)])
def test_impossible_frames_are_refused(folder: Path, frame: np.ndarray) -> None:
    with pytest.raises(ValueError, match="pooled frame"):
        SoundClass(folder).process(frame)


def test_one_altered_bit_of_the_weights_is_found(tmp_path: Path) -> None:
    write_ear(tmp_path)
    content = bytearray((tmp_path / "weights.npz").read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "weights.npz").write_bytes(bytes(content))
    with pytest.raises(InputError, match="damaged"):
        SoundClass(tmp_path)


@pytest.mark.parametrize(("name", "words"), [("weights.npz", "can't be read"), ("card.json", "can't be read")])
def test_a_missing_file_is_named(tmp_path: Path, name: str, words: str) -> None:
    write_ear(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(InputError, match=words):
        SoundClass(tmp_path)


@pytest.mark.parametrize("text", [b"", b"{}", b'{"schema": 2}', b"\xff\xfe"])
def test_what_is_no_card_is_refused(tmp_path: Path, text: bytes) -> None:
    write_ear(tmp_path)
    (tmp_path / "card.json").write_bytes(text)
    with pytest.raises(InputError, match="not the card of an ear"):
        SoundClass(tmp_path)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"fingerprint": "0123456789abcdef"}, "other features"),
        ({"inputs": ("mean_nothing",)}, "no feature"),
        ({"inputs": USED[:-1]}, "shape"),
        ({"units": UNITS + 1}, "shape"),
    ],
)
def test_a_card_that_contradicts_its_weights_is_refused(tmp_path: Path, wrong: dict, words: str) -> None:
    write_ear(tmp_path, **wrong)
    with pytest.raises(InputError, match=words):
        SoundClass(tmp_path)


def test_a_lacking_or_endless_weight_is_refused(tmp_path: Path) -> None:
    parts = weights()
    write_ear(tmp_path / "a", {name: part for name, part in parts.items() if name != "out"})
    with pytest.raises(InputError, match="lack"):
        SoundClass(tmp_path / "a")
    parts["bias"][0] = np.nan
    write_ear(tmp_path / "b", parts)
    with pytest.raises(InputError, match="no numbers"):
        SoundClass(tmp_path / "b")


def test_what_ships_is_whole_and_says_how_good_it_is() -> None:
    model = SoundClass()
    assert (SHIPPED / "weights.npz").stat().st_size < 200_000
    for way in ("raw", "equal", "room"):
        assert 0.5 < model.card.scores[way]["music"] <= 1
