"""What this user may: hear the sound cards, reach the pins, and whether it is root for nothing."""

import os
from collections.abc import Iterator

from device.doctor.finding import Finding, fail, ok, skip, warn
from device.doctor.host import Host
from device.settings import PanelSettings

_BOTH = os.R_OK | os.W_OK


def check(host: Host, panel: PanelSettings) -> Iterator[Finding]:
    """panel: which pins the case uses."""
    yield _sound(host)
    yield _pins(host, panel)
    yield _root(host)


def _sound(host: Host) -> Finding:
    cards = sorted(path.name for path in host.path("/dev/snd").glob("pcmC*D*c"))
    if not cards:
        return skip("sound rights", "no card here that hears, so none are needed")
    closed = [name for name in cards if not host.access(host.path(f"/dev/snd/{name}"), _BOTH)]
    if closed:
        return fail(
            "sound rights",
            f"this user may not hear {', '.join(f'/dev/snd/{name}' for name in closed)}",
            "sudo adduser $USER audio, then log in again",
        )
    return ok("sound rights", f"this user may hear {', '.join(f'/dev/snd/{name}' for name in cards)}")


def _pins(host: Host, panel: PanelSettings) -> Finding:
    used = [f"GPIO{pin}" for pin in (panel.button_pin, panel.led_pin) if pin is not None]
    if not used:
        return skip("pin rights", "no button or LED in the settings, so none are needed")
    chips = sorted(host.path("/dev").glob("gpiochip*"))
    if not chips:
        return fail(
            "pin rights",
            f"no /dev/gpiochip here for {' and '.join(used)}",
            "leave button_pin and led_pin out of [panel], or run this on the Raspberry Pi",
        )
    if not any(host.access(chip, _BOTH) for chip in chips):
        return fail(
            "pin rights", f"this user may not reach {' and '.join(used)}", "sudo adduser $USER gpio, then log in again"
        )
    return ok("pin rights", f"this user may reach {' and '.join(used)}")


def _root(host: Host) -> Finding:
    if host.uid != 0:
        return ok("user", "not root, as it should be")
    return warn("user", "root, which only the writer of a PWM strip needs", "run listen and doctor as a plain user")
