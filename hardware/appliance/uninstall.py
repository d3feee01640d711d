"""Takes back all that the journal knows of."""

import os
from collections.abc import Callable, Mapping, Sequence

from hardware.appliance.journal import Journal, Note
from hardware.appliance.place import JOURNAL, STATE
from hardware.appliance.plan import Say
from hardware.appliance.root import Root
from hardware.appliance.shell import Shell
from hardware.appliance.steps.boot import undo_config, undo_word
from hardware.appliance.steps.files import undo_file, undo_link
from hardware.appliance.steps.packages import undo_packages
from hardware.appliance.steps.releases import undo_release
from hardware.appliance.steps.services import undo_services
from hardware.appliance.steps.settings import undo_settings
from hardware.appliance.steps.user import undo_user

UNDO: Mapping[str, Callable[[Root, Shell, str, Note], Sequence[str]]] = {
    "config": undo_config,
    "file": undo_file,
    "link": undo_link,
    "packages": undo_packages,
    "release": undo_release,
    "services": undo_services,
    "settings": undo_settings,
    "user": undo_user,
    "word": undo_word,
}
"""kind of a step -> what takes it back by its name and note, half done or half taken back; gives what was left, why."""


def uninstall(root: Root, shell: Shell, journal: Journal, say: Say) -> int:
    """Take every step back, the last one first; how many there were. Raises HardwareError and OSError."""
    names = list(reversed(journal.steps))
    for name in names:
        say(f"  take back {name}")
        if root.frozen:
            continue
        note = journal.steps[name]
        for left in UNDO[note["kind"]](root, shell, name, note):
            say(f"  ! {left}")
        journal.drop(name)
    if root.exists(STATE):
        say(f"  remove {STATE} with the networks installed there")
        if not root.frozen:
            # The journal last: what a power cut leaves is still known to be ours.
            for each in root.names(STATE):
                if each != os.path.basename(JOURNAL):
                    root.remove(f"{STATE}/{each}")
            root.remove(STATE)
    return len(names)
