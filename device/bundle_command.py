"""`lampyris bundle`: looks at, installs and signs models."""

import argparse
import io
import sys
from pathlib import Path

from device.bundle_page import page, printable
from device.emotion import signing, trial
from device.emotion.bundle import CARD_FILE, SIGNATURE_FILE, load_bundle
from device.emotion.card import Card, card_text
from device.emotion.choice import SHIPPED
from device.emotion.durable import replace_file, sync_folder, write_file
from device.emotion.runtime import choose_runtime, runtime_label
from device.emotion.self_test import self_test
from device.emotion.store import Store, default_store
from device.errors import InputError
from device.output import say


def bundle(options: argparse.Namespace) -> int:
    """Do what the options say. Raises InputError and HardwareError."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without these letters still gets the rest
    place = options.store or default_store()
    if place is None:
        raise InputError("You have no home folder to install bundles in; choose one with --store DIR.")
    _ACTIONS[options.action](Store(place), options)
    return 0


def _show(store: Store, options: argparse.Namespace) -> None:
    folder = _used(store) if options.folder is None else Path(options.folder)
    card = load_bundle(folder).card
    if options.json:
        say(card_text(card).decode().rstrip("\n"))
        return
    try:
        signature = _signature(store, card, folder)
    except InputError as error:  # looking at a bundle is no use of it
        signature = f"refused here: {error}"
    for line in page(card, signature, options.all):
        say(line)


def _verify(store: Store, options: argparse.Namespace) -> None:
    folder = Path(options.folder)
    checked = load_bundle(folder)
    card = checked.card
    say(f"card       unaltered, schema {card.schema}: {_title(card)}")
    say(f"model      unaltered, {card.model_bytes} bytes, SHA-256 {card.model_sha256[:12]}…")
    say(f"features   {card.fingerprint}, as this program computes them")
    say(f"signature  {_signature(store, card, folder)}")
    difference = self_test(checked)
    tolerance = card.self_test.tolerance if card.self_test else 0.0
    say(f"self-test  off by {difference:.2g}, allowed is {tolerance:g} ({runtime_label(choose_runtime())})")
    say("The bundle is good.")


def _install(store: Store, options: argparse.Namespace) -> None:
    before = store.current()
    name, difference = store.install(options.folder)
    say(f"Installed {name}; its self-test is off by {difference:.2g}.")
    say("It is on trial until it has followed two seconds of music: 'lampyris listen'.")
    if before != name:
        say(f"'lampyris bundle rollback' goes back to {_called(store.previous())}.")


def _rollback(store: Store, options: argparse.Namespace) -> None:
    before = store.current()
    say(f"Back to {_called(store.rollback())}; 'lampyris bundle rollback' returns to {_called(before)}.")


def _list(store: Store, options: argparse.Namespace) -> None:
    current, previous = store.current(), store.previous()
    ids: list[str | None] = [*store.ids(), None]
    # Links that lead nowhere are listed too: that is what one looks for.
    ids += [name for name in (current, previous) if name is not None and name not in ids]
    for name in ids:
        notes = []
        if name == current:
            notes.append("in use")
        elif name == previous:
            notes.append("previous")
        try:
            card = (store.load(name) if name else load_bundle(SHIPPED)).card
            count = trial.starts(store.folder, name) if name else None
            if count is not None:
                notes.append(f"on trial, {count} of {trial.MOST_STARTS} starts failed")
            said = f"{card.quantization} {card.kind} model of {card.created}"
        except InputError as error:
            said = f"can't be used: {error}"
        mark = "*" if name == current else " "
        say(printable(f"{mark} {_called(name)}: {', '.join([*notes, said])}"))
    if store.trusted() is not None:
        say("Only bundles signed by the trusted key are taken.")


def _keygen(store: Store, options: argparse.Namespace) -> None:
    secret, public = Path(options.name + ".key"), Path(options.name + ".pub")
    keys = signing.new_keys()
    made: list[Path] = []
    try:
        for path, text, mode in ((secret, keys[0], 0o600), (public, keys[1], 0o644)):
            write_file(path, text, mode, new=True)
            made.append(path)
        sync_folder(secret.parent)
    except OSError as error:
        for path in made:
            path.unlink(missing_ok=True)
        raise InputError(f"The keys cannot be written ({error.strerror}: {error.filename}); name others.") from error
    say(f"Wrote {secret}, to sign with: keep it secret. Wrote {public}, for 'lampyris bundle trust' on the lamps.")


def _sign(store: Store, options: argparse.Namespace) -> None:
    folder = Path(options.folder)
    card = load_bundle(folder).card
    signature = signing.sign(card, signing.read(Path(options.key), signing.SECRET))
    try:
        replace_file(folder / SIGNATURE_FILE, signing.encode(signing.SIGNATURE, signature))
    except OSError as error:
        raise InputError(f"Cannot write {folder / SIGNATURE_FILE} ({error.strerror}); check its rights.") from error
    say(printable(f"Signed {folder / CARD_FILE}: {_title(card)}."))


def _trust(store: Store, options: argparse.Namespace) -> None:
    if options.remove:
        store.distrust()
        say("The key is removed: bundles need no signature any more.")
        return
    store.trust(Path(options.public))
    say("From now on only bundles signed by this key are taken.")


def _used(store: Store) -> Path:
    current = store.current()
    return SHIPPED if current is None else store.folder / current


def _called(name: str | None) -> str:
    return "the one that ships with the program" if name is None else name


def _title(card: Card) -> str:
    return printable(f"{card.name} {card.version}")


def _signature(store: Store, card: Card, folder: Path) -> str:
    """The state of a bundle's signature. Raises InputError if it is malformed, or not of the trusted key."""
    signature = signing.read_signature(folder)
    key = store.trusted()
    if folder == SHIPPED:
        return "none; it is part of the program"
    if key is None:
        return "none, none is asked for" if signature is None else "there, not checked: no key is trusted here"
    signing.check(card, signature, key, folder)
    return "of the trusted key"


_ACTIONS = {
    "show": _show,
    "verify": _verify,
    "install": _install,
    "rollback": _rollback,
    "list": _list,
    "keygen": _keygen,
    "sign": _sign,
    "trust": _trust,
}
