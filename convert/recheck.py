"""The scores that the evaluation found, found again by converted networks, fold after fold."""

from collections.abc import Sequence
from dataclasses import replace

import keras
from tqdm import tqdm

from convert.calibration import samples_of
from convert.gate import Candidate, judged
from convert.graph import ModelGraph, build_graph
from convert.heldout import Fold, Proof, answers, check_scores, read_folds, scores
from convert.members import further_outputs, load_member
from convert.play import Player
from convert.reference import Outputs, reference
from convert.run import Run
from convert.tflite import CALIBRATED, to_tflite
from convert.window import window_graph
from device.emotion.card import Quantization, Window

HEADS = ("quadrant", "ratings")
"""Outputs that the evaluation scores, beside the emotion."""


def graph_of(members: list[keras.Model], width: int, window: Window | None, more: tuple[str, ...] = ()) -> ModelGraph:
    """The members' graph, for single steps or for a window."""
    if window is None:
        return build_graph(members, width, more)
    return window_graph(members, width, window.steps, more)


def on_held_out_clips(
    run: Run, proof: Proof, window: Window | None, candidates: Sequence[Candidate]
) -> tuple[list[Candidate], dict[str, float]]:
    """The candidates with what they lose, and the scores as Keras reaches them. Who is refused already is left out."""
    tried = [c.trial.quantization for c in candidates if c.trial.verdict == "holds"]
    folds = list(read_folds(run, proof))
    exact: list[Outputs] = []
    told: dict[Quantization, list[Outputs]] = {quantization: [] for quantization in tried}
    # Ranges are measured on clips that a fold's networks have trained on: those that the fold before them left out.
    known = [folds[-1], *folds[:-1]]
    for fold, other in zip(tqdm(folds, desc="folds", unit="fold", leave=False), known, strict=True):
        for quantization, outputs in _fold_told(run, fold, other, window, proof.warmup_steps, tried):
            (exact if quantization is None else told[quantization]).append(outputs)
        keras.backend.clear_session()
    members = run.info.members
    before = scores(folds, exact, members)
    check_scores(proof, before)
    after = {quantization: scores(folds, own, members) for quantization, own in told.items()}
    judged_ones = [
        replace(c, trial=judged(c.trial, before, after[c.trial.quantization])) if c.trial.quantization in after else c
        for c in candidates
    ]
    return judged_ones, before


def _fold_told(
    run: Run, fold: Fold, known: Fold, window: Window | None, warmup: int, tried: Sequence[Quantization]
) -> list[tuple[Quantization | None, Outputs]]:
    """What a fold's networks say of its clips: in Keras (None), then stored in each of the ways."""
    members = [load_member(path, run.width) for path in fold.networks]
    more = further_outputs(members, HEADS)
    told: list[tuple[Quantization | None, Outputs]] = [(None, answers(reference(members, window, more), fold, warmup))]
    graph = graph_of(members, run.width, window, more)
    exact = to_tflite(graph, "float32")
    for quantization in tried:
        samples = samples_of(graph, exact, known.joined, window) if quantization in CALIBRATED else []
        model = to_tflite(graph, quantization, samples)
        told.append((quantization, answers(Player(graph, model, window).process, fold, warmup)))
    return told
