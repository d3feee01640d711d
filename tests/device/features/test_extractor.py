"""Streaming is batch, the future stays unknown, and nothing breaks a frame."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from device.errors import InputError
from device.features.extractor import FeatureExtractor, extract
from device.features.names import BLOCK_COLUMNS
from device.features.spec import FeatureSpec

ALL = tuple(BLOCK_COLUMNS)
SPECS = [
    FeatureSpec(),
    FeatureSpec(rate=16_000, window=800, hop=800, blocks=ALL),
    FeatureSpec(rate=8_000, window=400, hop=160, blocks=ALL, deltas=False),
    # A hop longer than the window, which harmony does not allow, and sizes that don't divide.
    FeatureSpec(rate=11_025, window=301, hop=551, blocks=tuple(name for name in ALL if name != "tonal")),
]


def noise(seconds: float, spec: FeatureSpec, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    samples = 0.1 * rng.standard_normal(int(seconds * spec.rate))
    samples[len(samples) // 3 : len(samples) // 2] = 0.0
    return samples.astype(np.float32)


def chunks(samples: np.ndarray, cuts: list[int]) -> list[np.ndarray]:
    return np.split(samples, sorted(cut % (len(samples) + 1) for cut in cuts))


@pytest.mark.parametrize("spec", SPECS)
@given(cuts=st.lists(st.integers(0, 10**6), max_size=30))
@settings(max_examples=25, deadline=None)
def test_any_chunking_gives_the_same_frames(spec: FeatureSpec, cuts: list[int]) -> None:
    samples = noise(1.5, spec)
    stream = FeatureExtractor(spec)
    parts = [stream.process(part) for part in chunks(samples, cuts)]
    np.testing.assert_allclose(np.concatenate(parts), extract(samples, spec), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("spec", SPECS)
def test_one_sample_at_a_time(spec: FeatureSpec) -> None:
    samples = noise(0.3, spec)
    stream = FeatureExtractor(spec)
    parts = [stream.process(samples[i : i + 1]) for i in range(len(samples))]
    np.testing.assert_allclose(np.concatenate(parts), extract(samples, spec), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("spec", SPECS)
def test_the_number_of_frames(spec: FeatureSpec) -> None:
    for count in (0, 1, spec.window - 1, spec.window, spec.window + spec.hop, 10 * spec.hop + spec.window - 1):
        frames = extract(np.ones(count, dtype=np.float32), spec)
        assert frames.shape == (max(0, (count - spec.window) // spec.hop + 1), spec.width)
        assert frames.dtype == np.float32


@pytest.mark.parametrize("spec", SPECS)
def test_reset_is_a_fresh_start(spec: FeatureSpec) -> None:
    stream = FeatureExtractor(spec)
    stream.process(np.append(noise(0.7, spec, seed=1), np.nan))
    assert stream.non_finite == 1
    stream.reset()
    assert stream.non_finite == 0
    samples = noise(0.7, spec, seed=2)
    np.testing.assert_array_equal(stream.process(samples), extract(samples, spec))


@pytest.mark.parametrize("spec", SPECS)
def test_nothing_leaks_from_the_future(spec: FeatureSpec) -> None:
    samples = noise(1.0, spec)
    other = samples.copy()
    turn = len(samples) // 2
    other[turn:] = noise(1.0, spec, seed=9)[turn:]
    known = (turn - spec.window) // spec.hop + 1
    before, after = extract(samples, spec), extract(other, spec)
    np.testing.assert_allclose(before[:known], after[:known], rtol=1e-6, atol=1e-6)
    assert not np.allclose(before[known:], after[known:])


@given(
    samples=hnp.arrays(
        np.float64,
        st.integers(0, 4_000),
        elements=st.floats(allow_nan=True, allow_infinity=True, width=64),
        fill=st.sampled_from([0.0, 1.0, np.nan, 1e-320, -1e308, np.inf]),
    )
)
@settings(max_examples=150, deadline=None)
def test_frames_are_always_finite(samples: np.ndarray) -> None:
    spec = SPECS[1]
    stream = FeatureExtractor(spec)
    with np.errstate(all="raise", under="ignore"):
        frames = stream.process(samples)
    assert np.isfinite(frames).all()
    assert stream.non_finite >= np.count_nonzero(~np.isfinite(samples))


def test_non_finite_samples_count_as_silence() -> None:
    spec = SPECS[0]
    samples = noise(0.5, spec)
    samples[100:110] = np.nan
    samples[3_000] = np.inf
    stream = FeatureExtractor(spec)
    frames = stream.process(samples)
    assert stream.non_finite == 11
    np.testing.assert_array_equal(frames, extract(np.where(np.isfinite(samples), samples, 0), spec))


@pytest.mark.parametrize("kind", [np.int16, np.float32, np.float64])
def test_any_number_kind_is_taken_as_it_is(kind: type) -> None:
    spec = SPECS[0]
    samples = (1000 * noise(0.2, spec)).astype(np.int16)
    np.testing.assert_array_equal(extract(samples.astype(kind), spec), extract(samples, spec))


def test_two_channels_are_refused() -> None:
    with pytest.raises(ValueError, match="one-dimensional"):
        FeatureExtractor(SPECS[0]).process(np.zeros((10, 2)))


def test_log_mel_reads_the_level_of_a_tone_where_it_is() -> None:
    spec = FeatureSpec(blocks=("log_mel",), deltas=False)
    t = np.arange(spec.rate) / spec.rate
    low, high = (extract(np.sin(2 * np.pi * hz * t), spec).mean(axis=0) for hz in (150.0, 5_000.0))
    assert low.argmax() < 5
    assert 30 <= high.argmax() < 40
    assert -12 < low.max() <= 0
    quieter = extract(0.1 * np.sin(2 * np.pi * 150.0 * t), spec).mean(axis=0)
    assert quieter.max() == pytest.approx(low.max() - 20, abs=0.1)
    assert extract(np.zeros(spec.rate), spec).max() == pytest.approx(-100)


def test_texture_and_onset_say_what_they_should() -> None:
    spec = FeatureSpec(blocks=("contrast", "flatness", "onset"), deltas=False)
    column = {name: i for i, name in enumerate(spec.columns)}
    t = np.arange(spec.rate) / spec.rate
    tone = extract(np.sin(2 * np.pi * 1_000.0 * t), spec)
    white = extract(np.random.default_rng(0).standard_normal(spec.rate) / 4, spec)
    assert tone[:, column["flatness"]].max() < 0.05 < 0.4 < white[:, column["flatness"]].min()
    assert tone[:, column["contrast_4"]].mean() > white[:, column["contrast_4"]].mean() + 20
    click = np.zeros(spec.rate)
    click[spec.rate // 2 :] = white.std() * np.random.default_rng(1).standard_normal(spec.rate // 2)
    onsets = extract(click, spec)[:, column["onset"]]
    assert onsets.argmax() == 10
    assert onsets[10] > 20 * max(onsets[12:].mean(), 1)


def test_the_fingerprint_tells_specifications_apart() -> None:
    prints = {spec.fingerprint for spec in (*SPECS, FeatureSpec(blocks=("log_mel",)), FeatureSpec(deltas=False))}
    assert len(prints) == 6
    assert FeatureSpec().fingerprint == FeatureSpec(rate=24_000).fingerprint
    for spec in SPECS:
        assert len(set(spec.columns)) == spec.width


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"blocks": ("log_mell",)}, "log_mell"),
        ({"blocks": ()}, "at least one"),
        ({"blocks": ("onset", "onset")}, "twice"),
        ({"rate": 4_000}, "rate"),
        ({"window": 100}, "window"),
        ({"hop": 0}, "hop"),
    ],
)
def test_a_wrong_specification_is_refused(fields: dict, words: str) -> None:
    with pytest.raises(InputError, match=words):
        FeatureSpec(**fields)
