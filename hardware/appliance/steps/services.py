"""ServicesStep: the lamp's services start with the machine."""

from collections.abc import Sequence

from hardware.appliance.journal import Note
from hardware.appliance.place import LIGHT, LISTENER, UNITS
from hardware.appliance.root import Root
from hardware.appliance.shell import Shell

_WANTS = f"{UNITS}/multi-user.target.wants"


class ServicesStep:
    """Enables both."""

    kind = "services"
    name = "services"

    def __init__(self, root: Root, shell: Shell) -> None:
        self._root, self._shell = root, shell

    def needed(self) -> bool:
        """Whether one is not enabled."""
        return not all(self._root.exists(f"{_WANTS}/{unit}") for unit in (LIGHT, LISTENER))

    def describe(self) -> Sequence[str]:
        """One line."""
        return [f"start {LIGHT} and {LISTENER} with the machine"]

    def note(self, before: Note | None) -> Note:
        """Nothing."""
        return {}

    def apply(self) -> None:
        """Enable them."""
        self._shell.run("systemctl", "enable", "--quiet", LIGHT, LISTENER)


def undo_services(root: Root, shell: Shell, name: str, note: Note) -> Sequence[str]:
    """Stop and disable them."""
    if root.here and root.exists("/run/systemd/system"):
        shell.run("systemctl", "stop", LISTENER, LIGHT)
    if any(root.exists(f"{_WANTS}/{unit}") for unit in (LIGHT, LISTENER)):
        shell.run("systemctl", "disable", "--quiet", LISTENER, LIGHT)
    return []
