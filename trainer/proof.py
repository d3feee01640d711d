"""RUN/proof: what shows, after a conversion, that the lamp's network scores as the trained ones did.

For each fold of one cross-validation: its networks, and the clips that they have not seen, as frames and labels. The
conversion turns the networks into what the lamp runs and asks both for these clips. proof.json, written last, says
that all of it is there.
"""

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from trainer import scores
from trainer.storage import read_arrays, write_arrays, write_json
from trainer.targets import NO_QUADRANT

if TYPE_CHECKING:
    from trainer.evaluation import HeldOut, Work

FOLDER = "proof"
AXES = ("valence", "energy")
"""The first ratings, which count; energy is what film music has for arousal."""


def keep(work: "Work", number: int, member: int, model: Any, scale: tuple[NDArray[Any], NDArray[Any]]) -> None:
    """Store one training's network, and its fold's held-out clips if no other member has.

    scale: offset and spread [clips, ratings] that turn standardized ratings into each clip's corpus' own.
    """
    folder = work.run.folder / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    work.run.save_model(folder / f"{work.name(number, member)}.keras", model)
    if fold_kept(work, number):
        return
    chosen = work.protocol.left_out(number)
    offset, spread = scale
    frames = [work.data.plain.of(i) for i in chosen]
    write_arrays(
        _fold(work, number),
        digest=np.array(work.digest(number)),
        frames=np.concatenate(frames),
        starts=np.cumsum([0, *map(len, frames)]),
        corpus=np.array([work.data.clips[i].corpus for i in chosen]),
        quadrant=work.data.quadrants[chosen],
        ratings=work.data.means[chosen, : len(AXES)],
        offset=offset[:, : len(AXES)],
        spread=spread[:, : len(AXES)],
    )


def kept(work: "Work", number: int, member: int) -> bool:
    """Whether one training's part is there."""
    return (work.run.folder / FOLDER / f"{work.name(number, member)}.keras").is_file() and fold_kept(work, number)


def fold_kept(work: "Work", number: int) -> bool:
    """Whether a fold's held-out clips are there, the very ones."""
    content = read_arrays(_fold(work, number)) or {}
    return str(content.get("digest")) == work.digest(number)


def complete(work: "Work", held: "HeldOut") -> None:
    """Say that the proof of a finished cross-validation is whole, by which recipe it was made, and how it scored."""
    count, members = work.protocol.count, work.recipe.members
    folds = [
        {
            "held_out": _fold(work, number).name,
            "networks": [f"{work.name(number, member)}.keras" for member in range(members)],
        }
        for number in range(count)
    ]
    content = {
        "protocol": work.protocol.name,
        "recipe": msgspec.to_builtins(work.recipe),
        "warmup_steps": work.recipe.warmup_steps,
        "scores": _scores(work, held),
        "folds": folds,
    }
    write_json(work.run.folder / FOLDER / "proof.json", content)


def _scores(work: "Work", held: "HeldOut") -> dict[str, float]:
    """Macro-F1 of every corpus with quadrants, R² of every rated one: what the conversion must come to as well."""
    data, found = work.data, {}
    kinds = np.array([data.clips[i].corpus for i in held.positions])
    for corpus in dict.fromkeys(kinds.tolist()):
        own = kinds == corpus
        quadrants = data.quadrants[held.positions[own]]
        if (quadrants != NO_QUADRANT).all():
            found[f"{corpus}_f1"] = scores.macro_f1(quadrants, held.told.quadrant[own].argmax(axis=1))
        for axis, name in enumerate(AXES):
            truth = data.means[held.positions[own], axis]
            known = np.isfinite(truth)
            if known.sum() > 1:
                found[f"{corpus}_r2_{name}"] = scores.r2(truth[known], held.told.ratings[own][known, axis])
    return found


def _fold(work: "Work", number: int) -> Any:
    return work.run.folder / FOLDER / f"{work.protocol.name}_{work.protocol.count}_fold_{number}.npz"
