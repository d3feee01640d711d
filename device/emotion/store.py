"""The store: the bundles that were installed on a lamp, which one is in use, and which one was before.

    STORE/ID/            a bundle; never written to once it has its name
    STORE/current        link to the ID in use; without it the bundle that ships with the program is
    STORE/previous       link to the ID that a rollback puts into use; without it the one that ships
    STORE/ID.trial       see trial.py
    STORE/trusted.pub    public key, see signing.py; with it no bundle is used that it did not sign

Every step leaves a store that works: links are switched by a rename, when all they lead to is on the disk.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from shutil import rmtree

from device.emotion import signing, trial
from device.emotion.bundle import BUNDLE_FILES, CARD_FILE, MODEL_FILE, SIGNATURE_FILE, Bundle, load_bundle
from device.emotion.card import Card, card_text
from device.emotion.durable import locked, replace_file, sync_folder, write_beside
from device.emotion.links import CURRENT, PREVIOUS, Links
from device.emotion.place import check_place, trouble
from device.emotion.self_test import self_test_apart
from device.emotion.shipped import BUILT_IN, is_shipped
from device.errors import InputError

TRUSTED = "trusted.pub"
_INSTALL_AGAIN, _OR_BACK = "install it again", ", or 'lampyris bundle rollback'"
_TRUST_AGAIN = "'lampyris bundle trust NAME.pub' puts another key there, 'lampyris bundle trust --remove' takes it out"
LOCK_S = 10.0
"""How long to wait for another command at work; an install takes a second or two."""
_ID = r"[A-Za-z0-9_][A-Za-z0-9._-]*-[0-9a-f]{12}(?:-[0-9]+)?"
_OURS = re.compile(_ID)
_PART = re.compile(rf"\.(?:{_ID}|{_ID}{re.escape(trial.SUFFIX)}|{TRUSTED}|{CURRENT}|{PREVIOUS})-[A-Za-z0-9_]+\.part")


def id_of(card: Card) -> str:
    """A folder's name for the bundle: what it is called, as far as that makes a name, and the card's hash.

    It never begins with a dot, is at most 94 characters of A-Z a-z 0-9 . _ - long and is none of the store's names.
    """
    words = (_plain(card.name, "bundle"), _plain(card.version, "0"), card.card_sha256[:12])
    return "-".join(words)


def _plain(text: str, otherwise: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text)[:40].strip(".-") or otherwise


class Store:
    """The store in `folder`, which need not be there yet. All methods raise InputError."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self._links = Links(self.folder, _OURS)

    def current(self) -> str | None:
        """ID of the bundle in use, None for the one that ships. It may be damaged: see `load`."""
        return self._links.current()

    def previous(self) -> str | None:
        """ID of the bundle that a rollback puts into use, None for the one that ships."""
        return self._links.previous()

    def ids(self) -> list[str]:
        """All that is in the store."""
        try:
            return sorted(name for name in os.listdir(self.folder) if _OURS.fullmatch(name) and self._is_folder(name))
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise trouble(self.folder, error, "read") from error

    def check(self) -> None:
        """Raise InputError if there is something else in its place, or no way to it; it need not be there."""
        check_place(self.folder)

    def read(self, folder: Path) -> Bundle:
        """The bundle in the store or elsewhere, checked, but whoever signed it."""
        back = _OR_BACK if folder.name == self.current() else ""
        return load_bundle(folder, _INSTALL_AGAIN + back) if folder.parent == self.folder else load_bundle(folder)

    def load(self, bundle_id: str) -> Bundle:
        """The bundle, checked, and by the trusted key if there is one."""
        bundle = self.read(self.folder / bundle_id)
        self.check_signature(bundle.card, self.folder / bundle_id)
        return bundle

    def trusted(self) -> bytes | None:
        """The public key whose bundles alone are taken, None if there is none."""
        path = self.folder / TRUSTED
        try:
            os.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:  # there may be a key: then nothing may pass
            raise InputError(f"{path} cannot be read ({error.strerror}); check the rights of its folder.") from error
        return signing.read(path, signing.PUBLIC, _TRUST_AGAIN)

    def check_signature(self, card: Card, folder: Path) -> None:
        """Refuse what the trusted key did not sign; anything passes where there is no key, and the one that ships."""
        key = self.trusted()
        if key is not None and not is_shipped(folder):
            signing.check(card, signing.read_signature(folder), key, folder)

    def install(self, source: str | Path) -> tuple[str, float]:
        """Put the bundle in the folder `source` into use, on trial; return its ID and what its self-test was off by.

        The one in use before becomes `previous`, unless it is damaged or the same but for its signature.
        """
        bundle = load_bundle(source)
        if is_shipped(source):
            raise InputError(f"{source} ships with the program: 'lampyris bundle use {BUILT_IN}' puts it into use.")
        self.check_signature(bundle.card, Path(source))
        files = {MODEL_FILE: bundle.model, CARD_FILE: card_text(bundle.card)}
        if (signature := signing.read_signature(Path(source))) is not None:
            files[SIGNATURE_FILE] = signing.encode(signing.SIGNATURE, signature)
        with self._changing(make=True, prune=True):
            bundle_id, difference = self._add(files, bundle.card)
            trial.note(self.folder, bundle_id, 0)
            old, previous = self.current(), self.previous()
            if old is None or (not old.startswith(id_of(bundle.card)) and self._loads(old)):
                previous = old
            self._links.switch(bundle_id, None if previous == bundle_id else previous)
        return bundle_id, difference

    def rollback(self, tested: bool = False) -> str | None:
        """Put the previous bundle into use, and keep the one that was; return its ID, None for the one that ships.

        It is tested first, unless the caller has.
        """
        nothing = InputError("Nothing is installed: the lamp already runs the bundle that ships with it.")
        if not os.path.lexists(self.folder):
            raise nothing
        with self._changing():
            new = self.previous()
            if new is None and self.current() is None:
                raise nothing
            self._put(new, tested)
        return new

    def use(self, bundle_id: str | None) -> None:
        """Put this one into use, None for the one that ships, and keep the one that was for a rollback."""
        with self._changing():
            if bundle_id is not None and bundle_id not in self.ids():
                raise InputError(f"There is no {bundle_id} in {self.folder}: 'lampyris bundle list' shows what is.")
            if bundle_id != self.current():
                self._put(bundle_id)

    def _put(self, new: str | None, tested: bool = False) -> None:
        if new is not None and not tested:
            self.load(new)
            self_test_apart(self.folder / new)
            if trial.starts(self.folder, new) is not None:
                trial.note(self.folder, new, 0)
        old = self.current()
        kept = self.previous() if old is not None and not self._is_folder(old) else old
        self._links.switch(new, None if kept == new else kept)

    def trust(self, public: Path) -> None:
        """From now on take only what this key signed."""
        key = signing.read(public, signing.PUBLIC)
        with self._changing(make=True):
            current = self.current()
            if current is not None and not self._is_signed(current, key):
                raise InputError(
                    f"The bundle in use, {current}, is not signed by this key: sign it and install it again, or roll "
                    "back to one that is, and then trust the key."
                )
            replace_file(self.folder / TRUSTED, signing.encode(signing.PUBLIC, key))

    def distrust(self) -> None:
        """Take bundles without a signature again."""
        with self._changing():
            if not os.path.lexists(self.folder / TRUSTED):
                raise InputError(f"No key is trusted in {self.folder}, so there is none to remove.")
            (self.folder / TRUSTED).unlink()
            sync_folder(self.folder)

    def _is_folder(self, name: str) -> bool:
        path = self.folder / name
        return path.is_dir() and not path.is_symlink()

    def _loads(self, bundle_id: str) -> bool:
        try:
            self.load(bundle_id)
        except InputError:
            return False
        return True

    def _is_signed(self, bundle_id: str, key: bytes) -> bool:
        folder = self.folder / bundle_id
        signature = signing.read_signature(folder)
        return signature is not None and signing.is_signed(load_bundle(folder).card, signature, key)

    def _add(self, files: dict[str, bytes], card: Card) -> tuple[str, float]:
        """Have these files in the store, tested, under an ID that may be there already."""
        for number in count(1):
            place = self.folder / (id_of(card) + (f"-{number}" if number > 1 else ""))
            if not os.path.lexists(place):
                break
            if self._holds(place, files):
                return place.name, self_test_apart(place)
        beside = write_beside(place, files)  # what is left of it on failure goes with _tidy
        difference = self_test_apart(beside)
        beside.rename(place)
        sync_folder(self.folder)
        return place.name, difference

    def _holds(self, place: Path, files: dict[str, bytes]) -> bool:
        try:
            return {path.name: path.read_bytes() for path in place.iterdir()} == files
        except OSError:  # it is damaged: then it is not the same
            return False

    def _tidy(self, prune: bool) -> None:
        """Finish what was cut off. prune: remove all bundles but the current and the previous one."""
        self._links.mend()
        kept = {self.current(), self.previous(), *([] if prune else self.ids())}
        for name in os.listdir(self.folder):
            path = self.folder / name
            owner = name.removesuffix(trial.SUFFIX)
            if not (_PART.fullmatch(name) or (_OURS.fullmatch(owner) and owner not in kept)):
                continue
            if not self._is_folder(name):
                path.unlink(missing_ok=True)
            elif set(os.listdir(path)) <= set(BUNDLE_FILES):  # a folder with anything else is not ours
                rmtree(path)

    @contextmanager
    def _changing(self, make: bool = False, prune: bool = False) -> Iterator[None]:
        """Alone at work on a tidy store, which is left tidy. make: the folder, if it is not there. prune: see _tidy."""
        if not make and not os.path.lexists(self.folder):
            raise InputError(f"There is no store at {self.folder} yet: 'lampyris bundle install DIR' makes it.")
        try:
            if not self.folder.exists():
                self.folder.mkdir(parents=True, exist_ok=True)  # another command may be first
                sync_folder(self.folder.parent)
            with locked(self.folder, LOCK_S):
                self._tidy(prune)
                try:
                    yield
                finally:
                    with suppress(OSError):  # what is left lies idle; the next change tries again
                        self._tidy(prune)
        except OSError as error:
            raise trouble(self.folder, error, "changed") from error
