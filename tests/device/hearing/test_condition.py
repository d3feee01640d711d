"""Conditioning: mixing, DC, broken samples, counters, gaps, level, and the same bits for any blocks."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from device.errors import InputError
from device.hearing.condition import Conditioner
from hardware.microphone import Block

Samples = NDArray[np.float32]


def conditioned(samples: NDArray[np.generic], rate: int = 48_000) -> Samples:
    conditioner = Conditioner(rate, samples.shape[1])
    return np.concatenate((conditioner.process(Block(samples)), conditioner.flush()))


def tone(rate: int, hz: float, seconds: float = 1.0) -> Samples:
    return np.sin(2 * np.pi * hz * np.arange(round(rate * seconds)) / rate).astype(np.float32)


def test_slots_are_averaged() -> None:
    sound = tone(48_000, 1_000)[:, None]
    both = conditioned(np.hstack((sound, sound)))
    np.testing.assert_allclose(both, conditioned(sound), atol=1e-6)
    np.testing.assert_allclose(conditioned(np.hstack((sound, 0 * sound))), both / 2, atol=1e-6)
    np.testing.assert_allclose(conditioned(np.hstack((sound, -sound))), 0, atol=1e-6)


def test_integers_have_full_scale_two_to_the_31() -> None:
    sound = (tone(48_000, 440) * 0.5)[:, None]
    integers = np.round(sound.astype(np.float64) * 2**31).astype(np.int32)
    np.testing.assert_allclose(conditioned(integers), conditioned(sound), atol=1e-6)


def test_dc_goes_and_sound_stays() -> None:
    sound = tone(48_000, 1_000)[:, None] * 0.1
    out = conditioned(sound + np.float32(0.3))[12_000:-500]
    assert abs(out[:11_472].mean()) < 1e-6  # Whole periods.
    np.testing.assert_allclose(out, tone(24_000, 1_000)[12_000:-500] * 0.1, atol=3e-3)


def test_the_high_pass_is_at_20_hz() -> None:
    def gain_db(hz: float) -> float:
        out = conditioned(tone(48_000, hz, 3.0)[:, None])[24_000:48_000]
        return 10 * math.log10(2 * np.mean(np.square(out, dtype=np.float64)))

    assert gain_db(20) == pytest.approx(-3.0, abs=0.1)
    assert gain_db(2) == pytest.approx(-20.0, abs=0.5)
    assert gain_db(200) == pytest.approx(0.0, abs=0.1)


@settings(max_examples=40, deadline=None)
@given(
    rate=st.sampled_from([48_000, 44_100, 16_000, 24_000]),
    slots=st.integers(1, 3),
    integers=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
    lengths=st.lists(st.integers(0, 2_000), max_size=12),
)
def test_any_blocks_give_the_same_bits_and_counts(
    rate: int, slots: int, integers: bool, seed: int, lengths: list[int]
) -> None:
    rng = np.random.default_rng(seed)
    samples = rng.standard_normal((sum(lengths), slots)).astype(np.float32) * 0.6
    if integers:
        samples = (np.clip(samples, -0.9999, 0.9999) * 2.0**31).astype(np.int32)
    else:
        samples[rng.random(samples.shape) < 0.01] = np.nan
    whole, parts = Conditioner(rate, slots), Conditioner(rate, slots)
    one = np.concatenate((whole.process(Block(samples)), whole.flush()))
    pieces = [parts.process(Block(piece)) for piece in np.split(samples, np.cumsum(lengths))]
    np.testing.assert_allclose(np.concatenate((*pieces, parts.flush())), one, rtol=0, atol=3e-7)
    assert (parts.clipped, parts.non_finite, parts.level_db) == (whole.clipped, whole.non_finite, whole.level_db)


@settings(max_examples=40, deadline=None)
@given(arrays(np.float32, st.tuples(st.integers(0, 300), st.integers(1, 2)), elements=st.floats(width=32)))
def test_no_input_makes_anything_but_moderate_numbers(samples: Samples) -> None:
    conditioner = Conditioner(16_000, samples.shape[1])
    out = np.concatenate((conditioner.process(Block(samples)), conditioner.flush()))
    assert np.isfinite(out).all()
    assert np.abs(out).max(initial=0) < 30
    assert conditioner.non_finite == np.count_nonzero(~np.isfinite(samples))
    assert conditioner.clipped == np.count_nonzero(np.isfinite(samples) & (np.abs(samples) >= 0.999))


def test_broken_samples_count_as_silence() -> None:
    clean = tone(48_000, 300)[:, None] * 0.5
    clean[1_000:1_010] = 0
    broken = clean.copy()
    broken[1_000:1_005], broken[1_005:1_010] = np.nan, -np.inf
    np.testing.assert_array_equal(conditioned(broken), conditioned(clean))


def test_clips_are_counted_in_every_slot() -> None:
    conditioner = Conditioner(48_000, 2)
    samples = np.zeros((100, 2), np.float32)
    samples[3:6, 0], samples[7, 1], samples[8, 1] = 1.0, -1.5, 0.99
    conditioner.process(Block(samples))
    conditioner.process(Block(np.full((2, 2), -(2**31), np.int32)))
    assert conditioner.clipped == 8
    assert conditioner.non_finite == 0


def test_level_is_that_of_the_last_full_hop() -> None:
    conditioner = Conditioner(24_000, 1)
    assert conditioner.level_db == -120
    loud, quiet = tone(24_000, 1_000, 0.5)[:, None], tone(24_000, 1_000, 0.1)[:, None] * 0.01
    conditioner.process(Block(loud))
    assert conditioner.level_db == pytest.approx(-3.01, abs=0.05)
    conditioner.process(Block(quiet[:1_199]))
    assert conditioner.level_db == pytest.approx(-3.01, abs=0.05)
    conditioner.process(Block(quiet[1_199:]))
    assert conditioner.level_db == pytest.approx(-43.01, abs=0.2)
    conditioner.process(Block(np.zeros((24_000, 1), np.float32)))
    assert conditioner.level_db == -120


def test_a_gap_starts_the_change_of_rate_afresh() -> None:
    conditioner = Conditioner(48_000, 1)
    sound = np.random.default_rng(0).standard_normal((4_800, 1)).astype(np.float32) * 0.1
    conditioner.process(Block(sound[:2_000]))
    after = conditioner.process(Block(sound[2_000:], lost=480))
    fresh = Conditioner(48_000, 1).process(Block(sound[2_000:]))
    assert conditioner.lost == 480
    assert len(after) == len(fresh)
    # Only the high-pass, which keeps what it knows of the DC, still differs, and soon no more.
    np.testing.assert_allclose(after[1_200:], fresh[1_200:], atol=1e-4)


def test_after_a_gap_the_hops_of_the_level_begin_anew() -> None:
    conditioner = Conditioner(24_000, 1)
    conditioner.process(Block(tone(24_000, 1_000)[:600, None]))
    conditioner.process(Block(np.zeros((600, 1), np.float32), lost=1))
    assert conditioner.level_db == -120
    conditioner.process(Block(tone(24_000, 1_000)[:600, None]))
    assert conditioner.level_db == pytest.approx(-6.0, abs=0.5)


def test_reset_gives_a_fresh_start() -> None:
    conditioner = Conditioner(44_100, 1)
    noise = np.random.default_rng(0).standard_normal((5_000, 1)).astype(np.float32)
    conditioner.process(Block(noise, lost=3))
    conditioner.process(Block(np.full((9, 1), np.nan, np.float32)))
    conditioner.reset()
    assert (conditioner.clipped, conditioner.non_finite, conditioner.lost, conditioner.level_db) == (0, 0, 0, -120)
    out = np.concatenate((conditioner.process(Block(noise)), conditioner.flush()))
    np.testing.assert_array_equal(out, conditioned(noise, 44_100))


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(10, np.float32),
        np.zeros((10, 3), np.float32),
        np.zeros((10, 2), np.float64),
        np.zeros((10, 2), np.int16),
    ],
)
def test_blocks_of_another_kind_are_refused(samples: NDArray[np.generic]) -> None:
    with pytest.raises(ValueError, match="block needs"):
        Conditioner(48_000, 2).process(Block(samples))


def test_impossible_sources_are_refused() -> None:
    with pytest.raises(InputError, match="channel"):
        Conditioner(48_000, 0)
    with pytest.raises(InputError, match="12 samples a second"):
        Conditioner(12, 1)
