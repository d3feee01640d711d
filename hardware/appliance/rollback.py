"""Goes back to the release before the one in use."""

from hardware.appliance import due
from hardware.appliance.fittings import fittings
from hardware.appliance.journal import Journal
from hardware.appliance.machine import Machine
from hardware.appliance.place import CURRENT, PREVIOUS
from hardware.appliance.plan import Say, carry_out
from hardware.appliance.release import is_whole, linked
from hardware.appliance.root import Root
from hardware.appliance.self_test import self_test
from hardware.appliance.shell import Shell
from hardware.appliance.wishes import chosen_before
from hardware.errors import HardwareError


def rollback(root: Root, shell: Shell, machine: Machine, journal: Journal, say: Say) -> int:
    """Do it, or finish what a power cut has interrupted; 0. Raises HardwareError, then nothing has changed."""
    now, target = linked(root, CURRENT), linked(root, PREVIOUS)
    current = now
    if journal.rolling and all(is_whole(root, release) for release in journal.rolling):
        target, current = journal.rolling
    if target is None or current is None or target == current:
        raise HardwareError("There is no release to go back to; only an update keeps the one before.")
    say(f"  put {target} into use, and keep {current} for the next --rollback")
    if root.frozen:
        return 0
    if target != now:
        try:
            self_test(root, shell, target)
        except HardwareError as error:
            raise HardwareError(f"The release before does not work here, so nothing was changed: {error}") from error
    journal.rolling = [target, current]
    due.mark(root, journal, due.SERVICES)
    journal.save()
    root.link(CURRENT, f"releases/{target.rpartition('/')[2]}")
    root.link(PREVIOUS, f"releases/{current.rpartition('/')[2]}")
    units = root.path(f"{target}/source/hardware/appliance/units")
    carry_out(fittings(root, chosen_before(root, journal), units), journal, say)
    journal.rolling = []
    journal.save()
    due.settle(root, shell, machine, journal, say)
    return 0
