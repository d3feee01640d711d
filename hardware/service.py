"""Service: what a program does that systemd keeps running, beyond what it does in a shell."""

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from hardware.crashes import Crashes, since_boot_s
from hardware.errors import HardwareError
from hardware.last_good import last_good
from hardware.light.notify import notify

STARTS = "starts.json"
KEPT = "lamp.toml"
_ORDERLY = (KeyboardInterrupt, BrokenPipeError, SystemExit)
Settings = TypeVar("Settings")


class Service:
    """As a context around the whole program it counts crashes, waits before it tries again, and knows when it is
    better to be safe.

    on: whether systemd keeps it; in a shell nothing of this happens. tell: takes a sentence. clock: seconds that no
    one sets; sleep; environment, with RUNTIME_DIRECTORY and STATE_DIRECTORY as systemd gives them: else HardwareError.

    safe: whether it crashed so often that it shall do with as little as it can.
    """

    def __init__(
        self,
        on: bool,
        tell: Callable[[str], None],
        clock: Callable[[], float] = since_boot_s,
        sleep: Callable[[float], None] = time.sleep,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self.on, self._tell, self._sleep = on, tell, sleep
        self._crashes: Crashes | None = None
        self.safe = False
        if on:
            self._crashes = Crashes(_folder(environment, "RUNTIME_DIRECTORY") / STARTS, clock)
            self._kept = _folder(environment, "STATE_DIRECTORY") / KEPT

    def __enter__(self) -> Self:
        """Be counted, and wait if it crashed of late. Raises HardwareError."""
        if self._crashes is None:
            return self
        try:
            self._crashes.begin()
        except OSError as error:
            raise HardwareError(
                f"RUNTIME_DIRECTORY can't be written ({error.strerror}); check the unit of this service."
            ) from error
        self.safe = self._crashes.safe
        if self.safe:
            why = self._crashes.why or "it was killed, or did not answer"
            text = f"Safe mode after {self._crashes.count} crashes in two minutes; the last: {why}"
            notify(f"STATUS={text}")
            self._tell(text)
        try:
            self._sleep(self._crashes.pause_s)
        except BaseException:
            self._crashes.end(None)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if self._crashes is None:
            return
        if kind is None or issubclass(kind, _ORDERLY):
            self._crashes.end(None)
        else:  # what is told to users is a sentence; anything else needs its kind to be understood
            said = str(error)
            self._crashes.end(said if said.endswith(".") else f"{kind.__name__}: {said}")

    def settings(
        self,
        path: str | None,
        load: Callable[[str], Settings],
        default: Settings,
        errors: tuple[type[Exception], ...] = (HardwareError,),
        safe: Callable[[Settings], Settings] | None = None,
    ) -> Settings:
        """The settings to run with. load: reads them, and raises one of `errors` for bad ones.

        safe: leaves of them what safe mode keeps, for what is wired stays wired; None: all.
        """
        if path is None:
            return default
        if not self.on:
            return load(path)
        try:
            settings = last_good(Path(path), self._kept, load, errors, self._tell)
        except errors as error:
            if not self.safe:
                raise
            self._tell(f"{error} Safe mode goes on without settings.")
            return default
        return settings if safe is None or not self.safe else safe(settings)


def _folder(environment: Mapping[str, str], name: str) -> Path:
    folder = environment.get(name, "")
    if not folder.startswith("/"):
        raise HardwareError(f"--service is for a unit of systemd, which sets {name}; leave it out in a shell.")
    return Path(folder)
