"""`setup.sh install`: makes this Raspberry Pi a lamp, updates it, goes back, or takes all of it away again."""

import argparse
import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hardware.appliance import checks, config_txt, due
from hardware.appliance.choices import MOST_LEDS, PIN_OF_SPI, Choices
from hardware.appliance.fittings import fittings
from hardware.appliance.journal import Journal
from hardware.appliance.machine import Machine, read_machine
from hardware.appliance.manifest import read_manifest
from hardware.appliance.place import STATE
from hardware.appliance.plan import Step, carry_out, preview
from hardware.appliance.release import Release
from hardware.appliance.rollback import rollback
from hardware.appliance.root import Root
from hardware.appliance.settings_text import settings_text, strip_of
from hardware.appliance.shell import Shell
from hardware.appliance.steps.boot import ConfigStep, WordStep
from hardware.appliance.steps.packages import PackagesStep
from hardware.appliance.steps.releases import PruneStep, ReleaseStep, SwitchStep
from hardware.appliance.steps.services import ServicesStep
from hardware.appliance.steps.settings import SettingsStep
from hardware.appliance.steps.user import UserStep
from hardware.appliance.uninstall import uninstall
from hardware.appliance.wheelhouse import default_wheelhouse
from hardware.appliance.wishes import by_dialogue, chosen_before, with_options
from hardware.errors import HardwareError

CHECKOUT = Path(__file__).parents[2]
_SPIDEV_PIXELS = 326
"""More, with four colors, don't fit into the 4096 bytes that the kernel's SPI takes at once."""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The options of the command."""
    parser = commands.add_parser(
        "install",
        help="make this Raspberry Pi a lamp, update it, or take it away again",
        description="Makes this Raspberry Pi a lamp that starts by itself. Run it again after an update or a power "
        "cut, or with other options: it does what is still to do, and asks nothing it knows.",
    )
    lamp = parser.add_argument_group("the lamp")
    lamp.add_argument("--strip-pixels", type=int, metavar="N", help=f"LEDs on the strip, 1 to {MOST_LEDS}")
    lamp.add_argument("--pin", type=int, metavar="GPIO", help="of the strip's data line (12; 10: by SPI)")
    lamp.add_argument("--mic", metavar="NAME", help="i2s, or a part of the name of another microphone")
    lamp.add_argument("--button", type=int, metavar="GPIO", help="of a button to ground")
    lamp.add_argument("--name", help="of this machine on the network (left as it is)")
    lamp.add_argument("--network", action=argparse.BooleanOptionalAction, help="let the lamp use the network (no)")
    lamp.add_argument("--read-only", action="store_true", default=None, help="never write to the card any more")
    lamp.add_argument("--writable", dest="read_only", action="store_false", help="write to the card again")
    way = parser.add_argument_group("the way").add_mutually_exclusive_group()
    way.add_argument("--rollback", action="store_true", help="go back to the release before; again to undo that")
    way.add_argument("--uninstall", action="store_true", help="take everything back")
    parser.add_argument("--dry-run", action="store_true", help="only say what would change")
    parser.add_argument("--yes", action="store_true", help="ask nothing")
    parser.add_argument("--wheelhouse", type=Path, metavar="DIR", help="what 'setup.sh wheelhouse' made")
    parser.add_argument("--root", type=Path, default=Path("/"), metavar="DIR", help="another system than this one")
    parser.add_argument("--any-board", action="store_true", help="also where there is no Raspberry Pi, to try it")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Do it; 0. Raises HardwareError and OSError."""
    if not options.root.is_dir():
        raise HardwareError(f"{options.root} is no folder; --root takes a whole system.")
    root = Root(options.root.resolve(), frozen=options.dry_run)
    return install(options, root, Shell(root))


def install(options: argparse.Namespace, root: Root, shell: Shell, checkout: Path = CHECKOUT) -> int:
    """The same, in this system and by this shell. Raises HardwareError and OSError."""
    checks.check_user(root)
    with _alone(root):
        journal = Journal(root)
        if options.uninstall:
            return _uninstall(root, shell, journal)
        machine = read_machine(root, shell)
        if options.read_only is False and machine.overlaid:
            return _writable(root, journal)
        if options.rollback:
            checks.check_machine(root, machine, options.any_board)
            return rollback(root, shell, machine, journal, print)
        steps, choices = _steps(options, root, shell, machine, journal, checkout)
        if root.frozen:
            lines: list[str] = []
            preview(steps, lines.append)
            print("\n".join(["This would be changed:", *lines]) if lines else "Nothing is to be changed.")
            return 0
        needed = [step for step in steps if step.needed()]  # what this finds broken is told before the first change
        kept = ("mic", "name", "network", "read_only")  # the others are in lamp.toml
        journal.rolling = []  # one that was cut short is not wanted any more
        journal.choose({key: getattr(choices, key) for key in kept})
        if needed:
            boot = any(isinstance(step, ConfigStep | WordStep) for step in needed)
            due.mark(root, journal, due.REBOOT if boot else due.SERVICES)
        if not carry_out(steps, journal, print):
            print("Everything is as it should be.")
        due.settle(root, shell, machine, journal, print)
    return 0


def _steps(
    options: argparse.Namespace, root: Root, shell: Shell, machine: Machine, journal: Journal, checkout: Path
) -> tuple[list[Step], Choices]:
    """Look at everything that could go wrong, and only then say what there is to do."""
    system = checks.check_machine(root, machine, options.any_board)
    wheelhouse = options.wheelhouse or default_wheelhouse(system.name)
    manifest = read_manifest(wheelhouse)
    checks.check_wheelhouse(wheelhouse, manifest, system, checkout)
    choices = with_options(chosen_before(root, journal), options)
    if "mic" not in journal.chosen and not options.yes and not root.frozen and sys.stdin.isatty():
        choices = by_dialogue(choices, options, input)
    choices.check_pin(machine.board.rp1)
    release = Release(checkout, wheelhouse, manifest)
    text, news = settings_text(root, choices, release.version)
    leds = strip_of(text).leds
    made = ReleaseStep(root, shell, release)
    if made.needed():
        checks.check_room(machine, manifest)
    debs = [wheelhouse / entry.path for entry in manifest.files if entry.path.endswith(".deb")]
    packages = [*system.libraries, "python3-venv", *(["overlayroot"] if choices.read_only else [])]
    bufsiz = "32768" if choices.pin == PIN_OF_SPI and leds > _SPIDEV_PIXELS else None
    overlay = "tmpfs:recurse=0" if choices.read_only else None  # /boot/firmware stays writable, to undo it
    steps: list[Step] = [
        SettingsStep(root, text, news),  # first, so that no answer is asked for twice
        PackagesStep(root, shell, packages, debs),
        UserStep(root, shell, ["audio", *(["gpio"] if choices.button is not None else [])]),
        made,
        *fittings(root, choices, checkout / "hardware/appliance/units"),
        SwitchStep(root, release.name),
        ServicesStep(root, shell),
        PruneStep(root, release.name),
    ]
    if root.exists("/boot/firmware"):
        steps.append(ConfigStep(root, config_txt.lines(choices.mic, choices.pin, leds)))
        steps.append(WordStep(root, "spidev.bufsiz", bufsiz, "long strips by SPI"))
        steps.append(WordStep(root, "overlayroot", overlay, "a layer in memory over the card"))
    return steps, choices


def _writable(root: Root, journal: Journal) -> int:
    """Of what an overlaid system can, the one thing that lasts: the boot partition."""
    step = WordStep(root, "overlayroot", None, "the card is written to again after a restart")
    for line in step.describe():
        print(f"  {line}")
    if not root.frozen:
        step.apply()
        print("Restart the machine, and run setup.sh install --writable once more: sudo reboot")
    return 0


def _uninstall(root: Root, shell: Shell, journal: Journal) -> int:
    if not root.exists(STATE):
        print("Nothing of the lamp is installed.")
        return 0
    if root.frozen:
        print("This would be taken back:")
    running = read_machine(root, shell).running
    uninstall(root, shell, journal, print)
    if not root.frozen and running:
        shell.run("systemctl", "daemon-reload")
        print("Restart the machine, so that its firmware forgets the lamp too: sudo reboot")
    return 0


@contextmanager
def _alone(root: Root) -> Iterator[None]:
    """Alone at work on this system. Raises HardwareError if another setup.sh is."""
    if root.frozen:
        yield
        return
    handle = os.open(root.folder, os.O_RDONLY | os.O_DIRECTORY)  # the folder itself: no lock file is left
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise HardwareError("Another setup.sh is at work on this system; wait until it is done.") from None
        yield
    finally:
        os.close(handle)
