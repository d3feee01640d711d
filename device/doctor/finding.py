"""Finding: what one check found, and what to do about it."""

from dataclasses import dataclass, field
from enum import Enum

Value = float | int | str | bool | list[float] | list[str]


class State(Enum):
    """How it stands with a thing, by the word for it in JSON."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Finding:
    """name: what was looked at. found: a clause, without capital and full stop. next_step: the same, "" for none.

    values: what was measured, with the unit in the name. A warning or a failure without a next step is a ValueError.
    """

    name: str
    state: State
    found: str
    next_step: str = ""
    values: dict[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.state in (State.WARN, State.FAIL) and not self.next_step:
            raise ValueError(f"A {self.state.value} of {self.name!r} must say what to do next.")


def ok(name: str, found: str, /, **values: Value) -> Finding:
    """All is well."""
    return Finding(name, State.OK, found, values=values)


def warn(name: str, found: str, next_step: str, /, **values: Value) -> Finding:
    """It works, but not well."""
    return Finding(name, State.WARN, found, next_step, values)


def fail(name: str, found: str, next_step: str, /, **values: Value) -> Finding:
    """It does not work."""
    return Finding(name, State.FAIL, found, next_step, values)


def skip(name: str, found: str, next_step: str = "", /, **values: Value) -> Finding:
    """There is no such thing here, or nobody asked for it."""
    return Finding(name, State.SKIP, found, next_step, values)


def from_error(name: str, error: Exception, otherwise: str) -> Finding:
    """A failure out of a sentence that says what is wrong and, behind a semicolon or a colon, what to do.

    otherwise: what to do if the sentence has no second part.
    """
    text = str(error).rstrip(".")
    place = _split(text, ";") or _split(text, ":")
    return fail(name, text[:place], text[place + 1 :].strip()) if place else fail(name, text, otherwise)


def _split(text: str, mark: str) -> int:
    """Where the first such mark is that a space follows and no bracket holds; 0 for nowhere."""
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth <= 0 and character == mark and text[place + 1 : place + 2] == " ":
            return place
    return 0
