"""Steps around releases: make one, put it into use, keep no more than two."""

from collections.abc import Sequence

from hardware.appliance.journal import Note
from hardware.appliance.place import CURRENT, OPT, PREVIOUS, RELEASES
from hardware.appliance.release import Release, is_whole, linked, remove
from hardware.appliance.root import Root
from hardware.appliance.shell import Shell


class ReleaseStep:
    """Makes a release beside those that are there."""

    kind = "release"
    name = OPT

    def __init__(self, root: Root, shell: Shell, release: Release) -> None:
        self._root, self._shell, self._release = root, shell, release

    def needed(self) -> bool:
        """Whether it is not there, or not whole."""
        return not is_whole(self._root, self._release.name)

    def describe(self) -> Sequence[str]:
        """One line."""
        return [f"make the release {self._release.name} with its own Python environment, and test it (minutes)"]

    def note(self, before: Note | None) -> Note:
        """Nothing: all of /opt/lampyris is ours."""
        return {}

    def apply(self) -> None:
        """Make it. Raises HardwareError when its self-test fails."""
        self._release.make(self._root, self._shell)


class SwitchStep:
    """Puts a release into use, and keeps the one that was for a rollback."""

    kind = "release"
    name = OPT

    def __init__(self, root: Root, release: str) -> None:
        self._root, self._release = root, release
        self.changed = False

    def needed(self) -> bool:
        """Whether another one is in use."""
        return linked(self._root, CURRENT) != self._release

    def describe(self) -> Sequence[str]:
        """One line."""
        old = linked(self._root, CURRENT)
        return [f"put {self._release} into use" + (f", and keep {old} for --rollback" if old else "")]

    def note(self, before: Note | None) -> Note:
        """As ReleaseStep."""
        return {}

    def apply(self) -> None:
        """Switch: first what a rollback needs, so that a power cut in between loses neither."""
        old = linked(self._root, CURRENT)
        if old is not None:
            self._root.link(PREVIOUS, f"releases/{old.rpartition('/')[2]}")
        self._root.link(CURRENT, f"releases/{self._release.rpartition('/')[2]}")
        self.changed = True


class PruneStep:
    """Removes all releases but the one in use and the one before, and what half ones are left. keep: one more."""

    kind = "release"
    name = OPT

    def __init__(self, root: Root, keep: str) -> None:
        self._root, self._keep = root, keep

    def needed(self) -> bool:
        """Whether there are more."""
        return bool(self._old)

    def describe(self) -> Sequence[str]:
        """A line each."""
        return [f"remove the old release {name}" for name in self._old]

    def note(self, before: Note | None) -> Note:
        """As ReleaseStep."""
        return {}

    def apply(self) -> None:
        """Remove them."""
        for name in self._old:
            remove(self._root, name)

    @property
    def _old(self) -> list[str]:
        kept = {linked(self._root, CURRENT), linked(self._root, PREVIOUS), self._keep}
        return [name for name in (f"{RELEASES}/{each}" for each in self._root.names(RELEASES)) if name not in kept]


def undo_release(root: Root, shell: Shell, name: str, note: Note) -> Sequence[str]:
    """Remove all of them."""
    root.remove(OPT)
    return []
