"""Journal: what was done to this system, so that all of it can be taken back."""

import json
from typing import Any

from hardware.appliance.place import JOURNAL
from hardware.appliance.root import Root
from hardware.errors import HardwareError

FORMAT = 1
Note = dict[str, Any]
"""What taking back a step has to know; `kind` says which sort of step it was."""


class Journal:
    """The notes of all steps in the order in which they were first done, and what was chosen; on the disk at any time.

    A step is noted before it is done: what a power cut leaves half done is known too. Raises HardwareError for a
    damaged file.
    """

    def __init__(self, root: Root) -> None:
        self._root = root
        self.steps: dict[str, Note] = {}
        self.chosen: dict[str, Any] = {}
        self.rolling: list[str] = []
        """Of a rollback that is not at its end: the release that it puts into use, and the one before."""
        data = root.read(JOURNAL)
        if data is None:
            return
        try:
            told = json.loads(data)
            if told["format"] != FORMAT:
                raise ValueError
            self.steps, self.chosen, self.rolling = dict(told["steps"]), dict(told["chosen"]), list(told["rolling"])
        except (ValueError, KeyError, TypeError) as error:
            raise HardwareError(
                f"{root.path(JOURNAL)}, the journal of what setup.sh changed, is damaged or of a newer release; use "
                "its setup.sh, or remove the file, upon which --uninstall knows nothing of before."
            ) from error

    def note(self, name: str, note: Note) -> None:
        """Keep what taking back this step has to know."""
        if self.steps.get(name) != note:
            self.steps[name] = note
            self.save()

    def choose(self, chosen: dict[str, Any]) -> None:
        """Keep what was chosen."""
        if self.chosen != self.chosen | chosen:
            self.chosen |= chosen
            self.save()

    def drop(self, name: str) -> None:
        """The step was taken back."""
        if self.steps.pop(name, None) is not None:
            self.save()

    def save(self) -> None:
        """Put it on the disk."""
        told = {"format": FORMAT, "steps": self.steps, "chosen": self.chosen, "rolling": self.rolling}
        self._root.write(JOURNAL, json.dumps(told, indent=1).encode() + b"\n")
