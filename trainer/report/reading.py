"""What a run's folder holds, read and checked; each part may be missing, none may be damaged."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from device.errors import InputError
from trainer.report.log import Log, read_log
from trainer.report.records import Record, Stability, read_record, read_stability
from trainer.storage import read_json

T = TypeVar("T")

SHOWN = ("artist", "vgmidi")
"""Cross-validations of which single clips are drawn; of the others the page tells the scores."""


class Network(msgspec.Struct, frozen=True):
    """What is told of recipe.json's model."""

    kind: str = ""
    cell: str = ""
    units: int = 0


class Plan(msgspec.Struct, frozen=True):
    """What is told of recipe.json, older ones too."""

    model: Network = Network()
    corpora: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    members: int = 0
    epochs: int = 0
    seed: int | None = None


class Used(msgspec.Struct, frozen=True):
    """One corpus that the run was fitted on."""

    name: str
    clips: int = 0
    seconds: float = 0


class Info(msgspec.Struct, frozen=True):
    """What is told of run.json."""

    name: str = ""
    date: str = ""
    commit: str = ""
    command: str = ""
    corpora: tuple[Used, ...] = ()


class Origin(msgspec.Struct, frozen=True):
    """How the scores of one protocol came about."""

    command: str = ""
    seed: int | None = None
    date: str = ""
    members: int | None = None


class Sheet(msgspec.Struct, frozen=True):
    """scores.json. protocol: what the scores mean, in words and numbers; runs: by protocol."""

    scores: dict[str, float] = {}
    intervals: dict[str, tuple[float, float]] = {}
    protocol: dict[str, Any] = {}
    runs: dict[str, Origin] = {}


@dataclass(frozen=True)
class Run:
    """A run as far as it is there. plan, info, records' entries and stability: None or absent where it isn't."""

    name: str
    plan: Plan | None
    info: Info | None
    sheet: Sheet
    log: Log
    records: dict[str, Record]
    stability: Stability | None

    def score(self, name: str) -> float | None:
        """A score, None where it was not evaluated."""
        return self.sheet.scores.get(name)

    def evaluate(self, protocol: str) -> str:
        """The command that makes what is missing."""
        return f"python -m trainer evaluate {self.name} --protocol {protocol}"


def read(folder: Path) -> Run:
    """The run in a folder; InputError when there is none or a file of it is damaged."""
    plan = _optional(folder / "recipe.json", Plan)
    info = _optional(folder / "run.json", Info)
    sheet = _optional(folder / "scores.json", Sheet)
    if plan is None and info is None and sheet is None:
        raise InputError(f"{folder} holds no run; give a folder that `python -m trainer fit --out` made.")
    held = {name: read_record(folder / "held_out" / f"{name}.npz", name == "vgmidi") for name in SHOWN}
    return Run(
        name=(info.name if info else "") or folder.resolve().name,
        plan=plan,
        info=info,
        sheet=sheet or Sheet(),
        log=read_log(folder / "log.jsonl"),
        records={name: record for name, record in held.items() if record is not None},
        stability=read_stability(folder / "held_out" / "stability.npz"),
    )


def _optional(path: Path, kind: type[T]) -> T | None:
    if not path.is_file():
        return None
    try:
        return msgspec.convert(read_json(path), kind)
    except msgspec.ValidationError as error:
        raise InputError(f"{path} is not of this version: {str(error).rstrip('.')}.") from None
