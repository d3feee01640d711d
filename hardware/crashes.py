"""Crashes: how often a service has ended badly of late, and why."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

WINDOW_S = 120.0
MOST = 5
"""So many in the window are no accident any more."""
LONGEST_PAUSE_S = 30.0


def since_boot_s() -> float:
    """Seconds since the machine was started: a clock that is set, be it by ten years, doesn't change it."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Crashes:
    """Keeps the last starts in a file in /run, which a new start of the machine forgets; one that is damaged is empty.

    A start counts as a crash until end() says otherwise, so that one that was killed counts too.

    count: crashes in the last 120 s before this start. safe: whether these were 5 or more. why: what the last one of
    them said, empty if it could say nothing. Raises OSError when the file can't be written.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = since_boot_s) -> None:
        self._path, self._clock = path, clock
        self._starts: list[dict[str, object]] = []
        self.count, self.safe, self.why = 0, False, ""

    @property
    def pause_s(self) -> float:
        """How long to wait before trying again: 0, 0.5, 1, 2, 4 s, and from the beginning in safe mode, which else
        would be dark so long; 30 s at most."""
        again = self.count - MOST if self.safe else self.count
        return min(2.0 ** (again - 2), LONGEST_PAUSE_S) if again else 0.0

    def begin(self) -> None:
        """A start: look at those before, and be counted."""
        now_s = self._clock()
        self._starts = [each for each in _read(self._path) if 0 <= now_s - float(str(each["at_s"])) <= WINDOW_S]
        self.count = len(self._starts)
        self.safe = self.count >= MOST
        self.why = str(self._starts[-1]["why"]) if self._starts else ""
        self._starts.append({"at_s": now_s, "why": ""})
        self._save()

    def end(self, why: str | None) -> None:
        """It ended: in order (None), so that all is forgotten, or for this reason."""
        if why is None:
            self._path.unlink(missing_ok=True)
            return
        self._starts[-1]["why"] = why
        self._save()

    def _save(self) -> None:
        part = self._path.with_name(f".{self._path.name}.part")
        part.write_text(json.dumps({"safe": self.safe, "why": self.why, "starts": self._starts}) + "\n", "utf-8")
        part.chmod(0o644)  # for who asks how it does, whatever the umask
        os.replace(part, self._path)


def safe_mode(path: Path) -> str | None:
    """Why the service with this file is in safe mode, None if it is not; for who asks how it does."""
    try:
        told = json.loads(path.read_text("utf-8"))
        return (str(told["why"]) or "it was killed, or did not answer") if told["safe"] else None
    except (OSError, ValueError, KeyError, TypeError):  # not there: it ended in order or never ran
        return None


def _read(path: Path) -> list[dict[str, object]]:
    try:
        starts = json.loads(path.read_text("utf-8"))["starts"]
        return [{"at_s": float(each["at_s"]), "why": str(each["why"])} for each in starts]
    except FileNotFoundError:
        return []
    except (ValueError, KeyError, TypeError):  # half a file, after a crash of another kind: nothing is known
        return []
