"""The 68 features equal pyAudioAnalysis 0.3.14 (golden vectors: tests/golden/make_pyaudioanalysis.py)."""

from pathlib import Path

import numpy as np
import pytest

from device.features.extractor import extract
from device.features.spec import FeatureSpec
from tests.golden import signals

GOLDEN = np.load(Path(__file__).parents[2] / "golden" / "pyaudioanalysis.npz")
CASES = sorted(key.removeprefix("features/") for key in GOLDEN if key.startswith("features/"))

TONES_ON_A_BIN = {"24000/tone", "24000/tone_on_a_bin", "16000/tone", "16000/tone_on_a_bin"}


def sound(case: str) -> tuple[int, np.ndarray]:
    rate, name = case.split("/")
    if f"samples/{name}" in GOLDEN:
        return int(rate), signals.normalized(GOLDEN[f"samples/{name}"].astype(float))
    return int(rate), signals.made(int(rate))[name]


@pytest.mark.parametrize("case", CASES)
def test_equal_to_the_reference(case: str) -> None:
    rate, samples = sound(case)
    spec = FeatureSpec(rate=rate, window=rate // 20, hop=rate // 20)
    ours, theirs = extract(samples, spec), GOLDEN[f"features/{case}"]
    assert ours.shape == theirs.shape
    assert ours.shape[1] == 68
    # Near zero is: under a thousandth of what the feature (or, for a delta, its feature) reaches in any of the sounds.
    reach = np.max([np.abs(GOLDEN[f"features/{c}"]).max(axis=0) for c in CASES], axis=0)
    reach[34:] = np.maximum(reach[34:], reach[:34])
    floor = 1e-3 * reach
    if case in TONES_ON_A_BIN:
        # Most mel bands then hold nothing but the rounding of the transform, 1e-16: no two transforms agree on it.
        floor[[i for i, name in enumerate(spec.columns) if "mfcc" in name]] = 1.0
    error = np.abs(ours - theirs) / np.maximum(np.abs(theirs), floor)
    worst = np.unravel_index(error.argmax(), error.shape)
    assert error.max() < 1e-3, f"{spec.columns[worst[1]]} of frame {worst[0]} is off by {error.max():.2g}"


def test_the_golden_sounds_exercise_every_feature() -> None:
    together = np.concatenate([GOLDEN[f"features/{case}"] for case in CASES])
    assert (together.std(axis=0) > 0).all()
    assert len([case for case in CASES if "music" in case]) == 4
