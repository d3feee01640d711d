"""Onsets: beginnings are seen, a steady sound and a fading one are not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.hearing.bands import COUNT, Bands
from device.hearing.onset import Onset

HOP_S = 0.05
RATE, HOP = 24_000, 1200


def flat(level_db: float) -> np.ndarray:
    return np.full(COUNT, level_db)


def strengths(samples: np.ndarray) -> np.ndarray:
    onset = Onset()
    return np.array([onset.process(levels, HOP_S) for levels in Bands(RATE, HOP).process(samples)])


def test_a_sudden_rise_is_an_onset_and_a_steady_level_is_none() -> None:
    onset = Onset()
    found = [onset.process(flat(level), HOP_S) for level in [-40.0] * 20 + [-15.0] * 20]
    assert max(found[:20]) == 0.0
    assert found[20] == 1.0
    assert found[-1] == 0.0
    assert sum(strength > 0.5 for strength in found) < 4


def test_a_fade_or_a_small_wobble_is_none() -> None:
    onset = Onset()
    assert not any(onset.process(flat(-20.0 - i), HOP_S) for i in range(40))
    onset.reset()
    assert not any(onset.process(flat(-20.0 + i % 2), HOP_S) for i in range(40))


def test_a_note_begins_over_a_louder_chord_that_stays() -> None:
    t = np.arange(2 * RATE) / RATE
    chord = 0.3 * np.sin(2 * np.pi * 100 * t) + 0.3 * np.sin(2 * np.pi * 150 * t)
    note = (t >= 1.0) * sum(0.05 * np.sin(2 * np.pi * 440 * k * t) / k for k in range(1, 8))
    found = strengths(chord + note)
    assert found[:20].max() < 0.1
    assert found[20] > 0.5  # though the whole level rises by less than a tenth of a decibel
    assert found[24:].max() < 0.1


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_what_is_no_level_is_refused(bad: float) -> None:
    levels = flat(-20.0)
    levels[3] = bad
    with pytest.raises(ValueError, match="finite level"):
        Onset().process(levels, HOP_S)
    with pytest.raises(ValueError, match="positive time"):
        Onset().process(flat(-20.0), 0.0)


@given(st.lists(st.integers(0, 3000), max_size=12))
def test_samples_in_any_pieces_make_the_same_bands(pieces: list[int]) -> None:
    samples = np.random.default_rng(0).standard_normal(sum(pieces)).astype(np.float32)
    bands, place, parts = Bands(RATE, HOP), 0, []
    for piece in pieces:
        parts.append(bands.process(samples[place : place + piece]))
        place += piece
    whole = Bands(RATE, HOP).process(samples)
    assert whole.shape == (len(samples) // HOP, COUNT)
    np.testing.assert_allclose(np.concatenate([*parts, whole[:0]]), whole, atol=1e-4)


@pytest.mark.parametrize(("hz", "band"), [(70.0, 0), (440.0, 5), (1000.0, 8), (7000.0, 13)])
def test_a_tone_is_as_loud_in_its_band_as_it_is(hz: float, band: int) -> None:
    tone = 0.1 * np.sqrt(2) * np.sin(2 * np.pi * hz * np.arange(HOP) / RATE)
    levels = Bands(RATE, HOP).process(tone)[0]
    assert np.argmax(levels) == band
    assert levels[band] == pytest.approx(-20.0, abs=1.5)


@pytest.mark.parametrize(("rate", "hop", "bands"), [(24_000, 600, 13), (16_000, 800, 14), (4_000, 200, 10)])
def test_other_rates_and_hops(rate: int, hop: int, bands: int) -> None:
    levels = Bands(rate, hop).process(np.zeros(3 * hop))
    assert levels.shape == (3, bands)
    assert np.isfinite(levels).all()


def test_a_hop_too_short_is_refused() -> None:
    with pytest.raises(ValueError, match="too few"):
        Bands(24_000, 3)
