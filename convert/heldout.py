"""The evaluation's scores, told again by what the lamp runs: RUN/proof, which `python -m trainer evaluate` leaves.

The networks of every fold go through the same conversion as the ones that ship, and both they and their conversions
are asked for the clips that they have not seen.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score, r2_score

from convert.reference import Array, Outputs
from convert.run import Run, check_zip, load_arrays, read_json
from device.errors import InputError

AXES = ("valence", "energy")
_ROWS = ("corpus", "quadrant", "ratings", "offset", "spread")
SAME_SCORE = 2e-3
"""TensorFlow and JAX round differently; one clip in 900 may fall on the other side."""


class FoldFiles(msgspec.Struct, frozen=True):
    """Names of a fold's files."""

    held_out: str
    networks: tuple[str, ...]


class Proof(msgspec.Struct, frozen=True):
    """proof.json. recipe: by which the networks were trained. warmup_steps: steps of a clip that do not count.
    scores: as the trainer found them, by the names that `scores` gives.
    """

    protocol: str
    recipe: dict[str, Any]
    warmup_steps: Annotated[int, msgspec.Meta(ge=0)]
    scores: Annotated[dict[str, float], msgspec.Meta(min_length=1)]
    folds: Annotated[tuple[FoldFiles, ...], msgspec.Meta(min_length=2)]


@dataclass(frozen=True)
class Fold:
    """Networks that have not seen these clips. frames: of each clip [T, width]. The rest has a row for each clip:
    corpus; quadrant, 0 to 3 or -1; ratings [clips, 2], NaN where there is none, and the offset and spread [clips, 2]
    that a standardized rating is brought back by."""

    networks: tuple[Path, ...]
    frames: list[Array]
    corpus: NDArray[np.str_]
    quadrant: NDArray[np.int64]
    ratings: Array
    offset: Array
    spread: Array

    @property
    def joined(self) -> Array:
        """All frames, clip after clip."""
        return np.concatenate(self.frames)


def read_proof(run: Run) -> Proof | None:
    """What the evaluation left; None if there was none. Raises InputError if it is damaged or of another run."""
    path = run.folder / "proof" / "proof.json"
    if not path.is_file():
        return None
    proof = read_json(path, Proof)
    if any(len(fold.networks) != run.info.members for fold in proof.folds):
        raise InputError(
            f"{path.parent} was made with another number of members than {run.folder}: evaluate the run again."
        )
    if _alone(proof.recipe) != _alone(run.info.recipe):
        raise InputError(f"{path.parent} was made by another recipe than {run.folder}: evaluate the run again.")
    return proof


def _alone(recipe: dict[str, Any]) -> dict[str, Any]:
    """The recipe of one member."""
    return {key: value for key, value in recipe.items() if key != "members"}


def check_scores(proof: Proof, found: dict[str, float]) -> None:
    """Raise InputError if the trained networks of the folds do not score here as they did when they were evaluated."""
    for name, before in proof.scores.items():
        now = found.get(name, float("nan"))
        if not abs(now - before) <= SAME_SCORE:
            raise InputError(
                f"The networks of the proof reach {name} {now:.4f} here and {before:.4f} in their evaluation: they or "
                "the clips are not the same any more; evaluate the run again."
            )


def read_folds(run: Run, proof: Proof) -> Iterator[Fold]:
    """One fold after the other. Raises InputError if a file is missing or damaged."""
    folder = run.folder / "proof"
    for files in proof.folds:
        networks = tuple(folder / name for name in files.networks)
        missing = [path for path in (*networks, folder / files.held_out) if not path.is_file()]
        if missing:
            raise InputError(f"{missing[0]} is missing: evaluate the run again ('python -m trainer evaluate').")
        for path in networks:
            check_zip(path)
        rows = load_arrays(folder / files.held_out)
        try:
            frames = np.split(rows["frames"], rows["starts"][1:-1])
            clips = len(rows["starts"]) - 1
            if clips < 1 or any(len(rows[key]) != clips for key in _ROWS):
                raise InputError(f"{folder / files.held_out} is not whole: evaluate the run again.")
            fold = Fold(networks, frames, *(rows[key] for key in _ROWS))
        except KeyError as error:
            raise InputError(f"{folder / files.held_out} has no {error}: evaluate the run again.") from error
        if any(clip.shape[1:] != (run.width,) or not len(clip) or not np.isfinite(clip).all() for clip in frames):
            raise InputError(f"{folder / files.held_out} does not hold finite frames of the run: evaluate it again.")
        yield fold


def answers(tell: Callable[[Array], Outputs], fold: Fold, warmup: int) -> Outputs:
    """Of every output a row for each clip: the mean over its steps after the warm-up, each clip from a fresh start."""
    rows: dict[str, list[Array]] = {}
    for clip in fold.frames:
        for name, told in tell(clip).items():
            rows.setdefault(name, []).append(told[min(warmup, len(told) - 1) :].mean(axis=0))
    return {name: np.stack(own) for name, own in rows.items()}


def scores(folds: Sequence[Fold], told: Sequence[Outputs], members: int) -> dict[str, float]:
    """Macro-F1 of every corpus with quadrants, R² of every rated one, over the clips of all folds together.

    told: of each fold, the outputs va [clips, 2 * members], maybe quadrant [clips, 4 * members] and ratings
    [clips, R * members]. f1_signs: the quadrant by the signs of valence and arousal, as the colors take it;
    it stands in for f1 where the networks have no head for quadrants. Without one for ratings there is no R².
    """
    joined = {name: np.concatenate([own[name] for own in told]) for name in told[0]}
    means = {name: rows.reshape(len(rows), members, -1).mean(axis=1) for name, rows in joined.items()}
    corpus, quadrant, truth, offset, spread = (
        np.concatenate([getattr(fold, name) for fold in folds])
        for name in ("corpus", "quadrant", "ratings", "offset", "spread")
    )
    signs = _by_signs(means["va"])
    number = means["quadrant"].argmax(axis=1) if "quadrant" in means else signs
    found: dict[str, float] = {}
    for name in dict.fromkeys(corpus.tolist()):
        own = corpus == name
        if (quadrant[own] >= 0).all():
            found[f"{name}_f1"] = _macro_f1(quadrant[own], number[own])
            found[f"{name}_f1_signs"] = _macro_f1(quadrant[own], signs[own])
        if "ratings" not in means:
            continue
        for axis, label in enumerate(AXES):
            rated = own & np.isfinite(truth[:, axis])
            if rated.sum() > 1:
                back = means["ratings"][rated, axis] * spread[rated, axis] + offset[rated, axis]
                found[f"{name}_r2_{label}"] = float(r2_score(truth[rated, axis], back))
    return found


def _macro_f1(truth: NDArray[np.int64], told: NDArray[np.int64]) -> float:
    return float(f1_score(truth, told, labels=range(4), average="macro", zero_division=0))


def _by_signs(va: Array) -> NDArray[np.int64]:
    high, up = va[:, 0] >= 0, va[:, 1] >= 0
    return np.where(up, np.where(high, 0, 1), np.where(high, 3, 2))
