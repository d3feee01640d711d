"""SettingsStep: /etc/lampyris/lamp.toml, which stays its owner's."""

from collections.abc import Sequence

from hardware.appliance.journal import Note
from hardware.appliance.place import ETC, SETTINGS
from hardware.appliance.root import Root
from hardware.appliance.shell import Shell


class SettingsStep:
    """text: what it shall be. news: settings that are new in it, for the owner to read."""

    kind = "settings"
    name = SETTINGS

    def __init__(self, root: Root, text: str, news: Sequence[str]) -> None:
        self._root, self._text, self._news = root, text, news

    def needed(self) -> bool:
        """Whether it is another one."""
        return self._root.read(SETTINGS) != self._text.encode()

    def describe(self) -> Sequence[str]:
        """What is new in it."""
        if not self._root.exists(SETTINGS):
            return [f"write {SETTINGS}"]
        return [f"change {SETTINGS}, what you set in it stays", *(f"  new: {line}" for line in self._news)]

    def note(self, before: Note | None) -> Note:
        """Nothing: it is the lamp's own."""
        return {}

    def apply(self) -> None:
        """Write it; root's, because it says what the writer writes to."""
        self._root.write(SETTINGS, self._text.encode())


def undo_settings(root: Root, shell: Shell, name: str, note: Note) -> Sequence[str]:
    """Remove it."""
    root.remove(SETTINGS)
    root.remove_empty(ETC)
    return []
