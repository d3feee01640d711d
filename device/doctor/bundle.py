"""The bundle: which one the lamp would start with, why, and whether it is good. The store is not changed."""

from collections.abc import Callable, Iterator
from pathlib import Path

from device.bundle_list import called, fault, state
from device.doctor.finding import Finding, Value, from_error, ok, skip, warn
from device.emotion import shipped, trial
from device.emotion.bundle import Bundle, load_bundle
from device.emotion.choice import find
from device.emotion.self_test import self_test_apart
from device.emotion.store import Store
from device.errors import InputError
from hardware.words import printable

_OTHERWISE = "run: lampyris bundle use built-in"


class BundleCheck:
    """store: where bundles are installed, None if this user has no place for them. test: tells how far one is off.

    fingerprint: of the features of the bundle, once it was read.
    """

    def __init__(self, store: Store | None, test: Callable[[Path], float] = self_test_apart) -> None:
        self._store, self._test = store, test
        self.fingerprint: str | None = None

    def findings(self, named: str | None) -> Iterator[Finding]:
        """named: the folder or ID of one for once, None for that in use."""
        try:
            yield self._bundle(named)
        except InputError as error:
            yield from_error("bundle", error, _OTHERWISE)
        if named is None:
            try:
                yield self._rollback()
            except InputError as error:
                yield from_error("rollback", error, _OTHERWISE)

    def _bundle(self, named: str | None) -> Finding:
        store = self._store
        if store is None:
            return self._judge(*_plain(named), "this user has no home to install others in")
        store.check()
        if named is not None:
            folder = find(store, named)
            return self._judge(folder, self._read(store, folder), "as named by --bundle")
        current = store.current()
        if current is None:
            return self._judge(shipped.SHIPPED, load_bundle(shipped.SHIPPED), "as none is installed")
        folder = store.folder / current
        return self._judge(folder, self._read(store, folder), state(store, current))

    def _read(self, store: Store, folder: Path) -> Bundle:
        bundle = store.read(folder)
        store.check_signature(bundle.card, folder)
        return bundle

    def _judge(self, folder: Path, bundle: Bundle, why: str) -> Finding:
        card = bundle.card
        self.fingerprint = card.fingerprint
        ships = shipped.is_shipped(folder)
        name = shipped.BUILT_IN if ships else str(folder) if self._store is None else folder.name
        difference = self._test(folder)
        signed = self._store is not None and self._store.trusted() is not None and not ships
        notes = [
            "unaltered",
            *(["signed by the trusted key"] if signed else []),
            f"self-test off by {difference:.1g}",
        ]
        found = printable(f"{name}, {why}: {', '.join(notes)}")
        values: dict[str, Value] = {"id": name, "sha256": card.model_sha256, "off_by": difference, "signed": signed}
        failed = 0 if self._store is None or ships else trial.starts(self._store.folder, folder.name) or 0
        if failed:
            left = trial.MOST_STARTS - failed
            found = found if left > 0 else f"{found}; the lamp goes back at its next start"
            again = (
                "look at what ended the lamp, then let it follow music: lampyris listen; or lampyris bundle rollback"
            )
            return warn("bundle", found, again, **values)
        return ok("bundle", found, **values)

    def _rollback(self) -> Finding:
        store = self._store
        if store is None or (store.current() is None and store.previous() is None):
            return skip("rollback", "nothing is installed, so there is nothing to go back to")
        previous = store.previous()
        why = fault(store, previous)
        if why is not None:
            return warn(
                "rollback",
                printable(f"would go to {called(previous)}, which is broken: {why}"),
                "install a good one again: lampyris bundle install DIR",
            )
        return ok("rollback", f"would go to {called(previous)}", to=called(previous))


def _plain(named: str | None) -> tuple[Path, Bundle]:
    folder = shipped.SHIPPED if named in (None, shipped.BUILT_IN) else Path(str(named))
    return folder, load_bundle(folder)
