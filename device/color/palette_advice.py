"""What is allowed in a palette, but unlikely to be meant."""

from itertools import combinations

import numpy as np

from device.color.palette import Palette

ALIKE = 0.06
"""OKLab distance: nearer colors look the same when they are not side by side, as on a lamp they never are."""
DARK = 0.40
"""OKLab lightness of the darkest anchor that still lights a room: 6 % of the luminance of white."""


def advice(palette: Palette) -> list[tuple[str, str]]:
    """(anchor, sentence) of colors that look alike or are too dark; the color of silence has the name 'silence'."""
    found = []
    anchors = (palette.neutral, *palette.anchors)
    for one, other in combinations(anchors, 2):
        distance = float(np.linalg.norm(one.lab - other.lab))
        if distance < ALIKE:
            found.append(
                (
                    other.name,
                    f"'{one.name}' and '{other.name}' look alike (OKLab distance {distance:.3f}); "
                    f"keep them at least {ALIKE} apart, best by hue",
                )
            )
    for name, lab in [(anchor.name, anchor.lab) for anchor in anchors] + [("silence", palette.silence)]:
        if lab[0] < DARK:
            found.append((name, f"'{name}' is dark (lightness {lab[0]:.2f}); a lamp needs {DARK:.2f} or more to glow"))
    return found
