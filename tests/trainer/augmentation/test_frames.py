import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.features.extractor import extract
from device.features.names import BLOCK_COLUMNS
from device.features.pooling import Pool, pooled_columns
from device.features.spec import FeatureSpec
from tests.trainer import tiny
from trainer.augmentation.frames import GainLaw, column_groups, mask

SPEC = FeatureSpec(blocks=tuple(BLOCK_COLUMNS), deltas=True)
HOPS = 4


def pooled(frames: np.ndarray, hops: int) -> np.ndarray:
    return Pool(hops, frames.shape[1]).process(frames)


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


@given(
    shape=st.tuples(st.integers(0, 3), st.integers(0, 20), st.integers(0, 30)),
    steps=st.floats(0, 1),
    columns=st.floats(0, 1),
    seed=st.integers(0, 99),
)
def test_masks_are_blocks_of_zeros_within_their_shares(
    shape: tuple[int, int, int], steps: float, columns: float, seed: int
) -> None:
    x = np.ones(shape, np.float32)
    masked = mask(x, np.random.default_rng(seed), steps, columns)
    assert (x == 1).all()
    for sequence in masked:
        rows, cols = (sequence == 0).all(axis=1), (sequence == 0).all(axis=0)
        np.testing.assert_array_equal(sequence == 0, rows[:, None] | cols[None, :])
        if not (rows.all() or cols.all()):
            assert rows.sum() <= steps * shape[1]
            assert cols.sum() <= columns * shape[2]
            assert np.count_nonzero(np.diff(rows)) <= 2
            assert np.count_nonzero(np.diff(cols)) <= 2


def test_masks_differ_between_sequences_and_follow_the_seed() -> None:
    x = np.ones((40, 30, 50), np.float32)
    masked = mask(x, np.random.default_rng(0))
    np.testing.assert_array_equal(masked, mask(x, np.random.default_rng(0)))
    assert len(np.unique(masked.reshape(40, -1), axis=0)) > 30
    assert 0.1 < (masked == 0).mean() < 0.3


def test_groups_are_masked_whole() -> None:
    columns = pooled_columns(SPEC.columns)
    groups = column_groups(columns)
    assert sorted(np.concatenate(groups).tolist()) == list(range(len(columns)))
    named = [{columns[i] for i in group} for group in groups]
    assert {f"{kind}_{delta}zcr" for kind in ("mean", "std") for delta in ("", "delta_")} in named
    assert any(
        {"mean_mel_1", "mean_mel_8", "std_delta_mel_3"} <= names and "mean_mel_9" not in names for names in named
    )
    masked = mask(np.ones((20, 4, len(columns)), np.float32), np.random.default_rng(1), 0.0, 0.3, groups)
    hidden = masked[:, 0] == 0
    assert hidden.any()
    assert (hidden.sum(axis=1) <= 0.3 * len(columns)).all()
    for group in groups:
        assert (hidden[:, group].all(axis=1) == hidden[:, group].any(axis=1)).all()


def test_shares_beyond_the_whole_are_refused() -> None:
    with pytest.raises(ValueError, match="shares of 0 to 1"):
        mask(np.zeros((1, 2, 2), np.float32), np.random.default_rng(0), steps=1.5)
