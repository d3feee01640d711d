"""The share of light that a supply carries."""

import numpy as np
import pytest

from device.color.palette_file import load_palette, palette_names
from device.color.power import light_share
from device.settings import StripSettings
from hardware.light.limit import CurrentLimiter


@pytest.mark.parametrize("name", palette_names())
def test_the_brightest_anchor_just_meets_the_budget(name: str) -> None:
    palette, strip = load_palette(name), StripSettings()
    share = light_share(palette, strip)
    limiter = CurrentLimiter(strip.pixels, strip.budget_ma, strip.channel_ma, strip.idle_ma)
    drawn = [
        limiter.estimate_ma(np.tile(share * palette.color(a.valence, a.arousal), (strip.pixels, 1)))
        for a in palette.anchors
    ]
    assert max(drawn) == pytest.approx(strip.budget_ma)


def test_a_strong_supply_gives_all_the_light_and_a_hopeless_one_is_left_to_the_limiter() -> None:
    palette = load_palette("lampyris")
    assert light_share(palette, StripSettings(budget_ma=60_000)) == 1.0
    assert light_share(palette, StripSettings(pixels=60, budget_ma=10)) == 1.0
