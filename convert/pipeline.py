"""From a trained run to a checked bundle, stage by stage."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from convert.describe import describe
from convert.frames import comparison_frames
from convert.graph import build_graph
from convert.members import load_members
from convert.parity import Parity, compare, require, sequence_output, step_output
from convert.prove import output_elsewhere
from convert.run import read_run
from convert.tflite import to_tflite
from device.emotion.bundle import Bundle, check_target, write_bundle
from device.emotion.card import Card, seal_for
from device.emotion.runtime import installed_runtimes, runtime_label
from device.errors import InputError

HERE = "ai_edge_litert"
"""The runtime that may share this process with TensorFlow."""


def convert(
    folder: Path,
    out: Path,
    quantization: str = "float32",
    name: str | None = None,
    say: Callable[[str], None] = print,
) -> Card:
    """Convert the run in `folder` into a bundle at `out`, proved in every runtime that is installed; its card.

    say: gets a line for every stage. Raises InputError, with nothing written, if anything is wrong.
    """
    if HERE not in installed_runtimes():
        raise InputError("The conversion is proved in ai-edge-litert; run 'pip install ai-edge-litert'.")
    check_target(out)
    run = read_run(folder)
    say(f"run      {run.info.name}: {run.info.members} members, {run.width} inputs, a step each {run.step_s:g} s")
    members = load_members(run)
    graph = build_graph(members, run.width)
    model = to_tflite(graph, quantization)
    say(f"model    {quantization}, {len(model) / 1000:.1f} kB, state of {graph.state_size}")
    card = describe(run, name or run.info.name, quantization, graph.state_size)

    frames, origin = comparison_frames(run, members[0])
    expected = sequence_output(members, frames)
    bundle = Bundle(seal_for(card, model), model)
    worst = Parity(0.0, 0.0, 0.0)
    proved = []
    for runtime in installed_runtimes():
        output = step_output if runtime == HERE else output_elsewhere
        parity = compare(expected, output(bundle, frames, runtime), run.step_s)
        label = runtime_label(runtime)
        say(
            f"parity   {label}: largest {parity.largest:.1e}, RMS {parity.rms:.1e} "
            f"over {parity.seconds / 60:.1f} min of {origin} frames"
        )
        require(parity, quantization, label)
        proved.append(label)
        worst = max(worst, parity, key=lambda p: p.largest)
    card = msgspec.structs.replace(
        card,
        parity={"largest": worst.largest, "rms": worst.rms, "seconds": worst.seconds},
        parity_frames=origin,
        runtimes=tuple(proved),
    )
    card = write_bundle(out, card, model)
    say(f"bundle   {out} (SHA-256 of the model {card.model_sha256[:16]})")
    return card
