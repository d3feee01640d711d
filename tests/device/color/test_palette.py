import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.color.oklch import oklab_from_linear, oklch_from_oklab
from device.color.palette_file import load_palette, palette_names

PALETTES = {name: load_palette(name) for name in palette_names()}
NAMES = sorted(PALETTES)
names = st.sampled_from(NAMES)
unit = st.floats(-1, 1)
wild = st.floats(-1e6, 1e6)

# Degrees of OKLCH hue in which people use these words for light.
HUES = {"joy": (40, 100), "anger": (-30, 40), "sadness": (250, 300), "calm": (135, 200)}
SIGNS = {"joy": (1, 1), "anger": (-1, 1), "sadness": (-1, -1), "calm": (1, -1)}


def polar(palette, valence, arousal, spread=0.0):
    lightness, chroma, hue = oklch_from_oklab(palette.oklab(valence, arousal, spread))
    return lightness, chroma, math.degrees(hue) % 360


def test_four_palettes_ship():
    assert {"lampyris", "ember", "aurora", "pastel"} <= set(NAMES)


@given(names, wild, wild, st.floats(0, 1e6))
def test_every_color_can_be_shown(name, valence, arousal, spread):
    color = PALETTES[name].color(valence, arousal, spread)
    assert color.shape == (3,)
    assert color.min() >= 0
    assert color.max() <= 1
    assert color.max() > 0.02


@pytest.mark.parametrize("name", NAMES)
def test_anchors_are_met(name):
    palette = PALETTES[name]
    for anchor in (palette.neutral, *palette.anchors):
        np.testing.assert_allclose(palette.oklab(anchor.valence, anchor.arousal), anchor.lab, atol=0.015)


@pytest.mark.parametrize("word", sorted(HUES))
@pytest.mark.parametrize("size", [0.3, 0.6, 1.0])
def test_the_default_palette_speaks_clearly_from_0_3_on(word, size):
    valence, arousal = (size * sign for sign in SIGNS[word])
    _, chroma, hue = polar(PALETTES["lampyris"], valence, arousal)
    low, high = HUES[word]
    assert low <= (hue + 60) % 360 - 60 <= high
    assert chroma > 0.10


def test_neutral_is_a_warm_white():
    lightness, chroma, hue = polar(PALETTES["lampyris"], 0, 0)
    assert lightness > 0.85
    assert chroma < 0.06
    assert 50 < hue < 100


@given(names, unit, unit, unit, unit)
def test_a_small_step_is_a_small_change_of_color(name, valence, arousal, x, y):
    palette = PALETTES[name]
    there = min(1, max(-1, valence + 0.01 * x)), min(1, max(-1, arousal + 0.01 * y))
    step = math.hypot(there[0] - valence, there[1] - arousal)
    change = np.linalg.norm(palette.oklab(*there) - palette.oklab(valence, arousal))
    assert change <= 3.0 * step + 1e-12


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("angle", np.linspace(0, np.pi, 12, endpoint=False))
def test_crossing_the_centre_goes_through_neutral_and_not_around_the_hues(name, angle):
    palette = PALETTES[name]
    way = np.array([palette.oklab(r * np.cos(angle), r * np.sin(angle)) for r in np.linspace(-0.7, 0.7, 141)])
    toward_neutral = np.linalg.norm(way - palette.neutral.lab, axis=1)
    assert toward_neutral[70] < 1e-6
    assert (np.diff(toward_neutral[:71]) < 1e-4).all()
    assert (np.diff(toward_neutral[70:]) > -1e-4).all()


@given(names, st.floats(-np.pi, np.pi), st.floats(0, 1), st.floats(0, 1))
def test_color_grows_with_distance_and_shrinks_with_spread(name, angle, one, other):
    palette = PALETTES[name]
    near, far = sorted((one, other))

    def strength(r, spread):
        return np.linalg.norm(palette.oklab(r * np.cos(angle), r * np.sin(angle), spread) - palette.neutral.lab)

    assert strength(near, 0.1) <= strength(far, 0.1) + 2e-3
    assert strength(0.6, far) <= strength(0.6, near) + 2e-3


def test_spread_takes_saturation():
    chroma = [polar(PALETTES["lampyris"], 0.5, 0.5, spread)[1] for spread in (0.0, 0.2, 0.4, 0.8)]
    assert chroma == sorted(chroma, reverse=True)
    assert chroma[-1] < 0.75 * chroma[0]


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_not_a_number_is_refused(bad, place):
    point = [0.1, 0.1, 0.1]
    point[place] = bad
    with pytest.raises(ValueError, match="finite"):
        PALETTES["lampyris"].color(*point)


def test_the_plane_has_joy_at_the_top_right():
    palette = PALETTES["lampyris"]
    plane = palette.plane(10, 6)
    assert plane.shape == (6, 10, 3)
    np.testing.assert_array_equal(plane[0, 9], palette.color(0.9, 5 / 6))
    np.testing.assert_allclose(oklab_from_linear(plane[5, 0]), palette.oklab(-0.9, -5 / 6), atol=1e-6)
