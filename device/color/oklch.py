"""OKLab and OKLCH, the space in which the lamp mixes its colors.

Björn Ottosson, "A perceptual color space for image processing" (2020), https://bottosson.github.io/posts/oklab/.
Arrays have the color in their last axis. OKLab is (L, a, b), OKLCH is (L, chroma, hue in radians), L in [0, 1].
Linear light scaled by k is OKLab scaled by the cube root of k: dimming keeps hue and the ratio of chroma to L.
"""

import numpy as np

# Linear sRGB to cone responses, and their cube roots to OKLab (Ottosson's matrices of 2021-01-25).
_CONES_FROM_RGB = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LAB_FROM_ROOTS = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
# Inverses are computed, not copied, so that there and back is exact to rounding. Kept transposed, for row vectors.
_TO_CONES, _TO_LAB = _CONES_FROM_RGB.T.copy(), _LAB_FROM_ROOTS.T.copy()
_TO_ROOTS, _TO_RGB = np.linalg.inv(_TO_LAB), np.linalg.inv(_TO_CONES)
_TO_ROOTS_32, _TO_RGB_32 = _TO_ROOTS.astype(np.float32), _TO_RGB.astype(np.float32)

_BISECTIONS = 20
_GAMUT_SLACK = 1e-5


def oklab_from_linear(rgb: np.ndarray) -> np.ndarray:
    """Linear sRGB [..., 3] to OKLab [..., 3]."""
    return np.asarray(np.cbrt(rgb @ _TO_CONES) @ _TO_LAB)


def linear_from_oklab(lab: np.ndarray) -> np.ndarray:
    """OKLab [..., 3] to linear sRGB [..., 3], not cut to [0, 1]. float32 stays float32."""
    if lab.dtype == np.float32:
        return _mixed_cubes(lab, _TO_ROOTS_32, _TO_RGB_32)
    return _mixed_cubes(lab, _TO_ROOTS, _TO_RGB)


def oklch_from_oklab(lab: np.ndarray) -> np.ndarray:
    """OKLab to OKLCH; a gray has hue 0."""
    a, b = lab[..., 1], lab[..., 2]
    return np.stack([lab[..., 0], np.hypot(a, b), np.arctan2(b, a)], axis=-1)


def oklab_from_oklch(lch: np.ndarray) -> np.ndarray:
    """OKLCH to OKLab."""
    chroma, hue = lch[..., 1], lch[..., 2]
    return np.stack([lch[..., 0], chroma * np.cos(hue), chroma * np.sin(hue)], axis=-1)


def in_gamut(lab: np.ndarray) -> np.ndarray:
    """Whether each color [..., 3] can be shown: every channel of its linear RGB in [0, 1] (within 1e-5)."""
    rgb = linear_from_oklab(lab)
    return np.asarray(np.all((rgb >= -_GAMUT_SLACK) & (rgb <= 1.0 + _GAMUT_SLACK), axis=-1))


def into_gamut(lab: np.ndarray) -> np.ndarray:
    """The nearest color that can be shown, of the same hue and lightness: only chroma is taken away, by bisection.

    lab: OKLab [..., 3]; lightness beyond [0, 1] is cut first. Colors in gamut come back as they are.
    """
    lab = np.array(lab, dtype=np.float64)
    lab[..., 0] = np.clip(lab[..., 0], 0.0, 1.0)
    beyond = ~in_gamut(lab)
    colors = lab[beyond]
    low, high = np.zeros(len(colors)), np.ones(len(colors))
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        fits = in_gamut(_with_chroma(colors, middle))
        low, high = np.where(fits, middle, low), np.where(fits, high, middle)
    lab[beyond] = _with_chroma(colors, low)
    return lab


def _with_chroma(lab: np.ndarray, share: np.ndarray) -> np.ndarray:
    return np.stack([lab[..., 0], lab[..., 1] * share, lab[..., 2] * share], axis=-1)


def _mixed_cubes(lab: np.ndarray, to_roots: np.ndarray, to_rgb: np.ndarray) -> np.ndarray:
    roots = lab @ to_roots
    return np.asarray((roots * roots * roots) @ to_rgb)
