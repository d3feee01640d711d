"""From the picture to the strip: order, white, balance, gamma, place and length."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hardware.light.correct import Corrector, resample
from hardware.light.settings import ORDERS, StripSettings

PICTURE = np.array([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6], [0.7, 0.8, 0.9]], np.float32)


def corrected(driver_order: str | None = "RGB", **settings: Any) -> Any:
    return Corrector(StripSettings(pixels=3, **settings), driver_order).process(PICTURE)


@pytest.mark.parametrize("order", ORDERS)
def test_every_order_puts_each_color_in_its_place(order: str) -> None:
    duty = corrected(None, order=order)
    assert duty.shape == (3, len(order))
    taken = PICTURE.min(axis=1) if "W" in order else 0
    for letter, column in zip("RGB", PICTURE.T, strict=True):
        np.testing.assert_allclose(duty[:, order.index(letter)], column - taken, atol=1e-7)
    if "W" in order:
        np.testing.assert_array_equal(duty[:, order.index("W")], taken)


def test_a_driver_that_sorts_by_itself_gets_red_green_blue() -> None:
    np.testing.assert_array_equal(corrected("RGB", order="BGRW"), PICTURE)


def test_white_balance_scales_the_colors_but_not_the_white_led() -> None:
    np.testing.assert_allclose(corrected(white_balance=(1, 0.5, 0.25)), PICTURE * [1, 0.5, 0.25])
    duty = corrected("RGBW", white_balance=(1, 0.5, 0.25))
    np.testing.assert_allclose(duty[0], [0, 0.05, 0.05, 0.1], atol=1e-7)


def test_gamma_is_applied_once() -> None:
    np.testing.assert_allclose(corrected(gamma=2.2), PICTURE**2.2, rtol=1e-5)


def test_reverse_and_segments_place_the_pixels() -> None:
    np.testing.assert_array_equal(corrected(reverse=True), PICTURE[::-1])
    placed = corrected(segments=((4, 3), (1, 1)))
    np.testing.assert_array_equal(placed[[4, 3, 1]], PICTURE)
    assert not placed[[0, 2]].any()
    np.testing.assert_array_equal(corrected(segments=((4, 3), (1, 1)), reverse=True)[[1, 3, 4]], PICTURE)


@given(light=arrays(np.float32, (7, 3), elements=st.floats(0, 1, width=32)), pixels=st.integers(1, 30))
def test_another_length_keeps_the_light_in_proportion(light: Any, pixels: int) -> None:
    out = resample(light, pixels)
    assert out.shape == (pixels, 3)
    np.testing.assert_allclose(out.mean(axis=0), light.mean(axis=0), atol=1e-5)
    assert out.min() >= light.min() - 1e-6
    assert out.max() <= light.max() + 1e-6


def test_twice_the_length_doubles_each_pixel() -> None:
    np.testing.assert_allclose(resample(PICTURE, 6), PICTURE.repeat(2, axis=0), atol=1e-6)
    duty = Corrector(StripSettings(pixels=6), "RGB").process(PICTURE)
    np.testing.assert_allclose(duty, PICTURE.repeat(2, axis=0), atol=1e-6)
