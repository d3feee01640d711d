"""The card of a converted run, and what its model is known not to do."""

from datetime import UTC, datetime

from convert.run import Run
from device.emotion.card import Card


def describe(run: Run, name: str, quantization: str, state_size: int) -> Card:
    """The card, still without the model's size and hashes, its parity and its runtimes."""
    info = run.info
    return Card(
        name=name,
        version=info.date[:10].replace("-", "."),
        features=info.features,
        fingerprint=info.features.fingerprint,
        pool_hops=info.pool_hops,
        members=info.members,
        state_size=state_size,
        quantization="float16" if quantization == "float16" else "float32",
        model_sha256="0" * 64,
        model_bytes=1,
        model=info.model,
        corpora=info.corpora,
        scores=run.scores.scores,
        protocol=run.scores.protocol | run.scores.origin,
        parity={},
        parity_frames="made up",
        limits=known_limits(run),
        created=datetime.now(UTC).date().isoformat(),
        commit=info.commit,
        command=info.command,
        seed=info.seed,
        runtimes=(),
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
