"""Real inputs to measure ranges on."""

import numpy as np

from convert.graph import ModelGraph
from convert.play import Player
from convert.reference import Array, looks_of
from convert.tflite import Sample
from device.emotion.card import Window

SAMPLES = 300


def samples_of(graph: ModelGraph, exact: bytes, frames: Array, window: Window | None) -> list[Sample]:
    """SAMPLES inputs from all over the frames; of a step model also the states that it has by then.

    exact: the graph in float32, which tells the states.
    """
    chosen = np.unique(np.linspace(0, len(frames) - 1, SAMPLES).round().astype(int))
    if window is not None:
        looks = looks_of(len(frames), Window(window.steps))
        return [{"frames": frames[looks[i]][None]} for i in chosen]
    states = Player(graph, exact, None).states(frames)
    return [{"frame": frames[i][None], "state": states[i]} for i in chosen]
