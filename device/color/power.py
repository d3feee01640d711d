"""How much of the full light a power supply carries, so that bright and dim stay apart below its limit."""

import numpy as np

from device.color.palette import Palette
from device.settings import StripSettings


def light_share(palette: Palette, strip: StripSettings) -> float:
    """Share of full light, in (0, 1], at which the whole strip in the palette's brightest anchor meets its budget.

    Scaled by it, the light keeps its play of brightness; limiting alone would cut all bright moments to one level.
    1 when the budget doesn't even cover the dark strip: then the limiter has its own word to say.
    """
    brightest = max(float(np.sum(palette.color(anchor.valence, anchor.arousal))) for anchor in palette.anchors)
    light_ma = strip.budget_ma - strip.idle_ma * strip.pixels
    full_ma = strip.channel_ma * strip.pixels * brightest
    return min(1.0, light_ma / full_ma) if light_ma > 0 else 1.0
