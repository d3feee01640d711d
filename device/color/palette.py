"""From a point on the valence–arousal plane to a color, without a seam anywhere.

A palette has anchors around the plane and one in the centre. A point at angle φ and distance r from the centre gets

    color = neutral + expand(r / R(φ)) · (ring(φ) − neutral)        in OKLab (L, a, b)

ring(φ) and R(φ) are the color and distance of the anchors on both sides of φ, blended with the smoothstep polynomial
3t² − 2t³, which is flat at the anchors: a quadrant keeps its color over most of its angle. The blend is along a
straight line in (a, b), so that a way through the centre passes neutral and never turns around the hue circle.

expand(u) = tanh(k u) / tanh(k), k = 2.6, is steep near the centre and flat far from it, because predictions of real
music mostly stay within ±0.5: at half of an anchor's distance the color has 87 % of its way from neutral.

A spread s of the ensemble draws the point toward the centre by 1 / (1 + (s / 0.35)²): who is unsure speaks softly.
"""

from dataclasses import dataclass
from itertools import pairwise
from math import isfinite, tanh

import numpy as np

from device.color.oklch import into_gamut, linear_from_oklab

EXPANSION = 2.6
UNSURE = 0.35
_STEPS = 64  # cells of the table from the centre to an edge of the plane


@dataclass(frozen=True, slots=True)
class Anchor:
    """A named color [3] (OKLab) at a point of the plane."""

    name: str
    valence: float
    arousal: float
    lab: np.ndarray


class Palette:
    """Colors for the whole plane, laid down once in a table of OKLab in gamut that is then only looked up.

    neutral: the anchor in the centre. anchors: at least three around it, no two at the same angle.
    silence: OKLab [3] of the glow when nothing is heard.
    """

    def __init__(self, name: str, neutral: Anchor, anchors: tuple[Anchor, ...], silence: np.ndarray) -> None:
        self.name = name
        self.neutral = neutral
        self.anchors = anchors
        self.silence = silence
        axis = np.linspace(-1.0, 1.0, 2 * _STEPS + 1)
        arousal, valence = np.meshgrid(axis, axis, indexing="ij")
        self._table = into_gamut(_blend(neutral, anchors, valence, arousal))

    def color(self, valence: float, arousal: float, spread: float = 0.0) -> np.ndarray:
        """Linear RGB [3] in [0, 1] (float64) of a point; as `oklab` in all else."""
        # Between neighbors of the table the gamut's edge bends by less than 1e-3, which is cut.
        return np.clip(linear_from_oklab(self.oklab(valence, arousal, spread)), 0.0, 1.0)

    def oklab(self, valence: float, arousal: float, spread: float = 0.0) -> np.ndarray:
        """OKLab [3] (float64) of a point; valence and arousal beyond [-1, 1] count as the edge.

        Raises ValueError for a number that is not finite.
        """
        if not (isfinite(valence) and isfinite(arousal) and isfinite(spread)):
            raise ValueError(f"the emotion must be finite, not ({valence}, {arousal}, {spread})")
        sure = 1.0 / (1.0 + (max(spread, 0.0) / UNSURE) ** 2)
        column, x = _cell(valence * sure)
        row, y = _cell(arousal * sure)
        corners = self._table[row : row + 2, column : column + 2].reshape(4, 3)
        return np.asarray(np.array([(1.0 - y) * (1.0 - x), (1.0 - y) * x, y * (1.0 - x), y * x]) @ corners)

    def oklabs(self, valence: np.ndarray, arousal: np.ndarray, spread: np.ndarray) -> np.ndarray:
        """OKLab [n, 3] of n points, each array [n]; `oklab` for many at once, but NaN is the caller's to keep away."""
        sure = 1.0 / (1.0 + (np.maximum(spread, 0.0) / UNSURE) ** 2)
        column, x = _cells(valence * sure)
        row, y = _cells(arousal * sure)
        flat, wide = self._table.reshape(-1, 3), 2 * _STEPS + 1
        corner = row * wide + column
        low = flat.take(corner, axis=0) * (1.0 - x) + flat.take(corner + 1, axis=0) * x
        high = flat.take(corner + wide, axis=0) * (1.0 - x) + flat.take(corner + wide + 1, axis=0) * x
        return np.asarray(low * (1.0 - y) + high * y)

    def plane(self, columns: int, rows: int) -> np.ndarray:
        """The plane as a picture: linear RGB [rows, columns, 3], arousal 1 in the first row, valence -1 at the left."""
        return np.array(
            [
                [self.color(2 * (x + 0.5) / columns - 1, 1 - 2 * (y + 0.5) / rows) for x in range(columns)]
                for y in range(rows)
            ]
        )


def _cell(value: float) -> tuple[int, float]:
    place = (min(1.0, max(-1.0, value)) + 1.0) * _STEPS
    index = min(int(place), 2 * _STEPS - 1)
    return index, place - index


def _cells(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    places = (np.clip(values, -1.0, 1.0) + 1.0) * _STEPS
    index = np.minimum(places.astype(np.int64), 2 * _STEPS - 1)
    return index, (places - index)[:, None]


def _blend(neutral: Anchor, anchors: tuple[Anchor, ...], valence: np.ndarray, arousal: np.ndarray) -> np.ndarray:
    """OKLab [..., 3] of points, by the formula at the top; may leave the gamut."""
    turn = 2 * np.pi
    ring = sorted(anchors, key=lambda anchor: np.arctan2(anchor.arousal, anchor.valence))
    angles = [float(np.arctan2(anchor.arousal, anchor.valence)) for anchor in ring]
    angle = (np.arctan2(arousal, valence) - angles[0]) % turn
    lab = np.empty((*valence.shape, 3))
    reach = np.empty(valence.shape)
    places = [a - angles[0] for a in angles] + [turn]
    for (start, end), (here, there) in zip(pairwise(places), pairwise([*ring, ring[0]]), strict=True):
        inside = (angle >= start) & (angle < end)
        t = (angle[inside] - start) / (end - start)
        weight = t * t * (3.0 - 2.0 * t)
        lab[inside] = here.lab + weight[:, None] * (there.lab - here.lab)
        distance = np.hypot(here.valence, here.arousal), np.hypot(there.valence, there.arousal)
        reach[inside] = distance[0] + weight * (distance[1] - distance[0])
    grown = np.tanh(EXPANSION * np.hypot(valence, arousal) / reach) / tanh(EXPANSION)
    return np.asarray(neutral.lab + grown[..., None] * (lab - neutral.lab))
