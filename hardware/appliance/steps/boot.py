"""Steps on the boot partition: the lamp's lines in config.txt and its words in cmdline.txt."""

from collections.abc import Sequence

from hardware.appliance import config_txt
from hardware.appliance.cmdline import with_word, without_word, word
from hardware.appliance.journal import Note
from hardware.appliance.place import CMDLINE, CONFIG
from hardware.appliance.root import Root
from hardware.appliance.shell import Shell

BACKUP = f"{CONFIG}.before-lampyris"


class ConfigStep:
    """lines: what the lamp wants of the firmware. changed: whether apply() has changed it, so that a restart is due."""

    kind = "config"
    name = CONFIG

    def __init__(self, root: Root, lines: list[str]) -> None:
        self._root, self._lines = root, lines
        self.changed = False

    def needed(self) -> bool:
        """Whether the block is not there, or another one. Raises HardwareError for broken marks."""
        return self._wanted != self._text

    def describe(self) -> Sequence[str]:
        """The lines."""
        kept = [] if self._root.exists(BACKUP) else [f"keep {CONFIG} as it is in {BACKUP}"]
        return [*kept, f"in {CONFIG}, between marks: {' · '.join(self._lines)}"]

    def note(self, before: Note | None) -> Note:
        """All is in the marks."""
        return {}

    def apply(self) -> None:
        """Back it up, once, and write it."""
        if not self._root.exists(BACKUP):
            self._root.write(BACKUP, config_txt.without_block(self._text))
        self._root.write(CONFIG, self._wanted)
        self.changed = True

    @property
    def _text(self) -> bytes:
        return self._root.read(CONFIG) or b""

    @property
    def _wanted(self) -> bytes:
        return config_txt.with_block(self._text, self._lines)


def undo_config(root: Root, shell: Shell, name: str, note: Note) -> Sequence[str]:
    """Take the block away, and the backup with it."""
    text = root.read(CONFIG)
    if text is not None and config_txt.without_block(text) != text:
        root.write(CONFIG, config_txt.without_block(text))
    root.remove(BACKUP)
    return []


class WordStep:
    """A word of the kernel's command line. value: None for none. changed: as in ConfigStep."""

    kind = "word"

    def __init__(self, root: Root, key: str, value: str | None, why: str) -> None:
        self._root, self._key, self._value, self._why = root, key, value, why
        self.name = f"{CMDLINE} {key}"
        self.changed = False

    def needed(self) -> bool:
        """Whether it is not as wanted."""
        return word(self._text, self._key) != self._word

    def describe(self) -> Sequence[str]:
        """One line."""
        return [f"in {CMDLINE}: {self._word or f'no {self._key}'}, {self._why}"]

    def note(self, before: Note | None) -> Note:
        """The word that was there."""
        return before or {"key": self._key, "before": word(self._text, self._key), "text": self._text.decode("latin-1")}

    def apply(self) -> None:
        """Write it."""
        text = self._text
        self._root.write(CMDLINE, with_word(text, self._word) if self._word else without_word(text, self._key))
        self.changed = True

    @property
    def _text(self) -> bytes:
        return self._root.read(CMDLINE) or b""

    @property
    def _word(self) -> str | None:
        return None if self._value is None else f"{self._key}={self._value}"


def undo_word(root: Root, shell: Shell, name: str, note: Note) -> Sequence[str]:
    """Put back what was there."""
    text, key, before = root.read(CMDLINE), note["key"], note["text"].encode("latin-1")
    if text is None or word(text, key) == note["before"]:
        return []
    if without_word(text, key) != without_word(before, key):  # someone else has changed it too
        before = with_word(text, note["before"]) if note["before"] else without_word(text, key)
    root.write(CMDLINE, before)
    return []
