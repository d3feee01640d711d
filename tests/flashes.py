"""Counts flashes as WCAG 2.2, success criterion 2.3.1 defines them."""

import numpy as np

LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
_SWING, _RED_SWING = 0.1, 20 / 320
_DARKER_BELOW, _SATURATED = 0.8, 0.8


def most_flashes(frames: np.ndarray, rate: float) -> int:
    """The most flashes, general or red, within any second, of any pixel or of the whole: frames [n, pixels, 3]."""
    lights = np.concatenate([frames, frames.mean(axis=1, keepdims=True)], axis=1).astype(np.float64)
    general, red = lights @ LUMINANCE, redness(lights)
    tracks = [(track, _SWING, _DARKER_BELOW) for track in general.T]
    tracks += [(track, _RED_SWING, np.inf) for track in red.T]
    return max(_busiest(turns(track, swing, darker), rate) for track, swing, darker in tracks)


def redness(lights: np.ndarray) -> np.ndarray:
    """R - G - B of a saturated red, else 0; linear RGB [..., 3]."""
    share = lights[..., 0] / np.maximum(lights.sum(axis=-1), 1e-9)
    return np.where(share >= _SATURATED, np.maximum(0.0, lights[..., 0] - lights[..., 1] - lights[..., 2]), 0.0)


def turns(track: np.ndarray, swing: float, darker: float = np.inf) -> list[int]:
    """Where a change by at least `swing` was complete, each opposite to the one before; its dark end below `darker`."""
    found, way, extreme = [], 0, track[0]
    low = high = track[0]
    for index, value in enumerate(track):
        low, high = min(low, value), max(high, value)
        if way == 0:
            way = 1 if value - low >= swing else -1 if high - value >= swing else 0
            begun, extreme = way != 0, value
        elif (value - extreme) * way > 0:
            begun, extreme = False, value
        else:
            begun = abs(value - extreme) >= swing
            if begun:
                way, extreme = -way, value
        if begun and low < darker:
            found.append(index)
            low = high = value
    return found


def _busiest(found: list[int], rate: float) -> int:
    """The most pairs of changes within a second."""
    return max((sum(0 <= later - first < rate for later in found) for first in found), default=0) // 2
