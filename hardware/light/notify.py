"""Tells systemd that the service is ready and alive, by the protocol of sd_notify(3)."""

import os
import socket
from contextlib import suppress


def notify(state: str) -> None:
    """Send a state, as "READY=1"; does nothing when systemd didn't start this process."""
    path = os.environ.get("NOTIFY_SOCKET", "")
    if not path.startswith(("/", "@")):
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out, suppress(OSError):
        out.setblocking(False)
        out.sendto(state.encode(), "\0" + path[1:] if path.startswith("@") else path)


def watchdog_s() -> float | None:
    """How often WATCHDOG=1 has to come, in seconds: twice as often as systemd insists on; None if it doesn't."""
    if os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    limit_us = os.environ.get("WATCHDOG_USEC", "")
    return int(limit_us) / 2e6 if limit_us.isdecimal() and int(limit_us) > 0 else None
