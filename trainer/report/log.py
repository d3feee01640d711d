"""log.jsonl: how the losses went, epoch by epoch."""

import json
from dataclasses import dataclass
from pathlib import Path

import msgspec

from device.errors import InputError

LOSSES = ("loss", "quadrant", "ratings")

Curve = dict[int, "Line"]
"""By epoch."""


class Line(msgspec.Struct, frozen=True):
    """One epoch of a member that ships, or of a fold's. Losses are means over the training sequences."""

    epoch: int
    member: int | None = None
    fold: str | None = None
    loss: float | None = None
    quadrant: float | None = None
    ratings: float | None = None


@dataclass(frozen=True)
class Log:
    """members, folds: curves by name. damaged: lines that could not be read."""

    members: dict[str, Curve]
    folds: dict[str, Curve]
    damaged: int = 0


def read_log(path: Path) -> Log:
    """The log, empty when there is none; InputError when it is no text.

    The later line of an epoch counts: a training that was stopped repeats what came after its last checkpoint. Being
    stopped may also cut a line, so single damaged ones are counted, not complained about.
    """
    log: tuple[dict[str, Curve], dict[str, Curve]] = ({}, {})
    damaged = 0
    try:
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read: {error}.") from None
    for text in lines:
        try:
            line = msgspec.convert(json.loads(text), Line)
        except ValueError:
            damaged += 1
            continue
        if line.member is not None:
            log[0].setdefault(f"member {line.member}", {})[line.epoch] = line
        elif line.fold is not None:
            log[1].setdefault(line.fold, {})[line.epoch] = line
        else:
            damaged += 1
    return Log(*log, damaged)
