"""RUN/proof: what shows, after a conversion, that the lamp's network scores as the trained ones did.

For each fold of one cross-validation: its networks, and the clips that they have not seen, as frames and labels. The
conversion turns the networks into what the lamp runs and asks both for these clips. proof.json, written last, says
that all of it is there.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from trainer.storage import read_arrays, write_arrays, write_json

if TYPE_CHECKING:
    from trainer.evaluation import Work

FOLDER = "proof"
AXES = 2
"""Ratings that count: valence and arousal (energy)."""


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
        ratings=work.data.means[chosen, :AXES],
        offset=offset[:, :AXES],
        spread=spread[:, :AXES],
    )


def kept(work: "Work", number: int, member: int) -> bool:
    """Whether one training's part is there."""
    return (work.run.folder / FOLDER / f"{work.name(number, member)}.keras").is_file() and fold_kept(work, number)


def fold_kept(work: "Work", number: int) -> bool:
    """Whether a fold's held-out clips are there, the very ones."""
    content = read_arrays(_fold(work, number)) or {}
    return str(content.get("digest")) == work.digest(number)


def complete(work: "Work") -> None:
    """Say that the proof of a finished cross-validation is whole."""
    count, members = work.protocol.count, work.recipe.members
    folds = [
        {
            "held_out": _fold(work, number).name,
            "networks": [f"{work.name(number, member)}.keras" for member in range(members)],
        }
        for number in range(count)
    ]
    content = {"protocol": work.protocol.name, "warmup_steps": work.recipe.warmup_steps, "folds": folds}
    write_json(work.run.folder / FOLDER / "proof.json", content)


def _fold(work: "Work", number: int) -> Any:
    return work.run.folder / FOLDER / f"{work.protocol.name}_{work.protocol.count}_fold_{number}.npz"
