"""Plan: the steps that make a system a lamp, in order."""

from collections.abc import Callable, Sequence
from typing import Protocol

from hardware.appliance.journal import Journal, Note

Say = Callable[[str], None]


class Step(Protocol):
    """One change, which may be done again at any time and is then not needed.

    kind: under which its note is taken back, see steps/. name: of its own in the journal.
    """

    kind: str
    name: str

    def needed(self) -> bool:
        """Whether the system is not yet as this step makes it; after apply() it is."""
        ...

    def describe(self) -> Sequence[str]:
        """Every change that apply() makes, a line each."""
        ...

    def note(self, before: Note | None) -> Note:
        """What undo() has to know, asked before apply(). before: the note of an earlier time."""
        ...

    def apply(self) -> None:
        """Make the change. Raises HardwareError and OSError."""
        ...


def carry_out(steps: Sequence[Step], journal: Journal, say: Say) -> int:
    """Do what is needed; how many steps that were. Raises HardwareError and OSError."""
    done = 0
    for step in steps:
        if not step.needed():
            continue
        for line in step.describe():
            say(f"  {line}")
        journal.note(step.name, step.note(journal.steps.get(step.name)) | {"kind": step.kind})
        step.apply()
        done += 1
    return done


def preview(steps: Sequence[Step], say: Say) -> int:
    """Say what carry_out would do, and change nothing."""
    needed = [step for step in steps if step.needed()]
    for step in needed:
        for line in step.describe():
            say(f"  {line}")
    return len(needed)
