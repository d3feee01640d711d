"""The gate: which way of storing a network changes nothing that counts, and what each would cost."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from convert.anatomy import arena_bytes, operators
from convert.calibration import samples_of
from convert.drift import MOST_GROWTH, MOST_REST, Drift, measure, rehearsal
from convert.graph import ModelGraph
from convert.play import HERE
from convert.prove import output_elsewhere, output_here
from convert.reference import Array, Reference
from convert.tflite import CALIBRATED, Sample, to_tflite
from device.emotion import self_test
from device.emotion.bundle import Bundle
from device.emotion.card import Card, Quantization, Trial, seal_for
from device.emotion.runner import model_of
from device.emotion.runtime import installed_runtimes, runtime_label
from device.errors import InputError

LARGEST = {"float32": 1e-4, "float16": 2e-2, "dynamic": 0.1, "int8": 0.1, "int16x8": 0.1}
"""Difference in valence or arousal, of any member at any step. float32 must compute the same; the others may differ
by what nobody sees in a color."""

RMS = {"float32": 1e-4, "float16": 5e-3, "dynamic": 0.02, "int8": 0.02, "int16x8": 0.02}
F1_LOSS, R2_LOSS = 0.005, 0.01

STEPS_TIMED, ROUNDS = 200, 5


@dataclass(frozen=True)
class Rehearsal:
    """frames [T, width], see drift.rehearsal, of which the first `once` are the music; what Keras says of them.

    real: whether they are of sound, so that ranges may be measured on them.
    """

    frames: Array
    expected: Array
    once: int
    step_s: float
    real: bool

    @property
    def music(self) -> Array:
        """The frames, once."""
        return self.frames[: self.once]


def rehearsal_of(music: Array, tell: Reference, step_s: float, real: bool) -> Rehearsal:
    """The music made into a rehearsal, and told."""
    frames = rehearsal(music, step_s)
    return Rehearsal(frames, tell(frames)["va"], len(music), step_s, real)


@dataclass(frozen=True)
class Candidate:
    """A way of storing that was tried. bundle: what would ship, None where there is nothing to run."""

    trial: Trial
    bundle: Bundle | None
    drift: Drift | None


def try_out(graph: ModelGraph, quantization: Quantization, card: Card, rehearsal: Rehearsal) -> Candidate:
    """Convert, run in every installed runtime, compare and time; the verdict is still without held-out clips.

    card: of the graph, what depends on the model's bytes is filled in here.
    """
    model, failure = b"", ""
    try:
        exact = to_tflite(graph, "float32") if quantization in CALIBRATED else b""
        model = to_tflite(graph, quantization, calibration(graph, quantization, card, rehearsal, exact))
        card = msgspec.structs.replace(
            card, quantization=quantization, operators=operators(model), arena_bytes=arena_bytes(model)
        )
        bundle = Bundle(seal_for(card, model), model)
        card = msgspec.structs.replace(card, self_test=self_test.expected(bundle, HERE))
        bundle = Bundle(seal_for(card, model), model)
        drift, proved = _run_everywhere(bundle, rehearsal)
        bundle = Bundle(seal_for(msgspec.structs.replace(card, runtimes=proved), model), model)
    except InputError as error:
        failure = str(error).rstrip(".")
        trial = Trial(
            quantization=quantization,
            model_bytes=len(model),
            arena_bytes=0,
            step_us=0.0,
            largest=0.0,
            rms=0.0,
            growth=1.0,
            rest=1.0,
            curve=(),
            verdict=failure,
        )
        return Candidate(trial, None, None)
    trial = Trial(
        quantization=quantization,
        model_bytes=len(model),
        arena_bytes=card.arena_bytes,
        step_us=round(step_us(bundle, rehearsal.music), 1),
        largest=_significant(drift.largest),
        rms=_significant(drift.rms),
        growth=round(min(drift.growth, 1e6), 2),
        rest=round(min(drift.rest, 1e6), 2),
        curve=tuple(_significant(value) for value in drift.curve),
        verdict="holds",
    )
    return Candidate(msgspec.structs.replace(trial, verdict=_verdict(trial)), bundle, drift)


def calibration(
    graph: ModelGraph, quantization: Quantization, card: Card, rehearsal: Rehearsal, exact: bytes
) -> list[Sample]:
    """Real inputs for the ways that need them; none for the others, or where the frames are made up."""
    if quantization not in CALIBRATED or not rehearsal.real:
        return []
    return samples_of(graph, exact, rehearsal.music, card.window)


def judged(trial: Trial, before: dict[str, float], after: dict[str, float]) -> Trial:
    """The trial with what its conversion costs on held-out clips: `before` by Keras, `after` by the converted."""
    losses = {name: before[name] - after[name] for name in before}
    f1 = [loss for name, loss in losses.items() if "_f1" in name]
    r2 = [loss for name, loss in losses.items() if "_r2_" in name]
    trial = msgspec.structs.replace(
        trial,
        f1_loss=_worst(f1),
        r2_loss=_worst(r2),
        scores={name: round(value, 5) for name, value in after.items()},
    )
    return msgspec.structs.replace(trial, verdict=_verdict(trial))


def smallest(candidates: Sequence[Candidate]) -> Candidate | None:
    """The smallest that holds, None if none does."""
    holding = [candidate for candidate in candidates if candidate.trial.verdict == "holds"]
    return min(holding, key=lambda candidate: candidate.trial.model_bytes, default=None)


def step_us(bundle: Bundle, frames: Array) -> float:
    """Microseconds of processor time that the lamp's model takes for a frame, Python included: the best of rounds."""
    model = model_of(bundle, HERE)
    best = math.inf
    for _ in range(ROUNDS):
        start = time.process_time()
        for frame in frames[:STEPS_TIMED]:
            model.process(frame)
        best = min(best, time.process_time() - start)
    return best / min(len(frames), STEPS_TIMED) * 1e6


def _run_everywhere(bundle: Bundle, rehearsal: Rehearsal) -> tuple[Drift, tuple[str, ...]]:
    """The worst of the runtimes, and the labels of all."""
    drifts, labels = [], []
    for runtime in installed_runtimes():
        output = output_here if runtime == HERE else output_elsewhere
        got = output(bundle, rehearsal.frames, runtime)
        drifts.append(measure(rehearsal.expected, got, rehearsal.once, rehearsal.step_s))
        labels.append(runtime_label(runtime))
    return max(drifts, key=lambda drift: (drift.largest, drift.growth)), tuple(labels)


def _verdict(trial: Trial) -> str:
    """ "holds", or the first reason why not."""
    kind = trial.quantization
    if not trial.largest <= LARGEST[kind]:
        return f"differs from Keras by {trial.largest:.2g}, allowed is {LARGEST[kind]:g}"
    if not trial.rms <= RMS[kind]:
        return f"differs from Keras by {trial.rms:.2g} (RMS), allowed is {RMS[kind]:g}"
    if not trial.growth <= MOST_GROWTH:
        return f"drifts: its error grows {trial.growth:.1f}-fold over the same music, allowed is {MOST_GROWTH:g}"
    if not trial.rest <= MOST_REST:
        return f"sticks: its error is {trial.rest:.1f}-fold where the sound stands still, allowed is {MOST_REST:g}"
    if trial.f1_loss is not None and not trial.f1_loss <= F1_LOSS:
        return f"loses {trial.f1_loss:.4f} of F1 on held-out clips, allowed is {F1_LOSS:g}"
    if trial.r2_loss is not None and not trial.r2_loss <= R2_LOSS:
        return f"loses {trial.r2_loss:.4f} of R² on held-out clips, allowed is {R2_LOSS:g}"
    return "holds"


def _worst(losses: Sequence[float]) -> float | None:
    """The largest; what is no number is worse than any."""
    return round(max(loss if math.isfinite(loss) else 1e6 for loss in losses), 5) if losses else None


def _significant(value: float) -> float:
    return float(np.format_float_scientific(value, precision=3)) if math.isfinite(value) else 1e6
