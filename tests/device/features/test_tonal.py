"""The block on harmony: chords tell themselves apart, and nothing but the harmony counts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.errors import InputError
from device.features.extractor import FeatureExtractor, extract
from device.features.names import INTERVALS, PITCH_CLASSES
from device.features.spec import FeatureSpec
from device.features.tonal import (
    MEMORY_S,
    MIDDLE_C_MIDI,
    REGISTER_SEMITONES,
    Tonal,
    key_profiles,
    long_window,
)

SPEC = FeatureSpec(blocks=("tonal",), deltas=False)
COLUMN = {name: i for i, name in enumerate(SPEC.columns)}
KEYS, DEGREES = slice(0, 3), slice(3, 3 + PITCH_CLASSES)
NUMBERS = slice(3 + PITCH_CLASSES, 3 + PITCH_CLASSES + INTERVALS)
RANKS = slice(3 + PITCH_CLASSES + INTERVALS, None)
FULL = -(-long_window(SPEC.rate) // SPEC.hop)
"""Frames after which the block's own window is full."""

C_MAJOR, C_MINOR = (60, 64, 67), (60, 63, 67)
DIMINISHED, AUGMENTED = (60, 63, 66), (60, 64, 68)

chords = st.lists(st.integers(0, 7), min_size=2, max_size=4, unique=True)
"""Notes within a fifth, in semitones above the lowest possible one."""


def chord(notes: tuple[int, ...], seconds: float = 1.5, level: float = 0.1, harmonics: int = 1) -> np.ndarray:
    """Notes by MIDI number, each with that many harmonics, the higher the weaker."""
    t = np.arange(round(seconds * SPEC.rate)) / SPEC.rate
    waves = [
        np.sin(2 * np.pi * 440 * 2 ** ((note - 69) / 12) * k * t + k * note) / k
        for note in notes
        for k in range(1, harmonics + 1)
    ]
    return level * np.sum(waves, axis=0)


def last(samples: np.ndarray) -> dict[str, float]:
    return dict(zip(SPEC.columns, extract(samples, SPEC)[-1].tolist(), strict=True))


@pytest.mark.parametrize("harmonics", [1, 4])
def test_major_and_minor_are_told_apart(harmonics: int) -> None:
    major, minor = (last(chord(notes, harmonics=harmonics)) for notes in (C_MAJOR, C_MINOR))
    assert major["key_mode"] > 0.02
    assert minor["key_mode"] < -0.1
    assert major["key_major"] > 0.7 < minor["key_minor"]
    for told in (major, minor):
        assert told["key_mode"] == pytest.approx(told["key_major"] - told["key_minor"], abs=1e-6)
    # Tonic, third, fifth: the third is four semitones above in major, three in minor.
    assert min(major[f"degree_{i}"] for i in (1, 5, 8)) > 0.2 > 0.1 > major["degree_4"]
    assert min(minor[f"degree_{i}"] for i in (1, 4, 8)) > 0.2 > 0.1 > minor["degree_5"]


@pytest.mark.parametrize("harmonics", [1, 4])
def test_intervals_are_those_of_the_chord(harmonics: int) -> None:
    diminished, augmented = (last(chord(notes, harmonics=harmonics)) for notes in (DIMINISHED, AUGMENTED))
    assert diminished["interval_3"] > 3 * diminished["interval_4"]
    assert augmented["interval_4"] > 3 * augmented["interval_3"]
    assert diminished["interval_6"] > 3 * augmented["interval_6"]
    # Either triad holds one minor third, one major third and one fourth (a fifth turned over).
    for notes in (C_MAJOR, C_MINOR):
        told = last(chord(notes, harmonics=harmonics))
        assert min(told["interval_3"], told["interval_4"], told["interval_5"]) > 3 * told["interval_6"]
    one, three = last(chord((72,), harmonics=harmonics)), last(chord((72, 76, 79), harmonics=harmonics))
    assert one["interval_0"] > 1.5 * three["interval_0"]


def test_the_profiles_are_correlations() -> None:
    profiles = key_profiles()
    assert profiles.shape == (24, PITCH_CLASSES)
    np.testing.assert_allclose(profiles.mean(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(np.square(profiles).sum(axis=1), 1)
    np.testing.assert_allclose(profiles[7], np.roll(profiles[0], 7))


def clearness(notes: list[int]) -> float:
    """By how much the best of the 24 keys fits notes better than the next one does."""
    classes = np.zeros(PITCH_CLASSES)
    for note in notes:
        classes[note % PITCH_CLASSES] += np.exp(-0.5 * ((note - MIDDLE_C_MIDI) / REGISTER_SEMITONES) ** 2)
    classes -= classes.mean()
    fit = np.sort(key_profiles() @ classes / np.linalg.norm(classes))
    return float(fit[-1] - fit[-2])


@settings(max_examples=40, deadline=None)
@given(notes=chords, lowest=st.integers(66, 72), turn=st.integers(-3, 3))
def test_another_key_changes_nearly_nothing(notes: list[int], lowest: int, turn: int) -> None:
    """Transposing by k turns the weight of a note against that of another, d semitones higher, by exp(-k d / 225): by
    9 % for 3 and 7 semitones, of shares that are below a half. Where a note lies between two bins of 6 Hz adds about
    as much. (The worst of all these chords and keys: 0.04 in a share, 0.062 in a correlation with a key.) A key is the
    best of 24, so degrees may only be compared where no other key comes near."""
    heights = [[lowest + k + note for note in notes] for k in (0, turn)]
    here, there = (extract(chord(tuple(own), 0.8), SPEC)[FULL:] for own in heights)
    for columns, tolerance in ((KEYS, 0.08), (NUMBERS, 0.06), (RANKS, 0.06)):
        np.testing.assert_allclose(here[:, columns], there[:, columns], rtol=0, atol=tolerance)
    if min(map(clearness, heights)) > 0.1:
        np.testing.assert_allclose(here[:, DEGREES], there[:, DEGREES], rtol=0, atol=0.06)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**20), turn=st.integers(0, 11), frames=st.integers(1, 9))
def test_a_turned_chroma_changes_nothing(seed: int, turn: int, frames: int) -> None:
    """Behind the spectrum the block is the same in every key, but for rounding."""

    class Given(Tonal):
        def _chroma(self, frames: np.ndarray) -> np.ndarray:
            return frames

    class Sound:
        def __init__(self, frames: np.ndarray) -> None:
            self.frames = frames

    chroma = np.random.default_rng(seed).exponential(size=(frames, PITCH_CLASSES))
    here, there = (Given(SPEC).process(Sound(np.roll(chroma, k, axis=1))) for k in (0, turn))  # type: ignore[arg-type]
    np.testing.assert_allclose(here, there, atol=1e-9)


@settings(max_examples=20, deadline=None)
@given(notes=chords, seed=st.integers(0, 100), quieter_db=st.floats(0, 60))
def test_the_level_changes_nothing(notes: list[int], seed: int, quieter_db: float) -> None:
    noise = np.random.default_rng(seed).standard_normal(round(0.6 * SPEC.rate))
    samples = chord(tuple(66 + n for n in notes), 0.6, level=0.2) + 0.05 * noise
    quiet = extract(samples * 10 ** (-quieter_db / 20), SPEC)
    np.testing.assert_allclose(quiet, extract(samples, SPEC), atol=1e-6)


def test_silence_is_zero_and_comes_back_to_it() -> None:
    assert not extract(np.zeros(SPEC.rate), SPEC).any()
    # What is remembered falls by exp(-t / MEMORY_S), from 0.1 to below 1e-9 within 19 of them.
    frames = extract(np.concatenate([chord(C_MAJOR), np.zeros(round(20 * MEMORY_S * SPEC.rate))]), SPEC)
    assert np.isfinite(frames).all()
    sounding = round(1.5 / SPEC.hop_s)
    assert not frames[sounding + FULL :, NUMBERS].any()
    assert not frames[sounding + FULL :, RANKS].any()
    # A rest within the music keeps its key in mind.
    assert frames[sounding + FULL, COLUMN["key_major"]] > 0.7
    assert not frames[-1].any()


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**20), level_db=st.floats(-120, 0))
def test_shares_sum_to_one_and_all_is_in_range(seed: int, level_db: float) -> None:
    rng = np.random.default_rng(seed)
    samples = 10 ** (level_db / 20) * rng.standard_normal(SPEC.rate // 2)
    frames = extract(samples, SPEC)
    np.testing.assert_allclose(frames[:, DEGREES].sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(frames[:, RANKS].sum(axis=1), 1, atol=1e-5)
    assert (np.diff(frames[:, RANKS], axis=1) >= 0).all()
    assert (np.abs(frames[:, :2]) <= 1 + 1e-6).all()
    # Autocorrelation is largest where nothing is moved (Cauchy and Schwarz).
    assert (frames[:, NUMBERS] <= frames[:, COLUMN["interval_0"], None] + 1e-6).all()


@settings(max_examples=20, deadline=None)
@given(cuts=st.lists(st.integers(0, SPEC.rate), max_size=20), hop=st.sampled_from([300, 700, 1_200]))
def test_any_chunking_gives_the_same_columns(cuts: list[int], hop: int) -> None:
    spec = FeatureSpec(blocks=("tonal",), hop=hop, deltas=False)
    samples = np.concatenate([chord(C_MAJOR, 0.5), chord(C_MINOR, 0.5)])
    stream = FeatureExtractor(spec)
    parts = [stream.process(part) for part in np.split(samples, sorted(cuts))]
    np.testing.assert_allclose(np.concatenate(parts), extract(samples, spec), atol=1e-6)


@pytest.mark.parametrize("hop", [300, 600])
def test_overlapping_frames_see_the_same_sound(hop: int) -> None:
    """A frame that ends at a sample has heard what came before that sample, however many frames did so too."""
    rng = np.random.default_rng(0)
    samples = np.concatenate([chord((60 + n, 64 + n, 69 + n), 0.4) for n in (0, 5, 2)])
    samples = samples + 0.01 * rng.standard_normal(len(samples))
    over = extract(samples, FeatureSpec(blocks=("tonal",), hop=hop, deltas=False))
    whole = extract(samples, SPEC)
    same = over[:: SPEC.hop // hop]
    assert len(same) == len(whole)
    for columns in (NUMBERS, RANKS):
        np.testing.assert_allclose(same[FULL:, columns], whole[FULL:, columns], atol=1e-6)


def test_a_hop_beyond_the_window_is_refused() -> None:
    with pytest.raises(InputError, match="The block tonal needs all of the sound: choose a hop that is not longer"):
        FeatureSpec(window=1_000, hop=1_001, blocks=("flatness", "tonal"))
    assert FeatureSpec(window=1_000, hop=1_000, blocks=("tonal",)).width == 2 * 34
    assert FeatureSpec(window=1_000, hop=1_001, blocks=("flatness",)).width == 2


@pytest.mark.parametrize("rate", [8_000, 16_000, 24_000, 44_100, 48_000])
def test_the_own_window_lasts_long_enough_at_any_rate(rate: int) -> None:
    window = long_window(rate)
    assert window & (window - 1) == 0
    assert 0.15 <= window / rate < 0.3
