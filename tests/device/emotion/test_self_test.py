"""The self-test finds a machine, a runtime or a model that answers otherwise."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from device.emotion import self_test as module
from device.emotion.bundle import Bundle, load_bundle, write_bundle
from device.emotion.card import SelfTest
from device.emotion.runtime import installed_runtimes
from device.emotion.self_test import POOLS, answers, expected, self_test, self_test_apart, signal
from device.errors import InputError
from device.features.extractor import extract
from device.features.spec import FeatureSpec


@pytest.fixture(scope="module", name="bundle")
def _bundle() -> Bundle:
    return load_bundle(Path(__file__).parents[2] / "golden" / "tiny_bundle")


def _with(bundle: Bundle, test: SelfTest | None) -> Bundle:
    return Bundle(msgspec.structs.replace(bundle.card, self_test=test), bundle.model)


@pytest.mark.parametrize("spec", [FeatureSpec(), FeatureSpec(rate=24_000, window=1200, hop=1200)])
def test_the_signal_is_a_sound_of_so_many_frames(spec: FeatureSpec) -> None:
    samples = signal(spec, 12)
    assert samples.dtype == np.float32
    assert 0.2 < np.abs(samples).max() < 0.5
    frames = extract(samples, spec)
    assert len(frames) == 12
    # Its two halves are different music.
    assert np.abs(frames[3] - frames[9]).max() > 0.1


@pytest.mark.parametrize("runtime", installed_runtimes())
def test_a_whole_bundle_passes(bundle: Bundle, runtime: str) -> None:
    assert self_test(bundle, runtime) < 1e-3
    told = answers(bundle, runtime)
    assert told.shape == (POOLS, 3)
    # A model that says the same of everything would pass any test.
    assert told[:, :2].std(axis=0).max() > 0.01


@pytest.mark.parametrize("column", range(3))
@pytest.mark.parametrize("row", [0, POOLS - 1])
def test_any_answer_that_is_off_is_found(bundle: Bundle, row: int, column: int) -> None:
    test = expected(bundle)
    rows = [list(own) for own in test.expected]
    rows[row][column] += 0.03
    wrong = SelfTest(tuple((v, a, s) for v, a, s in rows), test.tolerance)
    with pytest.raises(InputError, match=r"fails its self-test on this machine: it is off by 0\.03"):
        self_test(_with(bundle, wrong))
    rows[row][column] -= 0.02
    near = SelfTest(tuple((v, a, s) for v, a, s in rows), test.tolerance)
    assert self_test(_with(bundle, near)) == pytest.approx(0.01, abs=1e-3)


def test_no_number_is_off(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "answers", lambda *_: np.full((POOLS, 3), np.nan))
    with pytest.raises(InputError, match="fails its self-test"):
        self_test(bundle)


@pytest.mark.parametrize("test", [None, SelfTest((), 0.02), SelfTest(((0.0, 0.0, 0.0),), 0.02)])
def test_a_card_without_one_is_refused(bundle: Bundle, test: SelfTest | None) -> None:
    with pytest.raises(InputError, match="has no self-test on its card"):
        self_test(_with(bundle, test))


def test_apart_it_is_the_same_test(bundle: Bundle, tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    write_bundle(folder, bundle.card, bundle.model)
    assert self_test_apart(folder) == pytest.approx(self_test(bundle), abs=1e-9)
    write_bundle(folder, msgspec.structs.replace(bundle.card, self_test=SelfTest((), 0.02)), bundle.model)
    with pytest.raises(InputError, match="has no self-test on its card"):
        self_test_apart(folder)


def test_a_model_that_crashes_its_runtime_is_told(bundle: Bundle, tmp_path: Path) -> None:
    """Some flipped bits make a flatbuffer that kills the process which loads it; others are refused, or pass."""
    rng = np.random.default_rng(3)
    killed = 0
    for number in range(12):
        broken = bytearray(bundle.model)
        for place in rng.integers(0, len(broken), 40):
            broken[place] ^= 1 << int(rng.integers(8))
        folder = tmp_path / str(number)
        write_bundle(folder, bundle.card, bytes(broken))
        try:
            self_test_apart(folder)
        except InputError as error:
            killed += "crashes the TFLite runtime of this machine (SIG" in str(error)
            assert "\n" not in str(error)  # noqa: PT017
    assert killed


@pytest.mark.parametrize(
    "changes", [{"pool_hops": 1 << 19}, {"members": 100}, {"state_sizes": ()}, {"kind": "window"}, {"arena_bytes": -1}]
)
def test_a_card_that_asks_for_too_much_is_none(bundle: Bundle, changes: dict[str, object]) -> None:
    fields = msgspec.to_builtins(bundle.card) | changes
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(fields, type(bundle.card))
