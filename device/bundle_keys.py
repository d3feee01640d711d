"""`lampyris bundle keygen`, `sign` and `trust`."""

import argparse
from pathlib import Path

from device.bundle_page import printable
from device.emotion import signing
from device.emotion.bundle import CARD_FILE, SIGNATURE_FILE, load_bundle
from device.emotion.durable import replace_file, sync_folder, write_file
from device.emotion.store import Store
from device.errors import InputError
from device.output import say, warn


def keygen(options: argparse.Namespace) -> None:
    """Make the two files of a new key."""
    name = options.name.removesuffix(".key").removesuffix(".pub")
    secret, public = Path(name + ".key"), Path(name + ".pub")
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


def sign(options: argparse.Namespace) -> None:
    """Sign a bundle in its place."""
    folder, key = Path(options.folder), Path(options.key)
    card = load_bundle(folder).card
    signature = signing.sign(card, signing.read(key, signing.SECRET))
    if key.stat().st_mode & 0o077:
        warn(f"{key} can be read by others than you: 'chmod 600 {key}'.")
    try:
        replace_file(folder / SIGNATURE_FILE, signing.encode(signing.SIGNATURE, signature))
    except OSError as error:
        raise InputError(f"Cannot write {folder / SIGNATURE_FILE} ({error.strerror}); check its rights.") from error
    say(printable(f"Signed {folder / CARD_FILE}: {card.name} {card.version}."))


def trust(store: Store, options: argparse.Namespace) -> None:
    """Put a key in or take it out."""
    if options.remove:
        store.distrust()
        say("The key is removed: bundles need no signature any more.")
        return
    store.trust(Path(options.public))
    say("From now on only bundles signed by this key are taken.")
