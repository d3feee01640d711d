"""A trained run: the folder that `python -m trainer fit` leaves and `python -m convert` reads."""

import os
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from device.emotion.card import Corpus
from device.errors import InputError
from device.features.spec import FeatureSpec

T = TypeVar("T")


class RunInfo(msgspec.Struct, frozen=True):
    """run.json: how the run was trained. Fields that we do not need may be added freely."""

    format: Literal[1]
    name: str
    features: FeatureSpec
    pool_hops: Annotated[int, msgspec.Meta(ge=1)]
    model: dict[str, Any]
    members: Annotated[int, msgspec.Meta(ge=1, le=99)]
    corpora: tuple[Corpus, ...]
    seed: int
    date: str
    commit: str
    command: str
    recipe: dict[str, Any] = {}


class RunScores(msgspec.Struct, frozen=True):
    """scores.json: what the cross-validation said, its protocol, and what made it."""

    protocol: dict[str, Any]
    scores: dict[str, float]
    command: str = ""
    seed: int = 0
    date: str = ""

    @property
    def origin(self) -> dict[str, Any]:
        """What made the scores; nothing where there are none."""
        return {"command": self.command, "seed": self.seed, "date": self.date} if self.scores else {}


@dataclass(frozen=True)
class Run:
    """A run that was read. frames: real pooled frames [T, 2 * width] float32, or None where the run has none."""

    folder: Path
    info: RunInfo
    scores: RunScores
    frames: NDArray[np.float32] | None

    @property
    def width(self) -> int:
        """Length of a pooled frame."""
        return 2 * self.info.features.width

    @property
    def step_s(self) -> float:
        """Seconds from one pooled frame to the next."""
        return self.info.pool_hops * self.info.features.hop_s

    @property
    def member_files(self) -> tuple[Path, ...]:
        """The members' models, in order."""
        return tuple(self.folder / f"member_{i}.keras" for i in range(self.info.members))


def read_run(folder: Path) -> Run:
    """Read the run in `folder`, all but its models. Raises InputError if it is missing, incomplete or damaged."""
    if not os.path.isfile(folder / "run.json"):
        raise InputError(f"{folder} is no trained run (it has no run.json); make one with 'python -m trainer fit'.")
    info = read_json(folder / "run.json", RunInfo)
    scores = RunScores({}, {})
    if (folder / "scores.json").is_file():
        scores = read_json(folder / "scores.json", RunScores)
    run = Run(folder, info, scores, _frames(folder / "frames.npz", 2 * info.features.width))
    for path in run.member_files:
        check_zip(path)
    return run


def read_json(path: Path, kind: type[T]) -> T:
    """The content of a JSON file, checked. Raises InputError if it is missing or not of that kind."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}).") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not as the trainer writes it ({error}); train again.") from error


def load_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of an .npz file. Raises InputError if it is damaged."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(f"{path} is damaged ({error}); make it again or delete it.") from error


def _frames(path: Path, width: int) -> NDArray[np.float32] | None:
    if not path.is_file():
        return None
    frames = load_arrays(path).get("frames")
    if frames is None:
        raise InputError(f"{path} holds no frames; train again or delete it.")
    if frames.ndim != 2 or frames.shape[1] != width or frames.dtype != np.float32:
        raise InputError(f"{path} must hold float32 frames [T, {width}], not {frames.dtype} {list(frames.shape)}.")
    if not np.isfinite(frames).all():
        raise InputError(f"{path} holds values that are not finite; train again or delete it.")
    return np.asarray(frames, np.float32)


def check_zip(path: Path) -> None:
    """Raise InputError if a .keras file, which is a zip archive with a checksum for every part, is not whole."""
    try:
        with zipfile.ZipFile(path) as archive:
            broken = archive.testzip()
    except FileNotFoundError as error:
        raise InputError(f"{path} is missing; finish the training ('python -m trainer fit' resumes).") from error
    except (OSError, zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        raise InputError(f"{path} is truncated or damaged ({error}); train it again.") from error
    except zipfile.zlib.error as error:  # type: ignore[attr-defined]
        raise InputError(f"{path} is damaged ({error}); train it again.") from error
    if broken is not None:
        raise InputError(f"{path} is damaged (in {broken}); train it again.")
