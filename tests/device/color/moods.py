"""Inputs for scenes, and what comes out."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

from device.color.palette_file import load_palette, palette_names
from device.color.scenes.breathe import Breathe
from device.color.scenes.glow import Glow
from device.color.scenes.pulse import Pulse
from device.color.scenes.trail import Trail
from device.emotion.emotion import Emotion

PALETTES = {name: load_palette(name) for name in palette_names()}
PALETTE = PALETTES["lampyris"]
KINDS = {"glow": Glow, "trail": Trail, "pulse": Pulse, "breathe": Breathe}
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
JOY, ANGER = Emotion(0.6, 0.6, 0.05), Emotion(-0.6, 0.6, 0.05)
SADNESS, CALM = Emotion(-0.6, -0.6, 0.05), Emotion(0.6, -0.6, 0.05)

wide = st.floats(-1, 1)
inputs = st.tuples(
    st.builds(Emotion, wide, wide, st.floats(0, 2)),
    st.one_of(st.floats(-200, 40), st.just(-math.inf), st.just(math.inf)),
    st.floats(-5, 5),
    st.sampled_from(["music", "silence", "speech"]),
    st.floats(0, 3),
)


def frames(
    scene: Any,
    seconds: float,
    rate: float = 60,
    start: float = 0.0,
    emotion: Emotion = JOY,
    level_db: float = -14.0,
    onset: float | Callable[[float], float] = 0.0,
    sound: str = "music",
) -> np.ndarray:
    """Frames [n, pixels, 3] of constant input, but for an onset that may be a function of time."""
    times = start + np.arange(round(seconds * rate)) / rate
    hit = onset if callable(onset) else lambda _: onset
    return np.array([scene.process(emotion, level_db, hit(t), sound, float(t)) for t in times])
