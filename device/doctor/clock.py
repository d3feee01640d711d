"""The clock: is it set, does somebody keep it, and did it run evenly meanwhile?"""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from device.doctor.finding import Finding, ok, warn
from device.doctor.host import Host

EARLIEST_YEAR = 2024
JUMP_S = 1.0
_ONLY = "only dates in logs and of bundles are wrong by it"
_SYNC = "sudo timedatectl set-ntp true, and give it a network"


class Clock:
    """Made at the begin, so that check() knows how the clocks ran since. wall, steady: seconds, as in time."""

    def __init__(
        self, host: Host, wall: Callable[[], float] = time.time, steady: Callable[[], float] = time.monotonic
    ) -> None:
        self._host, self._wall, self._steady = host, wall, steady
        self._ahead_s = wall() - steady()

    def check(self) -> Finding:
        """The state of it now."""
        now = datetime.fromtimestamp(self._wall(), UTC)
        shown = f"{now:%Y-%m-%d %H:%M} UTC"
        if now.year < EARLIEST_YEAR:
            return warn("clock", f"it says {shown}, so it was never set; {_ONLY}", _SYNC, utc=shown)
        jump_s = self._wall() - self._steady() - self._ahead_s
        if abs(jump_s) > JUMP_S:
            found = f"it was set by {jump_s:+.0f} s while this ran; the light follows a steady clock, {_ONLY}"
            return warn("clock", found, "run it again when it has settled", utc=shown)
        kept = self._kept()
        if kept is None:
            return ok("clock", f"{shown}; nothing here tells whether a time server keeps it", utc=shown)
        if not kept:
            return warn("clock", f"{shown}, not kept by a time server; if it is wrong, {_ONLY}", _SYNC, utc=shown)
        return ok("clock", f"{shown}, kept by a time server", utc=shown)

    def _kept(self) -> bool | None:
        """Whether a time server set it; None where nothing tells."""
        if self._host.path("/run/systemd/timesync/synchronized").exists():
            return True
        told = self._host.run(("timedatectl", "show", "--property=NTPSynchronized", "--value"))
        return {"yes": True, "no": False}.get((told or "").strip())
