import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.color.oklch import (
    in_gamut,
    into_gamut,
    linear_from_oklab,
    oklab_from_linear,
    oklab_from_oklch,
    oklch_from_oklab,
)

channel = st.floats(0, 1)
colors = st.tuples(channel, channel, channel).map(np.array)


# Published values: white and D65 lightness by definition, the primaries from the CSS Color 4 sample conversions.
@pytest.mark.parametrize(
    ("rgb", "lab"),
    [
        ((1, 1, 1), (1.0, 0.0, 0.0)),
        ((1, 0, 0), (0.62796, 0.22486, 0.12585)),
        ((0, 1, 0), (0.86644, -0.23389, 0.17950)),
        ((0, 0, 1), (0.45201, -0.03246, -0.31153)),
    ],
)
def test_known_colors(rgb, lab):
    np.testing.assert_allclose(oklab_from_linear(np.array(rgb, dtype=float)), lab, atol=2e-4)


@given(colors)
def test_there_and_back(rgb):
    np.testing.assert_allclose(linear_from_oklab(oklab_from_linear(rgb)), rgb, atol=1e-9)


@given(colors)
def test_polar_there_and_back(rgb):
    lab = oklab_from_linear(rgb)
    np.testing.assert_allclose(oklab_from_oklch(oklch_from_oklab(lab)), lab, atol=1e-12)


@given(colors, st.floats(0.001, 1))
def test_dimming_scales_oklab_by_the_cube_root(rgb, share):
    np.testing.assert_allclose(oklab_from_linear(rgb * share), oklab_from_linear(rgb) * np.cbrt(share), atol=1e-9)


@given(colors)
def test_single_precision_is_the_same_formula(rgb):
    lab = oklab_from_linear(rgb).astype(np.float32)
    fast = linear_from_oklab(lab)
    assert fast.dtype == np.float32
    np.testing.assert_allclose(fast, rgb, atol=2e-5)


@given(st.floats(-0.2, 1.2), st.floats(0, 0.5), st.floats(-np.pi, np.pi))
def test_gamut_mapping_keeps_hue_and_lightness(lightness, chroma, hue):
    lab = oklab_from_oklch(np.array([lightness, chroma, hue]))
    mapped = into_gamut(lab)
    rgb = linear_from_oklab(mapped)
    assert rgb.min() >= -2e-5
    assert rgb.max() <= 1 + 2e-5
    assert mapped[0] == np.clip(lightness, 0, 1)
    kept = oklch_from_oklab(mapped)
    assert kept[1] <= chroma + 1e-12
    if kept[1] > 1e-6:
        assert np.cos(kept[2] - hue) == pytest.approx(1, abs=1e-9)


@given(colors)
def test_colors_in_gamut_are_left_alone(rgb):
    lab = oklab_from_linear(rgb)
    np.testing.assert_array_equal(into_gamut(lab), lab)


def test_no_more_chroma_than_needed_is_taken():
    lab = oklab_from_oklch(np.array([[0.7, 0.4, 2.5], [0.5, 0.4, 4.7]]))
    mapped = into_gamut(lab)
    more = mapped * [1, 1.001, 1.001]
    assert in_gamut(mapped).all()
    assert not in_gamut(more).any()
