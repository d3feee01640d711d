"""Which bundle the lamp starts with, and what happens when that one fails.

The one that was named; else the one in use in the store; if that does not start, the previous one, for good; if that
does not either, the one that ships with the program, for good too.
"""

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from device.emotion import shipped, signing, trial
from device.emotion.bundle import Bundle, load_bundle
from device.emotion.reason import reason
from device.emotion.runner import Runner
from device.emotion.store import Store, id_of
from device.errors import InputError
from hardware.errors import HardwareError

PROVEN_S = 2.0
"""Seconds of sound after which a bundle on trial has proved itself: by then the network was asked several times."""
_ORDERLY = (InputError, HardwareError, KeyboardInterrupt, BrokenPipeError)

Warn = Callable[[str], None]


class Choice:
    """The bundle that the lamp runs. As a context it watches over the bundle's trial.

    Enter it, and only then `start`: the count of a start is withdrawn when the block is left in order (by Ctrl-C too),
    and stays if the program dies. Tell it by `heard` how far the music is, and by `ended` that it came to its end.
    Enter it twice where a signal may come: one that comes while the inner one is at work leaves the rest to the outer.

    named: the folder or ID that the user named. warn: is told by a sentence of all that failed.
    """

    bundle: Bundle
    folder: Path
    bundle_id: str

    def __init__(self, named: str | None, store: Store | None, warn: Warn) -> None:
        self._named = named
        self._store = store
        self._warn = warn
        self._told = False
        self._trial: tuple[Path, int] | None = None  # the folder on trial, and its starts with this one
        self.passed = False
        """Whether its trial has just come to its good end."""

    def start(self) -> Bundle:
        """Choose it. Raises InputError if the named bundle is not good, or the one that ships."""
        found = self._find(self._named) if self._named is not None else self._installed()
        self.folder, self.bundle = found or (shipped.SHIPPED, load_bundle(shipped.SHIPPED))
        installed = self._store is not None and self.folder.parent == self._store.folder
        self.bundle_id = self.folder.name if installed else id_of(self.bundle.card)
        if shipped.is_shipped(self.folder):
            self.bundle_id = shipped.BUILT_IN
        return self.bundle

    def heard(self, t_s: float) -> None:
        """The lamp has run for so many seconds of sound."""
        if t_s >= PROVEN_S:
            self.ended()

    def ended(self) -> None:
        """The lamp has done what it should."""
        if self._trial is not None:
            self.passed = self._note(self._trial[0], None)
            self._trial = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: BaseException | TracebackType | None) -> None:
        if self._trial is not None and (kind is None or issubclass(kind, _ORDERLY)):
            folder, count = self._trial
            self._note(folder, count - 1)
            self._trial = None

    def _find(self, named: str) -> tuple[Path, Bundle]:
        if self._store is None:
            folder = shipped.SHIPPED if named == shipped.BUILT_IN else Path(named)
            return folder, load_bundle(folder)
        folder = find(self._store, named)
        bundle = self._store.read(folder)
        self._store.check_signature(bundle.card, folder)
        return folder, bundle

    def _installed(self) -> tuple[Path, Bundle] | None:
        store = self._store
        try:
            current = store.current() if store is not None and _works(store) else None
        except InputError as error:
            self._warn(f"{_clause(error)}; until then the lamp uses the bundle that ships with it.")
            return None
        if store is None or current is None:
            return None
        try:
            return self._try(store, current)
        except InputError as error:
            why = f"The bundle {current} does not start ({reason(error)})"
        found = previous = None
        try:
            previous = store.previous()
            found = None if previous is None else self._try(store, previous)
        except InputError as error:
            why = f"{why}, nor does the previous one ({reason(error)})"
        if found is None:
            self._trial = None
            self._warn(f"{why}: the lamp goes back to the one that ships with it; install another one.")
        else:
            self._warn(f"{why}: the lamp goes back to {previous}.")
        try:
            if found is None:
                store.use(None)
            else:
                store.rollback(tested=True)
        except InputError as error:
            self._warn(f"Going back holds for this start only: {error}")
        return found

    def _try(self, store: Store, bundle_id: str) -> tuple[Path, Bundle]:
        folder = store.folder / bundle_id
        self._trial = None
        try:
            count = trial.starts(store.folder, bundle_id)
        except InputError as error:
            self._warn(f"{reason(error)}; the trial begins anew.")
            count = 0
        if count is not None:
            if count >= trial.MOST_STARTS:
                raise InputError(f"its first {count} starts did not get through {PROVEN_S:g} seconds of music")
            # Counted before it is opened, as a runtime may crash on it; to be withdrawn before it is counted.
            self._trial = folder, count + 1
            try:
                trial.note(store.folder, bundle_id, count + 1)
            except OSError as error:  # uncounted, one that crashes would be started for ever
                self._trial = None
                raise InputError(f"its trial can't be written down ({error.strerror})") from error
        bundle = store.load(bundle_id)
        Runner(bundle)
        return folder, bundle

    def _note(self, folder: Path, count: int | None) -> bool:
        """Write down how many starts of the bundle in `folder` count, None for the end of its trial; True if it held.

        A store that can't be written stops no lamp, and is told of once.
        """
        try:
            if count is None:
                trial.end(folder.parent, folder.name)
            else:
                trial.note(folder.parent, folder.name, count)
        except OSError as error:
            if not self._told:
                self._told = True
                why, store = error.strerror, folder.parent
                self._warn(f"The trial of {folder.name} can't be written down ({why}); check the store {store}.")
            return False
        return True


def find(store: Store, name: str) -> Path:
    """The folder of a bundle by its ID in the store, by "built-in", or by its path."""
    if name == shipped.BUILT_IN:
        return shipped.SHIPPED
    return store.folder / name if name in store.ids() else Path(name)


def _works(store: Store) -> bool:
    """True. Raises InputError where no bundle could start, be it ever so good: that is no reason to leave one."""
    store.check()
    if store.trusted() is not None:
        signing.check_library()
    return True


def _clause(error: InputError) -> str:
    return str(error).rstrip(".")
