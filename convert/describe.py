"""The card of a converted run, and what its model is known not to do."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from convert.run import Run
from device.emotion.card import Card, Window

if TYPE_CHECKING:  # it needs TensorFlow, the card does not
    from convert.graph import ModelGraph


def describe(run: Run, name: str, graph: "ModelGraph", window: Window | None) -> Card:
    """The card, still without all that depends on how the model is stored: hashes, sizes, operators, what was tried."""
    info = run.info
    return Card(
        kind=graph.kind,
        name=name,
        version=info.date[:10].replace("-", "."),
        features=info.features,
        fingerprint=info.features.fingerprint,
        pool_hops=info.pool_hops,
        members=info.members,
        state_sizes=graph.state_sizes,
        window=window,
        inputs=graph.inputs,
        outputs=graph.outputs,
        quantization="float32",
        model_sha256="0" * 64,
        model_bytes=1,
        arena_bytes=0,
        operators={},
        model=info.model,
        corpora=info.corpora,
        scores=run.scores.scores,
        protocol=run.scores.protocol | run.scores.origin,
        parity={},
        parity_frames="made up",
        gate=(),
        limits=known_limits(run),
        created=datetime.now(UTC).date().isoformat(),
        commit=info.commit,
        command=info.command,
        seed=info.seed,
        runtimes=(),
        self_test=None,
    )


def known_limits(run: Run) -> tuple[str, ...]:
    """Sentences for the card: what a user must not expect, as far as the run itself tells it."""
    info, scores = run.info, run.scores.scores
    names = " and ".join(corpus.name for corpus in info.corpora) or "no named corpus"
    clips = sum(corpus.clips for corpus in info.corpora)
    limits = [
        f"Trained on {clips} clips of {names}: other kinds of music may be felt less well.",
        "Knows music only: speech and noise are given an emotion too.",
        "The emotion that music shows in the judgment of others, not what a listener feels.",
    ]
    valence, energy = scores.get("soundtracks_r2_valence"), scores.get("soundtracks_r2_energy")
    if valence is not None and energy is not None and valence < energy:
        limits.append(f"Valence (R² {valence:.2f}) is told less well than arousal (R² {energy:.2f}).")
    if not scores:
        limits.append("Not evaluated: nothing is known of how good it is.")
    if any("research" in corpus.licence.lower() for corpus in info.corpora):
        limits.append("Part of the training music is licensed for research only.")
    return tuple(limits)
