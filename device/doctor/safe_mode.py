"""Safe mode: whether a service of this machine crashed so often that it does with as little as it can."""

from collections.abc import Iterator

from device.doctor.finding import Finding, fail, ok, skip
from device.doctor.host import Host
from hardware.crashes import safe_mode

SERVICES = {"lampyris": "/run/lampyris-lamp", "lampyris-light": "/run/lampyris"}
"""Unit -> its RuntimeDirectory, where its starts are counted."""


def check(host: Host) -> Iterator[Finding]:
    """Of both, or that systemd keeps none."""
    there = {unit: folder for unit, folder in SERVICES.items() if host.path(f"{folder}/starts.json").exists()}
    if not there:
        yield skip("safe mode", "no service of the lamp runs here")
        return
    for unit, folder in there.items():
        why = safe_mode(host.path(f"{folder}/starts.json"))
        if why is not None:
            yield fail(
                "safe mode",
                f"{unit} crashed five times in two minutes, the last: {why.rstrip('.')}",
                f"put that right, and start it again: sudo systemctl restart {unit}",
                unit=unit,
            )
            return
    yield ok("safe mode", "none")
