"""How a strip behind a diffuser looks in a dark room: a bright core and light that spreads from it."""

import numpy as np

# Of each layer: width in columns along the strip, half height in half rows across it, steepness across, share.
# A column is about as wide as half a row is high, so that the light spreads as far both ways.
_LAYERS = ((1.0, 1.75, 4.0, 0.93), (3.5, 3.0, 2.0, 0.16), (8.0, 5.0, 2.0, 0.055))
_HOT = 0.07  # of the core's light turns white, as a bright lamp looks to an eye that is used to the dark
_LUMINANCE = (0.2126, 0.7152, 0.0722)


class Bloom:
    """Spreads the pixels of a strip over a picture of columns x half rows, all linear light.

    margin: columns left free for the light at both ends. room: linear RGB [3] of what is left of daylight.
    """

    def __init__(self, pixels: int, columns: int, half_rows: int, margin: int, room: np.ndarray) -> None:
        length = max(columns - 2 * margin, 1)
        pitch = length / pixels
        centre = margin + (np.arange(pixels) + 0.5) * pitch
        column = np.arange(columns) + 0.5
        across = np.arange(half_rows) + 0.5 - half_rows / 2
        # The light ends softly at the edges of the picture, or they would show.
        fade = np.clip(np.minimum(column, columns - column) / (margin + 1), 0.0, 1.0)[:, None]
        edge = np.clip(half_rows / 2 + 0.5 - np.abs(across), 0.0, 2.0) / 2 if half_rows > 4 else np.ones(half_rows)
        along, profile = [], []
        for width, height, steep, share in _LAYERS:
            sigma = max(width, 0.75 * pitch)
            weights = np.exp(-0.5 * ((column[:, None] - centre) / sigma) ** 2) * pitch / (sigma * np.sqrt(2 * np.pi))
            along.append(weights * fade)
            profile.append(share * edge * np.exp(-((np.abs(across) / height) ** steep)))
        self._along = np.concatenate(along).astype(np.float32)
        self._profile = np.stack(profile, axis=1).astype(np.float32)
        self._columns = columns
        self._room = room.astype(np.float32)
        self._white = np.float32(_HOT) * np.array(_LUMINANCE, dtype=np.float32)

    def process(self, frame: np.ndarray) -> np.ndarray:
        """The picture [half rows, columns, 3] of a frame [pixels, 3], linear, in [0, 1]."""
        layers = (self._along @ frame).reshape(len(_LAYERS), self._columns, 3)
        layers[0] += (layers[0] @ self._white)[:, None]
        picture = (self._profile @ layers.reshape(len(_LAYERS), -1)).reshape(-1, self._columns, 3) + self._room
        return np.asarray(np.minimum(picture, 1.0))
