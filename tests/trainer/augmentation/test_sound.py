"""Levels, filters, clipping, noise, loudspeaker and microphone."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.hearing.level import level_db
from tests.trainer.augmentation import made_up
from trainer.augmentation.clipping import Clipping
from trainer.augmentation.filters import Cascade, high_pass, high_shelf, peak
from trainer.augmentation.levels import add, scaled, within
from trainer.augmentation.microphone import Mems
from trainer.augmentation.noises import coloured, hum, laid_out
from trainer.augmentation.seeds import generator, seeded
from trainer.augmentation.speaker import Speaker

RATE = 24_000


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@given(snr_db=st.floats(-10, 40), gain_db=st.floats(-30, 30))
def test_the_noise_lies_where_it_was_asked_for(snr_db: float, gain_db: float) -> None:
    sound = made_up.music(0.5)
    noise = scaled(coloured(len(sound), 1.0, RATE, np.random.default_rng(1)), gain_db)
    added = add(sound, noise, snr_db) - sound
    assert level_db(sound) - level_db(added) == pytest.approx(snr_db, abs=0.5)


def test_nothing_is_scaled_to_match_silence() -> None:
    silence = np.zeros(1_000, np.float32)
    sound = made_up.music(1_000 / RATE)
    np.testing.assert_array_equal(add(sound, silence, 10), sound)
    assert level_db(add(silence, sound, 10)) == pytest.approx(-70, abs=0.1)


@given(
    samples=st.lists(st.floats(-2, 2, width=32), max_size=40),
    drive_db=st.floats(0, 30),
    soft=st.booleans(),
)
def test_clipping_is_bounded_and_keeps_signs(samples: list[float], drive_db: float, soft: bool) -> None:
    sound = np.array(samples, np.float32)
    out = Clipping(drive_db, soft).process(sound)
    assert out.shape == sound.shape
    ceiling = np.abs(sound).max(initial=0) * 10 ** (-drive_db / 20)
    # Numbers so small that float32 has no digits left for them don't count.
    assert np.abs(out).max(initial=0) <= ceiling * (1 + 1e-5) + 1e-35
    assert (np.sign(out) * np.sign(sound) >= 0).all()


def test_hard_clipping_leaves_the_quiet_alone() -> None:
    sound = np.linspace(-1, 1, 101, dtype=np.float32)
    out = Clipping(6.0206, soft=False).process(sound)
    inner = np.abs(sound) < 0.49
    np.testing.assert_array_equal(out[inner], sound[inner])
    assert out.max() == pytest.approx(0.5, abs=1e-3)


def test_within_only_turns_down() -> None:
    loud = np.array([0.5, -4], np.float32)
    np.testing.assert_allclose(within(loud), [0.125, -1])
    np.testing.assert_array_equal(within(loud / 8), loud / 8)


def test_filters_do_what_their_numbers_say() -> None:
    hz = np.array([10.0, 60.0, 600.0, 1_000.0, 11_500.0])
    assert Cascade(high_pass(60, 1, RATE)).gain_db(hz, RATE)[[1, 3]] == pytest.approx([-3.01, 0], abs=0.05)
    assert Cascade(peak(1_000, 6, 1, RATE)).gain_db(hz, RATE)[[0, 3]] == pytest.approx([0, 6], abs=0.05)
    assert Cascade(high_shelf(3_000, 4, RATE)).gain_db(hz, RATE)[[1, 4]] == pytest.approx([0, 4], abs=0.05)


@pytest.mark.parametrize("rate", [24_000, 48_000])
def test_loudspeakers_lack_bass_and_stay_bounded(rate: int, rng: np.random.Generator) -> None:
    for _ in range(50):
        low, middle = Speaker.drawn(rng, rate).gain_db(np.array([20.0, 500.0]), rate)
        assert low < -8
        assert -9 < middle < 5


@pytest.mark.parametrize("rate", [24_000, 48_000])
@pytest.mark.parametrize("snr_db", [61.0, 65.0])
def test_self_noise_is_that_of_the_data_sheet(rate: int, snr_db: float, rng: np.random.Generator) -> None:
    count = 2 * rate
    silence = np.zeros(count, np.float32)
    heard = Mems(60.0, 0.0, snr_db, rate).process(silence, 0.0, rng)
    power = np.square(np.abs(np.fft.rfft(heard))) * 2 / count**2
    hz = np.fft.rfftfreq(count, 1 / rate)
    audible = (hz >= 20) & (hz <= 20_000)
    weighted = 10 * np.log10(np.sum(power[audible] * 10 ** (a_weight_db(hz[audible]) / 10)))
    # At 24 kHz what lies above 12 kHz is gone, which A-weighting counts little.
    assert weighted == pytest.approx(-26 - snr_db, abs=0.3 if rate == 48_000 else 2.0)


def a_weight_db(hz: np.ndarray) -> np.ndarray:
    """IEC 61672-1, annex E."""
    square = np.square(hz)
    low = square + 20.6**2
    high = square + 12_194**2
    middle = np.sqrt((square + 107.7**2) * (square + 737.9**2))
    return 20 * np.log10(12_194**2 * square**2 / (low * high * middle)) + 2.0


def test_the_microphone_hears_at_its_sensitivity_in_24_bits(rng: np.random.Generator) -> None:
    tone = np.sin(2 * np.pi * 1_000 * np.arange(48_000) / 48_000).astype(np.float32) / 3
    heard = Mems(60.0, 3.0, 65.0, 48_000).process(tone, 94.0, rng)
    assert level_db(heard[4_800:]) == pytest.approx(-26, abs=0.2)
    steps = heard.astype(np.float64) * 2**23
    np.testing.assert_array_equal(steps, np.rint(steps))
    assert np.abs(Mems(60.0, 3.0, 65.0, 48_000).process(tone, 140.0, rng)).max() <= 1


@pytest.mark.parametrize(("slope", "per_octave"), [(0.0, 0.0), (1.0, -3.0), (2.0, -6.0)])
def test_coloured_noise_falls_as_it_should(slope: float, per_octave: float, rng: np.random.Generator) -> None:
    noise = coloured(10 * RATE, slope, RATE, rng)
    power = np.square(np.abs(np.fft.rfft(noise)))
    hz = np.fft.rfftfreq(len(noise), 1 / RATE)
    low, high = (10 * np.log10(power[(hz > c) & (hz < 1.2 * c)].mean()) for c in (250, 4_000))
    assert (high - low) / 4 == pytest.approx(per_octave, abs=0.3)
    assert np.sqrt(np.mean(np.square(noise))) == pytest.approx(1, abs=0.01)


@given(count=st.integers(1, 3_000), size=st.integers(1, 4_000), seed=st.integers(0, 20))
def test_noises_have_any_length(count: int, size: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    recorded = rng.standard_normal(size).astype(np.float32)
    for noise in (
        coloured(count, 1.0, RATE, rng),
        hum(count, 50, RATE, rng),
        laid_out(recorded, count, RATE, rng),
    ):
        assert noise.shape == (count,)
        assert noise.dtype == np.float32
        assert np.isfinite(noise).all()


def test_hum_is_the_mains(rng: np.random.Generator) -> None:
    power = np.square(np.abs(np.fft.rfft(hum(3 * RATE, 50, RATE, rng))))
    assert power[:: 3 * 50].sum() > 0.999 * power.sum()


def test_a_repeated_noise_has_no_seam(rng: np.random.Generator) -> None:
    recorded = coloured(RATE, 2.0, RATE, np.random.default_rng(3)) + np.linspace(0, 5, RATE, dtype=np.float32)
    out = laid_out(recorded, 3 * RATE, RATE, rng)
    assert np.abs(np.diff(out)).max() < 3 * np.abs(np.diff(recorded)).max()
    assert level_db(out) == pytest.approx(level_db(recorded), abs=0.5)


def test_global_randomness_is_decided_inside_and_untouched_outside() -> None:
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002
    expected = random.random(), np.random.rand()  # noqa: NPY002
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002
    draws = []
    for _ in range(2):
        with seeded(42):
            draws.append((random.random(), np.random.rand()))  # noqa: NPY002
    assert draws[0] == draws[1]
    assert (random.random(), np.random.rand()) == expected  # noqa: NPY002


def test_generators_follow_from_names() -> None:
    assert generator("a", 1).random() == generator("a", 1).random()
    assert len({generator(*parts).random() for parts in (("a", 1), ("a", 2), ("a1",), ("b", 1), ("a", "1"))}) == 5
