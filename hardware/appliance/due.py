"""What is still due after the files are in place: the services started again, or the whole machine."""

from hardware.appliance.journal import Journal
from hardware.appliance.machine import Machine
from hardware.appliance.place import LIGHT, LISTENER
from hardware.appliance.plan import Say
from hardware.appliance.root import Root
from hardware.appliance.shell import Shell

SERVICES, REBOOT = "services", "machine"
_BOOT = "/proc/sys/kernel/random/boot_id"


def mark(root: Root, journal: Journal, what: str) -> None:
    """Note it before the change that makes it due, so that a power cut in between doesn't forget it."""
    boot = (root.read(_BOOT) or b"").decode().strip()
    told = journal.chosen.get("due")
    if told is not None and told["boot"] == boot and told["what"] in (what, REBOOT):
        return
    journal.chosen["due"] = {"what": what, "boot": boot}
    journal.save()


def settle(root: Root, shell: Shell, machine: Machine, journal: Journal, say: Say) -> None:
    """Do what is due, or say that the machine must be started again. Raises HardwareError."""
    told = journal.chosen.get("due")
    if told is None:
        return
    boot = (root.read(_BOOT) or b"").decode().strip()
    if machine.running and told["boot"] == boot:
        shell.run("systemctl", "daemon-reload")
        if told["what"] == REBOOT:
            say("Restart the machine, so that its firmware knows microphone and strip: sudo reboot")
            return
        shell.run("systemctl", "try-restart", "systemd-journald")
        shell.run("systemctl", "restart", LIGHT, LISTENER)
    elif told["boot"] == boot:
        say("It shines when this system is started.")
        return
    del journal.chosen["due"]
    journal.save()
