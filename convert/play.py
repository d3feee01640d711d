"""A converted model and all its outputs, also those that the lamp does not take."""

from collections.abc import Iterable

import numpy as np

from convert.graph import ModelGraph
from convert.reference import Array, Outputs, looks_of
from device.emotion.card import Window
from device.emotion.runtime import open_interpreter

HERE = "ai_edge_litert"
"""The runtime that may share a process with TensorFlow."""


class Player:
    """process(frames [T, width]) -> Outputs, from a fresh start."""

    def __init__(self, graph: ModelGraph, model: bytes, window: Window | None) -> None:
        self._model = model  # the interpreter reads from these bytes for as long as it lives
        self._window = window
        self._run = open_interpreter(model, HERE)
        signature = self._run.get_signature_runner(graph.kind)
        self._inputs = {name: int(detail["index"]) for name, detail in signature.get_input_details().items()}
        self._outputs = {name: int(detail["index"]) for name, detail in signature.get_output_details().items()}
        self._state = np.zeros((1, graph.state_size), np.float32)

    def process(self, frames: Array) -> Outputs:
        """Every output but the state, a row for every frame."""
        rows: Iterable[object] = self._steps(frames) if self._window is None else self._looks(frames, self._window)
        told = [[self._run.get_tensor(index)[0] for index in self._outputs.values()] for _ in rows]
        columns = {name: np.stack(column) for name, column in zip(self._outputs, zip(*told, strict=True), strict=True)}
        columns.pop("state", None)
        if self._window is not None:
            columns = {
                name: np.repeat(rows, self._window.every, axis=0)[: len(frames)] for name, rows in columns.items()
            }
        return columns

    def states(self, frames: Array) -> list[Array]:
        """The state [1, S] that each frame of a step model meets."""
        return list(self._steps(frames))

    def _steps(self, frames: Array) -> Iterable[Array]:
        """Step through the frames; gives, after each step, the state before it."""
        state = self._state
        for frame in frames:
            self._run.set_tensor(self._inputs["frame"], frame[None])
            self._run.set_tensor(self._inputs["state"], state)
            self._run.invoke()
            yield state
            state = self._run.get_tensor(self._outputs["state"])

    def _looks(self, frames: Array, window: Window) -> Iterable[None]:
        for look in looks_of(len(frames), window):
            self._run.set_tensor(self._inputs["frames"], frames[look][None])
            self._run.invoke()
            yield None
