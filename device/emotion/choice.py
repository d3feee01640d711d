"""Which bundle the lamp starts with, and what happens when that one fails.

The one that was named; else the one in use in the store; if that does not start, the previous one, for good; if that
does not either, or nothing is installed, the one that ships with the program.
"""

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import device
from device.emotion import trial
from device.emotion.bundle import Bundle, load_bundle
from device.emotion.runner import Runner
from device.emotion.store import Store
from device.errors import InputError
from hardware.errors import HardwareError

SHIPPED = Path(device.__file__).parents[1] / "models" / "default"
PROVEN_S = 2.0
"""Seconds of sound after which a bundle on trial has proved itself: by then the network was asked several times."""
_ORDERLY = (InputError, HardwareError, KeyboardInterrupt, BrokenPipeError)

Warn = Callable[[str], None]


class Choice:
    """A bundle that starts, and the folder it is from. As a context it watches over a trial.

    Tell it by `heard` how far the music is, and by `ended` that it came to its end. If the block is left before
    either, but in order, this start does not count; if the program dies, it does.
    """

    def __init__(self, bundle: Bundle, folder: Path, count: int | None = None, warn: Warn = print) -> None:
        self.bundle = bundle
        self.folder = folder
        self._count = count  # starts that count with this one; None when it is not on trial (any more)
        self._warn = warn

    def heard(self, t_s: float) -> None:
        """The lamp has run for so many seconds of sound."""
        if t_s >= PROVEN_S:
            self.ended()

    def ended(self) -> None:
        """The lamp has done what it should."""
        if self._count is not None:
            self._note(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: BaseException | TracebackType | None) -> None:
        if self._count is not None and (kind is None or issubclass(kind, _ORDERLY)):
            self._note(self._count - 1)

    def _note(self, count: int | None) -> None:
        self._count = None
        _note_trial(self.folder, count, self._warn)


def choose(named: str | None, store: Store | None, warn: Warn) -> Choice:
    """The bundle to start with. named: the folder that the user named. warn: is told by a sentence of all that failed.

    Raises InputError if the named bundle is not good, or the one that ships.
    """
    if named is not None:
        bundle = load_bundle(named)
        if store is not None:
            store.check_signature(bundle.card, Path(named))
        return Choice(bundle, Path(named))
    choice = None if store is None else _installed(store, warn)
    return choice or Choice(load_bundle(SHIPPED), SHIPPED)


def _installed(store: Store, warn: Warn) -> Choice | None:
    try:
        current = store.current()
        if current is None:
            return None
    except InputError as error:
        warn(f"{_clause(error)}; until then the lamp uses the bundle that ships with it.")
        return None
    try:
        return _start(store, current, warn)
    except InputError as error:
        why = f"The bundle {current} does not start ({_clause(error)})"
    try:
        previous = store.previous()
        choice = None if previous is None else _start(store, previous, warn)
    except InputError as error:
        why = f"{why}, nor does the previous one ({_clause(error)})"
        choice = None
    if choice is None:
        warn(f"{why}: the lamp uses the bundle that ships with it; install another one.")
        return None
    warn(f"{why}: the lamp goes back to {previous}.")
    try:
        store.rollback(tested=True)
    except InputError as error:
        warn(f"Going back holds for this start only: {error}")
    return choice


def _start(store: Store, bundle_id: str, warn: Warn) -> Choice:
    folder = store.folder / bundle_id
    try:
        count = trial.starts(store.folder, bundle_id)
    except InputError as error:
        warn(f"{_clause(error)}; the trial begins anew.")
        count = 0
    if count is not None:
        if count >= trial.MOST_STARTS:
            raise InputError(f"its first {count} starts did not get through {PROVEN_S:g} seconds of music")
        count += 1
        _note_trial(folder, count, warn)  # before it is opened: a runtime may crash on it
    bundle = store.load(bundle_id)
    Runner(bundle)
    return Choice(bundle, folder, count, warn)


def _note_trial(folder: Path, count: int | None, warn: Warn) -> None:
    """Write down how many starts of the bundle in `folder` count, None for the end of its trial.

    A store that can't be written stops no lamp.
    """
    try:
        if count is None:
            trial.end(folder.parent, folder.name)
        else:
            trial.note(folder.parent, folder.name, count)
    except OSError as error:
        warn(f"The trial of {folder.name} can't be written down ({error.strerror}); check the store {folder.parent}.")


def _clause(error: InputError) -> str:
    return str(error).rstrip(".")
