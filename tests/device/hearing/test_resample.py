"""Change of rate: attenuation and flatness measured with tones, time alignment, and the same bits for any chunks."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from device.errors import InputError
from device.hearing.resample import Resampler

# 44056 and 47952 share few factors with 24000 and take the other kernel.
RATES = [
    (48_000, 24_000),
    (44_100, 24_000),
    (22_050, 24_000),
    (16_000, 24_000),
    (8_000, 24_000),
    (96_000, 24_000),
    (11_025, 24_000),
    (192_000, 24_000),
    (44_056, 24_000),
    (48_000, 16_000),
]


def resampled(samples: NDArray[np.float32], rate_in: int, rate_out: int) -> NDArray[np.float32]:
    resampler = Resampler(rate_in, rate_out)
    return np.concatenate((resampler.process(samples), resampler.flush()))


def tone(rate: int, hz: float, seconds: float) -> NDArray[np.float32]:
    return np.sin(2 * np.pi * hz * np.arange(round(rate * seconds)) / rate).astype(np.float32)


def middle(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    quarter = len(samples) // 4
    return samples[quarter:-quarter].astype(np.float64)


@pytest.mark.parametrize(("rate_in", "rate_out"), [pair for pair in RATES if pair[0] > pair[1]])
def test_what_lies_above_the_new_nyquist_frequency_is_80_db_down(rate_in: int, rate_out: int) -> None:
    for hz in np.linspace(rate_out / 2 * 1.001, rate_in / 2 * 0.999, 25):
        out = middle(resampled(tone(rate_in, hz, 0.2), rate_in, rate_out))
        assert 20 * math.log10(math.sqrt(2 * np.mean(out**2)) + 1e-12) < -80, hz


@pytest.mark.parametrize(("rate_in", "rate_out"), [pair for pair in RATES if pair[0] < pair[1]])
def test_a_higher_rate_has_no_images(rate_in: int, rate_out: int) -> None:
    for hz in np.linspace(0.1, 0.99, 12) * rate_in / 2:
        out = middle(resampled(tone(rate_in, hz, 1.0), rate_in, rate_out))
        window = np.kaiser(len(out), 20)
        spectrum = np.abs(np.fft.rfft(out * window)) / window.sum() * 2
        images = spectrum[np.fft.rfftfreq(len(out), 1 / rate_out) > rate_in - hz - 20]
        assert 20 * math.log10(images.max(initial=1e-12)) < -80, hz


@pytest.mark.parametrize(("rate_in", "rate_out"), RATES)
def test_the_pass_band_is_flat_and_every_sample_sits_at_its_time(rate_in: int, rate_out: int) -> None:
    nyquist = min(rate_in, rate_out) / 2
    for hz in np.linspace(0.02, 0.9, 12) * nyquist:
        out = middle(resampled(tone(rate_in, hz, 0.4), rate_in, rate_out))
        wanted = middle(tone(rate_out, hz, 0.4))
        # 0.1 dB of level or the phase of a small part of a sample would both show as an error of 1 %.
        assert np.abs(out - wanted[: len(out)]).max() < 0.011, hz
        assert abs(20 * math.log10(math.sqrt(np.mean(out**2) / np.mean(wanted**2)))) < 0.1, hz


def test_a_constant_stays_that_constant() -> None:
    for rate_in, rate_out in RATES:
        out = middle(resampled(np.ones(rate_in // 10, np.float32), rate_in, rate_out))
        np.testing.assert_allclose(out, 1, atol=2e-6)


@pytest.mark.parametrize(("rate_in", "rate_out"), [*RATES, (24_000, 24_000)])
@pytest.mark.parametrize("length", [0, 1, 7, 2_400, 5_001])
def test_the_number_of_samples_is_that_of_the_same_time(rate_in: int, rate_out: int, length: int) -> None:
    out = resampled(np.ones(length, np.float32), rate_in, rate_out)
    assert out.dtype == np.float32
    assert len(out) == math.ceil(length * rate_out / rate_in)


@settings(max_examples=60, deadline=None)
@given(
    pair=st.sampled_from([*RATES, (24_000, 24_000)]),
    seed=st.integers(0, 2**32 - 1),
    lengths=st.lists(st.one_of(st.integers(0, 40), st.integers(0, 3_000)), max_size=25),
)
def test_any_chunking_gives_the_same_bits(pair: tuple[int, int], seed: int, lengths: list[int]) -> None:
    samples = np.random.default_rng(seed).standard_normal(sum(lengths)).astype(np.float32)
    resampler = Resampler(*pair)
    parts = [resampler.process(part) for part in np.split(samples, np.cumsum(lengths))]
    out = np.concatenate((*parts, resampler.flush()))
    np.testing.assert_array_equal(out, resampled(samples, *pair))


@pytest.mark.parametrize(("rate_in", "rate_out"), RATES)
def test_nothing_is_held_back_for_long(rate_in: int, rate_out: int) -> None:
    resampler = Resampler(rate_in, rate_out)
    heard = made = 0
    for _ in range(100):
        made += len(resampler.process(np.ones(97, np.float32)))
        heard += 97
        assert 0 <= heard / rate_in - made / rate_out < (0.006 if rate_in >= 32_000 and rate_out >= 24_000 else 0.02)


@pytest.mark.parametrize("pair", [(48_000, 24_000), (44_056, 24_000)])
def test_reset_and_flush_give_a_fresh_start(pair: tuple[int, int]) -> None:
    noise = np.random.default_rng(1).standard_normal(3_001).astype(np.float32)
    fresh = resampled(noise, *pair)
    resampler = Resampler(*pair)
    resampler.process(noise[:1_234])
    resampler.reset()
    np.testing.assert_array_equal(np.concatenate((resampler.process(noise), resampler.flush())), fresh)
    np.testing.assert_array_equal(np.concatenate((resampler.process(noise), resampler.flush())), fresh)


def test_equal_rates_pass_a_copy() -> None:
    samples = np.ones(10, np.float32)
    out = Resampler(24_000, 24_000).process(samples)
    out[:] = 0
    assert samples.all()


@pytest.mark.parametrize(
    "pair", [(0, 24_000), (-44_100, 24_000), (3_999, 24_000), (384_001, 24_000), (383_999, 24_000)]
)
def test_absurd_rates_are_refused(pair: tuple[int, int]) -> None:
    with pytest.raises(InputError, match=str(pair[0])):
        Resampler(*pair)


def test_two_channels_are_refused() -> None:
    with pytest.raises(ValueError, match="one channel"):
        Resampler(48_000, 24_000).process(np.zeros((5, 2), np.float32))
