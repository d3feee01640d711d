import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.features.extractor import extract
from device.features.names import BLOCK_COLUMNS
from device.features.pooling import pooled_columns
from device.features.spec import FeatureSpec
from tests.trainer import tiny
from trainer.augmentation import GainLaw, mix
from trainer.batches import pooled

SPEC = FeatureSpec(blocks=tuple(BLOCK_COLUMNS), deltas=True)
HOPS = 4


@pytest.fixture(scope="module")
def samples() -> np.ndarray:
    """Two seconds with energy at all frequencies, so that no column reads its floor."""
    noise = np.random.default_rng(0).standard_normal(2 * SPEC.rate) * np.linspace(0.5, 1, 2 * SPEC.rate)
    return 0.5 * (noise + tiny.tone(2.0, 330, 1.0, 1))


@pytest.mark.parametrize("gain_db", [-12.0, -3.0, 0.0, 6.0, 12.0])
def test_the_law_equals_extraction_of_scaled_sound(samples: np.ndarray, gain_db: float) -> None:
    scaled = extract(samples * 10 ** (gain_db / 20), SPEC)
    law = GainLaw(SPEC.columns).apply(extract(samples, SPEC), np.full(len(scaled), gain_db, np.float32))
    np.testing.assert_allclose(law, scaled, rtol=2e-4, atol=2e-4)


@pytest.mark.parametrize("gain_db", [-12.0, 12.0])
def test_the_law_holds_for_pooled_frames(samples: np.ndarray, gain_db: float) -> None:
    scaled = pooled(extract(samples * 10 ** (gain_db / 20), SPEC), HOPS)
    before = pooled(extract(samples, SPEC), HOPS)
    law = GainLaw(pooled_columns(SPEC.columns)).apply(before, np.full(len(scaled), gain_db, np.float32))
    np.testing.assert_allclose(law, scaled, rtol=2e-4, atol=2e-4)


def test_the_law_changes_what_it_should(samples: np.ndarray) -> None:
    before = pooled(extract(samples, SPEC), HOPS)
    columns = pooled_columns(SPEC.columns)
    after = GainLaw(columns).apply(before, np.full(len(before), 10.0, np.float32))
    changed = {name for name, column in zip(columns, np.any(after != before, axis=0), strict=True) if column}
    energy = {f"{kind}_{name}" for kind in ("mean", "std") for name in ("energy", "delta_energy")}
    assert changed == energy | {"mean_mfcc_1"} | {f"mean_mel_{i}" for i in range(1, 41)}


@given(gain=st.floats(-60, 60), level=st.floats(-100, 0))
def test_no_gain_goes_below_the_floor(gain: float, level: float) -> None:
    frames = np.array([[level]], dtype=np.float32)
    out = GainLaw(("mean_mel_1",)).apply(frames, np.array([gain], np.float32))
    assert out[0, 0] == pytest.approx(max(-100.0, level + gain), abs=1e-3)


def test_mix_stays_between_and_needs_both_labels() -> None:
    rng = np.random.default_rng(3)
    x = rng.standard_normal((6, 5, 4)).astype(np.float32)
    y = np.broadcast_to(np.linspace(-1, 1, 6, dtype=np.float32)[:, None, None], (6, 5, 2)).copy()
    weight = np.ones((6, 5, 2), np.float32)
    weight[0, :, 0] = 0
    side = np.sign(y)
    mixed_x, mixed_y, mixed_weight, mixed_side = mix(x, y, weight, side, 0.4, rng)
    assert ((mixed_side == side) | (mixed_side == 0)).all()
    assert mixed_x.shape == x.shape
    assert mixed_y.min() >= -1
    assert mixed_y.max() <= 1
    assert not np.array_equal(mixed_x, x)
    # The clip without a valence and its partners lose it, all arousals stay.
    assert 1 <= (mixed_weight[:, :, 0].max(axis=1) == 0).sum() <= 2
    assert (mixed_weight[:, :, 1] > 0).all()
