"""From the picture to the strip: white balance, white channel, gamma, and which LED shows which pixel."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hardware.light.settings import StripSettings


class Corrector:
    """Turns linear light, [n, 3] in [0, 1], into the duty of each channel of each LED, [leds, channels] in [0, 1].

    order: of the channels, as "GRB" or "RGBW"; by default as the settings say. With W, what is common to red, green and
    blue goes to the white LED, which needs no balance. Gamma is applied here and nowhere else.
    A picture of another length than settings.pixels is spread over all of them, or averaged, so that its light in all
    stays in proportion. LEDs that no pixel is on stay dark.
    """

    def __init__(self, settings: StripSettings, order: str | None = None) -> None:
        order = order or settings.order
        self.channels = len(order)
        self._pixels = settings.pixels
        self._white = "W" in order
        self._columns = np.array(["RGBW".index(letter) for letter in order])
        self._balance = np.array(settings.white_balance, np.float32)
        self._gamma = np.float32(settings.gamma)
        self._place = _place(settings)
        self._duty = np.zeros((settings.leds, self.channels), np.float32)

    def process(self, light: NDArray[Any]) -> NDArray[np.float32]:
        """The duty [leds, channels] of a picture; valid until the next call."""
        if len(light) != self._pixels:
            light = resample(light, self._pixels)
        if self._white:
            white = light.min(axis=1, keepdims=True)
            light = np.concatenate([(light - white) * self._balance, white], axis=1)
        else:
            light = light * self._balance
        if self._gamma != 1:
            light = light**self._gamma
        self._duty[self._place] = light[:, self._columns]
        return self._duty


def resample(light: NDArray[Any], pixels: int) -> NDArray[np.float32]:
    """The picture [n, 3] on another number of pixels, each the mean of what it covers."""
    edges = np.linspace(0, len(light), pixels + 1)
    total = np.concatenate([np.zeros((1, 3)), np.cumsum(light, axis=0, dtype=np.float64)])
    at_edges = np.stack([np.interp(edges, np.arange(len(total)), column) for column in total.T], axis=1)
    return np.clip(np.diff(at_edges, axis=0) * (pixels / len(light)), 0, 1).astype(np.float32)


def _place(settings: StripSettings) -> Any:
    """The LED of each pixel: a slice where it can be one, which is faster."""
    if not settings.segments:
        return slice(None, None, -1 if settings.reverse else 1)
    runs = [
        range(first, last + 1) if first <= last else range(first, last - 1, -1) for first, last in settings.segments
    ]
    leds = [led for run in runs for led in run]
    return np.array(leds[::-1] if settings.reverse else leds)
