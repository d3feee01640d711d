"""FileStep: a file of a certain content, and LinkStep: a link."""

import base64
import hashlib
from collections.abc import Sequence

from hardware.appliance.journal import Note
from hardware.appliance.root import Root
from hardware.appliance.shell import Shell


class FileStep:
    """name: the file's path. data: its content, None for no such file. why: what it is for, in a few words.

    A file that was there before comes back when it is undone, unless someone has changed ours meanwhile.
    """

    kind = "file"

    def __init__(self, root: Root, name: str, data: bytes | None, why: str, mode: int = 0o644) -> None:
        self._root, self.name, self._data, self._why, self._mode = root, name, data, why, mode

    def needed(self) -> bool:
        """Whether it is not as wanted."""
        return self._root.read(self.name) != self._data

    def describe(self) -> Sequence[str]:
        """One line."""
        if self._data is None:
            return [f"remove {self.name}: {self._why}"]
        return [f"{'change' if self._root.exists(self.name) else 'write'} {self.name}: {self._why}"]

    def note(self, before: Note | None) -> Note:
        """What was there, and what is ours."""
        if before is None:
            old = self._root.read(self.name)
            folders = self._root.missing_folders(self.name)
            before = {
                "before": None if old is None else base64.b64encode(old).decode(),
                "ours": [],
                "folders": folders,
            }
        # All that was ever ours: a power cut may leave the one before.
        return {**before, "ours": sorted({*before["ours"], _hash(self._data)})}

    def apply(self) -> None:
        """Write or remove it."""
        if self._data is None:
            self._root.remove(self.name)
        else:
            self._root.write(self.name, self._data, self._mode)


def undo_file(root: Root, shell: Shell, name: str, note: Note) -> Sequence[str]:
    """Put back what was there."""
    if note["before"] is None:
        root.remove(name)
        for folder in note["folders"]:
            root.remove_empty(folder)
        return []
    before = base64.b64decode(note["before"])
    now = root.read(name)
    if now not in (None, before) and _hash(now) not in note["ours"]:
        return [f"{name} was changed since, so it stays as it is"]
    if now != before:
        root.write(name, before)
    return []


def _hash(data: bytes | None) -> str:
    return "" if data is None else hashlib.sha256(data).hexdigest()


class LinkStep:
    """A link that is the lamp's own."""

    kind = "link"

    def __init__(self, root: Root, name: str, target: str, why: str) -> None:
        self._root, self.name, self._target, self._why = root, name, target, why

    def needed(self) -> bool:
        """Whether it leads elsewhere."""
        return self._root.target(self.name) != self._target

    def describe(self) -> Sequence[str]:
        """One line."""
        return [f"link {self.name} to {self._target}: {self._why}"]

    def note(self, before: Note | None) -> Note:
        """Nothing but that it is ours."""
        return {}

    def apply(self) -> None:
        """Make it."""
        self._root.link(self.name, self._target)


def undo_link(root: Root, shell: Shell, name: str, note: Note) -> Sequence[str]:
    """Remove it, unless it has become something else."""
    if root.exists(name) and root.target(name) is None:
        return [f"{name} is no link any more, so it stays"]
    root.remove(name)
    return []
