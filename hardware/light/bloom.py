"""How a strip behind a diffuser looks in a dark room: a bright core and light that spreads from it."""

import numpy as np

# Of each layer: width in columns along the strip, half height in half rows across it, share of the light.
# A column is about as wide as half a row is high, so that the layers are round.
_LAYERS = ((1.0, 0.95, 0.92), (3.5, 2.1, 0.20), (9.0, 4.6, 0.075))
_ROOM = (0.0024, 0.0023, 0.0032)  # what is left of daylight, linear


class Bloom:
    """Spreads the pixels of a strip over a picture of columns x half rows, all linear light.

    margin: columns left free for the light at both ends.
    """

    def __init__(self, pixels: int, columns: int, half_rows: int, margin: int) -> None:
        length = max(columns - 2 * margin, 1)
        pitch = length / pixels
        centre = margin + (np.arange(pixels) + 0.5) * pitch
        column = np.arange(columns) + 0.5
        across = np.arange(half_rows) + 0.5 - half_rows / 2
        along, profile = [], []
        for width, height, share in _LAYERS:
            sigma = max(width, 0.75 * pitch)
            weights = np.exp(-0.5 * ((column[:, None] - centre) / sigma) ** 2) * pitch / (sigma * np.sqrt(2 * np.pi))
            along.append(weights)
            profile.append(share * np.exp(-((np.abs(across) / height) ** 2)))
        self._along = np.concatenate(along).astype(np.float32)
        self._profile = np.stack(profile, axis=1).astype(np.float32)
        self._columns = columns

    def process(self, frame: np.ndarray) -> np.ndarray:
        """The picture [half rows, columns, 3] of a frame [pixels, 3], linear, in [0, 1]."""
        layers = (self._along @ frame).reshape(len(_LAYERS), -1)
        picture = (self._profile @ layers).reshape(-1, self._columns, 3)
        # A soft shoulder for what is brighter than the display, as an eye or a camera would see it.
        picture += np.float32(_ROOM)
        return np.asarray(np.minimum(picture, 1.0))
