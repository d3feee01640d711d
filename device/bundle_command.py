"""`lampyris bundle`: looks at, installs and signs models."""

import argparse
import io
import sys
from pathlib import Path

from device import bundle_keys
from device.bundle_list import called, fault, rows, state
from device.bundle_page import page, printable
from device.emotion import shipped, signing
from device.emotion.card import Card, card_text
from device.emotion.choice import PROVEN_S, find
from device.emotion.place import default_store, store_at
from device.emotion.runtime import choose_runtime, runtime_label
from device.emotion.self_test import self_test_apart
from device.emotion.store import Store
from device.errors import InputError
from device.output import say, terminal_width

_NARROWEST = 60


def bundle(options: argparse.Namespace) -> int:
    """Do what the options say. Raises InputError and HardwareError."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without these letters still gets the rest
    if options.action is None:
        actions = ", ".join((*_ACTIONS, *_APART))
        raise InputError(f"'lampyris bundle' needs an action: {actions}; 'lampyris bundle --help' explains them.")
    if options.action in _APART:
        _APART[options.action](options)
        return 0
    place = store_at(options.store) if options.store else default_store()
    if place is None:
        raise InputError("You have no home folder to install bundles in; choose one with --store DIR.")
    store = Store(place)
    store.check()
    _ACTIONS[options.action](store, options)
    return 0


def _show(store: Store, options: argparse.Namespace) -> None:
    folder = _folder(store, options.bundle)
    card = store.read(folder).card
    if options.json:
        say(card_text(card).decode().rstrip("\n"))
        return
    try:
        signature = _signature(store, card, folder)
    except InputError as error:  # looking at a bundle is no use of it
        signature = f"refused here: {error}"
    width = max(_NARROWEST, terminal_width(sys.stdout))
    utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    for line in page(card, _head(store, folder), signature, whole=options.all, width=width, curves=utf8):
        say(line)


def _verify(store: Store, options: argparse.Namespace) -> None:
    folder = _folder(store, options.bundle)
    checked = store.read(folder)
    card = checked.card
    say(printable(f"bundle     {_head(store, folder)}"))
    say(f"card       unaltered, schema {card.schema}: {printable(f'{card.name} {card.version}')}")
    say(f"model      unaltered, {card.model_bytes} bytes, SHA-256 {card.model_sha256[:12]}")
    say(f"features   {card.fingerprint}, as this program computes them")
    say(f"signature  {_signature(store, card, folder)}")
    difference = self_test_apart(folder)
    tolerance = card.self_test.tolerance if card.self_test else 0.0
    say(f"self-test  off by {difference:.2g}, allowed is {tolerance:g} ({runtime_label(choose_runtime())})")
    say("The bundle is good.")


def _install(store: Store, options: argparse.Namespace) -> None:
    before = store.current()
    name, difference = store.install(options.folder)
    again = " again; it was in use already" if before == name else ""
    say(f"Installed {name}{again}; its self-test is off by {difference:.2g}.")
    say(f"It is on trial until it has followed {PROVEN_S:g} seconds of music: 'lampyris listen'.")
    if before != name:
        say(f"'lampyris bundle rollback' goes back to {called(store.previous())}.")


def _rollback(store: Store, options: argparse.Namespace) -> None:
    before = store.current()
    _say_switched(store, store.rollback(), before, "Back to")


def _use(store: Store, options: argparse.Namespace) -> None:
    wanted = None if options.bundle == shipped.BUILT_IN else options.bundle
    before = store.current()
    if wanted == before:
        say(f"{called(wanted)} is in use already.")
        return
    store.use(wanted)
    _say_switched(store, wanted, before, "In use:")


def _say_switched(store: Store, now: str | None, before: str | None, how: str) -> None:
    why = fault(store, before)
    if why is None:
        say(f"{how} {called(now)}; 'lampyris bundle rollback' returns to {called(before)}.")
    else:
        say(printable(f"{how} {called(now)}; {called(before)}, which was in use before, is broken: {why}."))


def _list(store: Store, options: argparse.Namespace) -> None:
    there = "" if store.folder.exists() else " (not there yet: 'lampyris bundle install DIR' makes it)"
    say(f"store  {store.folder}{there}")
    for line in rows(store):
        say(line)
    if store.trusted() is not None:
        say("Only bundles signed by the trusted key are taken.")


def _folder(store: Store, name: str | None) -> Path:
    """The bundle that was named, by default the one in use."""
    if name is not None:
        return find(store, name)
    current = store.current()
    return shipped.SHIPPED if current is None else store.folder / current


def _head(store: Store, folder: Path) -> str:
    """What a bundle is called, and its state."""
    if shipped.is_shipped(folder):
        name, said = shipped.BUILT_IN, state(store, None)
    elif folder.parent == store.folder:
        name, said = folder.name, state(store, folder.name)
    else:
        name, said = str(folder), "not installed from here"
    return f"{name}: {said or 'not in use'}"


def _signature(store: Store, card: Card, folder: Path) -> str:
    """The state of a bundle's signature. Raises InputError if it is malformed, or not of the trusted key."""
    if shipped.is_shipped(folder):
        return "needs none; it is part of the program"
    signature = signing.read_signature(folder)
    key = store.trusted()
    if key is None:
        return "none, none is asked for" if signature is None else "there, not checked: no key is trusted here"
    signing.check(card, signature, key, folder)
    return "of the trusted key"


_ACTIONS = {
    "show": _show,
    "verify": _verify,
    "install": _install,
    "use": _use,
    "rollback": _rollback,
    "list": _list,
    "trust": bundle_keys.trust,
}
_APART = {"keygen": bundle_keys.keygen, "sign": bundle_keys.sign}
"""These have nothing to do with the store."""
