"""The runner equals Keras over 5 minutes, without TensorFlow: on the bundle of tests/golden/make_tiny_bundle.py."""

import sys
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from device.emotion import runtime
from device.emotion.bundle import Bundle, load_bundle
from device.emotion.card import Tensor, Window
from device.emotion.emotion import Emotion
from device.emotion.runner import RECALLED_S, UNKNOWN, Runner
from device.emotion.step_model import StepModel
from device.errors import InputError

GOLDEN = Path(__file__).parents[2] / "golden"
HOPS = 4


@pytest.fixture(scope="module", name="bundle")
def _bundle() -> Bundle:
    return load_bundle(GOLDEN / "tiny_bundle")


@pytest.fixture(scope="module", name="golden")
def _golden() -> tuple[np.ndarray, np.ndarray]:
    with np.load(GOLDEN / "tiny_bundle.npz") as file:
        return file["frames"].astype(np.float32), file["va"]


def _emotions(runner: Runner, frames: np.ndarray) -> np.ndarray:
    answers = [runner.process(frame) for frame in frames]
    return np.array([(e.valence, e.arousal, e.spread) for e in answers])


def _expected(va: np.ndarray) -> np.ndarray:
    members = va.reshape(len(va), -1, 2).astype(np.float64)
    spread = np.sqrt(members.var(axis=1).mean(axis=1))
    return np.column_stack([members.mean(axis=1), spread])


def test_equals_keras_over_five_minutes(bundle: Bundle, golden: tuple[np.ndarray, np.ndarray]) -> None:
    frames, va = golden
    assert len(frames) * bundle.card.features.hop_s >= 300
    got = _emotions(Runner(bundle), frames)
    assert np.abs(got[HOPS - 1 :: HOPS] - _expected(va)).max() < 1e-4
    # The comparison means something only if the outputs move and depend on what came before.
    assert va.std(axis=0).min() > 0.05


def test_no_tensorflow_here() -> None:
    assert "tensorflow" not in sys.modules


def test_holds_between_pools(bundle: Bundle, golden: tuple[np.ndarray, np.ndarray]) -> None:
    frames = golden[0][:41]
    got = _emotions(Runner(bundle), frames)
    assert (got[: HOPS - 1] == [0.0, 0.0, 1.0]).all()
    for start in range(HOPS - 1, len(frames) - HOPS, HOPS):
        assert (got[start : start + HOPS] == got[start]).all()
        assert (got[start + HOPS] != got[start]).any()


def test_unknown_before_the_first_pool(bundle: Bundle) -> None:
    runner = Runner(bundle)
    frame = np.zeros(len(runner.columns), np.float32)
    assert [runner.process(frame) for _ in range(HOPS - 1)] == [Emotion(0.0, 0.0, 1.0)] * (HOPS - 1)
    assert runner.process(frame) != UNKNOWN


@pytest.mark.parametrize("before", [1, 2, 7, 40])
def test_reset_is_a_fresh_start(bundle: Bundle, golden: tuple[np.ndarray, np.ndarray], before: int) -> None:
    frames = golden[0]
    runner = Runner(bundle)
    first = _emotions(runner, frames[:60])
    _emotions(runner, frames[1000 : 1000 + before])
    runner.reset()
    assert (_emotions(runner, frames[:60]) == first).all()


def test_state_is_carried(bundle: Bundle, golden: tuple[np.ndarray, np.ndarray]) -> None:
    frames = golden[0]
    runner = Runner(bundle)
    _emotions(runner, frames[:400])
    warm = _emotions(runner, frames[400:404])[-1]
    cold = _emotions(Runner(bundle), frames[400:404])[-1]
    assert np.abs(warm - cold).max() > 1e-3


def test_two_runners_share_nothing(bundle: Bundle, golden: tuple[np.ndarray, np.ndarray]) -> None:
    frames = golden[0][:80]
    alone = _emotions(Runner(bundle), frames)
    one, other = Runner(bundle), Runner(bundle)
    together = []
    for i, frame in enumerate(frames):
        together.append(one.process(frame))
        other.process(frames[-1 - i])
    assert [(e.valence, e.arousal, e.spread) for e in together] == [tuple(row) for row in alone]


def test_does_not_keep_or_change_the_caller_s_frame(bundle: Bundle, golden: tuple[np.ndarray, np.ndarray]) -> None:
    frames = golden[0][:40]
    expected = _emotions(Runner(bundle), frames)
    runner, buffer, got = Runner(bundle), np.empty_like(frames[0]), []
    for frame in frames:
        buffer[:] = frame
        emotion = runner.process(buffer)
        assert (buffer == frame).all()
        buffer[:] = 1e6
        got.append((emotion.valence, emotion.arousal, emotion.spread))
    assert (np.array(got) == expected).all()


def test_columns_and_card(bundle: Bundle) -> None:
    runner = Runner(bundle)
    assert runner.columns == bundle.card.features.columns
    assert runner.card is bundle.card


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_refuses_frames_that_are_not_finite(bundle: Bundle, bad: float) -> None:
    frame = np.zeros(len(bundle.card.features.columns), np.float32)
    frame[-1] = bad
    with pytest.raises(ValueError, match="finite"):
        Runner(bundle).process(frame)


def test_refuses_frames_of_another_width(bundle: Bundle) -> None:
    width = len(bundle.card.features.columns)
    for shape in [(width + 1,), (1, width), ()]:
        with pytest.raises(ValueError, match="shape"):
            Runner(bundle).process(np.zeros(shape, np.float32))


def test_stays_in_range_for_the_largest_frames(bundle: Bundle) -> None:
    runner = Runner(bundle)
    biggest = np.finfo(np.float32).max
    for sign in (1, -1) * 20:
        emotion = runner.process(np.full(len(runner.columns), sign * biggest, np.float32))
        assert -1 <= emotion.valence <= 1
        assert -1 <= emotion.arousal <= 1
        assert 0 <= emotion.spread <= 1


def test_result_that_is_no_number_starts_afresh(
    bundle: Bundle, golden: tuple[np.ndarray, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = golden[0]
    fresh = _emotions(Runner(bundle), frames[40:80])
    runner = Runner(bundle)
    _emotions(runner, frames[1000:1040])
    with monkeypatch.context() as patch:
        patch.setattr(StepModel, "process", lambda *_: np.array([0, np.nan, 0, 0], np.float32))
        assert [runner.process(frame) for frame in frames[:HOPS]][-1] == UNKNOWN
    assert runner.non_finite == 1
    assert (_emotions(runner, frames[40:80])[3:] == fresh[3:]).all()


def _changed(bundle: Bundle, **fields: Any) -> Bundle:
    return Bundle(msgspec.structs.replace(bundle.card, **fields), bundle.model)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"members": 3}, "not those of a step model"),
        ({"state_sizes": (9,)}, "not those of a step model"),
        ({"inputs": ()}, "its card says"),
        ({"outputs": (Tensor("va", (1, 2)),)}, "its card says"),
        ({"kind": "window", "state_sizes": (), "window": Window(3)}, "no signature 'window'"),
    ],
)
def test_refuses_a_model_that_is_not_the_card_s(bundle: Bundle, fields: dict[str, Any], why: str) -> None:
    with pytest.raises(InputError, match=why):
        Runner(_changed(bundle, **fields))


@pytest.mark.parametrize("model", [b"", b"not a flatbuffer", b"\x00" * 5000])
def test_refuses_what_is_no_model(bundle: Bundle, model: bytes) -> None:
    with pytest.raises(InputError, match="cannot load the model"):
        Runner(Bundle(bundle.card, model))


def test_prefers_the_smaller_runtime(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "find_spec", lambda name: object())
    assert runtime.choose_runtime() == "tflite_runtime"
    monkeypatch.setattr(runtime, "find_spec", lambda name: object() if name == "ai_edge_litert" else None)
    assert runtime.choose_runtime() == "ai_edge_litert"


def test_keeps_away_from_tensorflow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorflow", sys)
    monkeypatch.setattr(runtime, "find_spec", lambda name: object())
    assert runtime.choose_runtime() == "ai_edge_litert"
    monkeypatch.setattr(runtime, "find_spec", lambda name: object() if name == "tflite_runtime" else None)
    with pytest.raises(InputError, match="ai-edge-litert"):
        runtime.choose_runtime()


def test_no_runtime_at_all(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "find_spec", lambda name: None)
    with pytest.raises(InputError, match="No TFLite runtime is installed"):
        Runner(bundle)


def test_numpy_2_is_told_before_it_kills(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(np, "__version__", "2.1.0")
    with pytest.raises(InputError, match=r"numpy below 2, here is 2\.1\.0"):
        runtime.open_interpreter(bundle.model, "tflite_runtime")


def test_renewed_it_knows_the_last_seconds_only(bundle: Bundle, golden: tuple[np.ndarray, np.ndarray]) -> None:
    frames, _ = golden
    kept = round(RECALLED_S / (HOPS * bundle.card.features.hop_s)) * HOPS
    old, fresh = Runner(bundle), Runner(bundle)
    _emotions(old, frames[:400])
    before = old.renew()
    expected = _emotions(fresh, frames[400 - kept : 400])[-1]
    assert (before.valence, before.arousal, before.spread) == tuple(expected)
    np.testing.assert_array_equal(_emotions(old, frames[400:600]), _emotions(fresh, frames[400:600]))


def test_renewed_at_once_it_knows_nothing(bundle: Bundle, golden: tuple[np.ndarray, np.ndarray]) -> None:
    runner = Runner(bundle)
    assert runner.renew() == UNKNOWN
    _emotions(runner, golden[0][:100])
    runner.reset()
    assert runner.renew() == UNKNOWN
