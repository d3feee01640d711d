"""From a trained run to a checked bundle, stage by stage."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from convert.describe import describe
from convert.frames import comparison_frames
from convert.gate import rehearsal_of, smallest, try_out
from convert.heldout import read_proof
from convert.members import load_members
from convert.play import HERE
from convert.recheck import graph_of, on_held_out_clips
from convert.reference import reference
from convert.run import read_run
from convert.tflite import QUANTIZATIONS
from device.emotion.bundle import check_target, write_bundle
from device.emotion.card import Card, Quantization, Window
from device.emotion.gate_table import gate_table
from device.emotion.runtime import installed_runtimes
from device.errors import InputError

UNCHECKED = "Its scores were not checked again after the conversion: the run held no networks of an evaluation."
SHORT = "Its conversion was not checked on ten minutes of real music: the run held less."
"""Limits for the card."""


def convert(
    folder: Path,
    out: Path,
    quantization: Quantization | None = None,
    name: str | None = None,
    window: Window | None = None,
    say: Callable[[str], None] = print,
) -> Card:
    """Convert the run in `folder` into a bundle at `out`, proved in every runtime that is installed; its card.

    quantization: None for the smallest that holds. window: for models that cannot run frame by frame. say: gets a line
    for every stage. Raises InputError, with nothing written, if anything is wrong.
    """
    if HERE not in installed_runtimes():
        raise InputError("The conversion is proved in ai-edge-litert; run 'pip install ai-edge-litert'.")
    check_target(out)
    run = read_run(folder)
    proof = read_proof(run)
    every = f"a step each {run.step_s:g} s" if window is None else f"a look at {window.steps} frames"
    say(f"run      {run.info.name}: {run.info.members} members, {run.width} inputs, {every}")
    members = load_members(run)
    graph = graph_of(members, run.width, window)
    card = describe(run, name or run.info.name, graph, window)

    music, origin = comparison_frames(run, members[0])
    play = rehearsal_of(music, reference(members, window), run.step_s, origin != "made up")
    known = ((SHORT, origin != "recorded"), (UNCHECKED, proof is None))
    limits = (*card.limits, *(limit for limit, holds in known if holds))
    card = msgspec.structs.replace(card, parity_frames=origin, limits=limits)
    minutes = len(music) * run.step_s / 60
    say(f"frames   {minutes:.1f} min, {origin}, played twice, then some of them held still")
    tried = QUANTIZATIONS if quantization is None else (quantization,)
    say(f"trying   {', '.join(tried)}{'; with the folds this takes some minutes' if proof is not None else ''}")
    candidates = [try_out(graph, one, card, play) for one in tried]
    if proof is None:
        say("folds    none: 'python -m trainer evaluate RUN --protocol artist' leaves some, to check scores on")
    else:
        candidates, exact = on_held_out_clips(run, proof, window, candidates)
        listed = ", ".join(f"{key} {value:.4f}" for key, value in exact.items())
        say(f"folds    {len(proof.folds)} of the protocol {proof.protocol}; Keras: {listed}")
    ships = smallest(candidates)
    trials = tuple(msgspec.structs.replace(c.trial, verdict="ships") if c is ships else c.trial for c in candidates)
    for line in gate_table(trials):
        say(line)
    if ships is None or ships.bundle is None or ships.drift is None:
        verdicts = "; ".join(f"{trial.quantization}: {trial.verdict}" for trial in trials)
        raise InputError(f"No way of storing the model holds, nothing was written ({verdicts}).")
    drift = ships.drift
    card = msgspec.structs.replace(
        ships.bundle.card,
        parity={
            "largest": drift.largest,
            "rms": drift.rms,
            "growth": drift.growth,
            "rest": drift.rest,
            "seconds": drift.seconds,
        },
        gate=trials,
    )
    card = write_bundle(out, card, ships.bundle.model)
    say(f"proved   in {' and '.join(card.runtimes)}")
    say(f"bundle   {out}: {card.quantization}, {card.model_bytes / 1000:.1f} kB")
    say(f"next     lampyris bundle install {out}")
    return card
