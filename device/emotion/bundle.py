"""A bundle: the folder with a model (model.tflite), what it says of itself (card.json) and, if its maker signed it, the
signature (card.sig, see signing.py)."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree

import msgspec

from device.emotion.card import SCHEMA, Card, card_text, digest, is_sealed, seal_for
from device.emotion.durable import sync_folder, write_beside
from device.errors import InputError

CARD_FILE = "card.json"
MODEL_FILE = "model.tflite"
SIGNATURE_FILE = "card.sig"
BUNDLE_FILES = (CARD_FILE, MODEL_FILE, SIGNATURE_FILE)
LARGEST_CARD = 1 << 20
"""Bytes; a card has some thousand."""
AGAIN = "copy or convert the bundle again"
"""What to do about a damaged bundle, unless there is a better way."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A checked card and its model, a TFLite flatbuffer."""

    card: Card
    model: bytes


class _Schema(msgspec.Struct):
    schema: int


def load_bundle(path: str | Path, again: str = AGAIN) -> Bundle:
    """Read and check the bundle in the folder `path`. again: what to do if it is damaged.

    Raises InputError if anything is missing, truncated, altered by as little as one bit, of another schema, or made
    for features that this code does not compute.
    """
    folder = Path(path)
    if not os.path.isdir(folder):  # unlike Path.is_dir it says no to a name that can't be looked up at all
        if os.path.isfile(folder):
            raise InputError(f"{path} is a file, a bundle is a folder: name its folder.")
        raise InputError(f"There is no model bundle at {str(path)!r}; name a folder with {CARD_FILE} and {MODEL_FILE}.")
    if os.path.isfile(folder / "run.json") and not os.path.lexists(folder / CARD_FILE):
        raise InputError(
            f"{path} is a trained run, not a bundle: 'python -m convert {path} --out models/mine' makes one of it, in "
            "some minutes."
        )
    card = _card(read_plain(folder / CARD_FILE, LARGEST_CARD, again), folder / CARD_FILE, again)
    name = folder / MODEL_FILE
    model = read_plain(name, card.model_bytes, again)
    if len(model) != card.model_bytes:
        raise InputError(f"{name} has {len(model)} bytes instead of {card.model_bytes}: {again}.")
    if digest(model) != card.model_sha256:
        raise InputError(f"{name} is damaged (its SHA-256 is not the card's): {again}.")
    return Bundle(card, model)


def write_bundle(path: str | Path, card: Card, model: bytes) -> Card:
    """Write the bundle into the folder `path` and return its sealed card; size and hashes are filled in here.

    What stands at `path` is replaced only when the new bundle is whole on the disk, and only if it is a bundle; its
    signature goes with it.
    Raises InputError if `path` is something else or cannot be written.
    """
    folder = Path(path).resolve()  # a link stays, what it leads to is replaced
    card = seal_for(card, model)
    # A card that would not load must not be written.
    _card(card_text(card), folder / CARD_FILE)
    check_target(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = write_beside(folder, {MODEL_FILE: model, CARD_FILE: card_text(card)})
    except OSError as error:
        raise InputError(f"Cannot write {folder} ({error.strerror}); choose another folder.") from error
    try:
        _swap(beside, folder)
        sync_folder(folder.parent)
    except OSError as error:
        raise InputError(f"Cannot write {folder} ({error.strerror}); choose another folder.") from error
    finally:
        rmtree(beside, ignore_errors=True)
    return card


def check_target(folder: Path) -> None:
    """Raise InputError if `folder` can't take a bundle, or holds anything else: that is never replaced."""
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file, a bundle is a folder; choose an empty or new one.")
    try:
        names = {entry.name for entry in folder.iterdir()} if folder.exists() else set()
    except OSError as error:
        raise InputError(f"{folder} cannot be read as a folder ({error.strerror}); choose another one.") from error
    strange = sorted(names.difference(BUNDLE_FILES))
    if strange:
        raise InputError(f"{folder} holds {strange[0]!r}, which is no part of a bundle; choose an empty or new folder.")
    above = next(path for path in folder.absolute().parents if path.exists())
    if not (above.is_dir() and os.access(above, os.W_OK | os.X_OK)):
        raise InputError(f"Nothing can be written into {above}; choose another folder.")


def read_plain(path: Path, most: int, advice: str = AGAIN) -> bytes:
    """The content of a plain file of at most `most` bytes: neither a device nor a giant is read into memory.

    Raises InputError for anything else; `advice` says what to do then.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise InputError(f"{path} is not a plain file: {advice}.")
        with path.open("rb") as file:
            data = file.read(most + 1)
    except FileNotFoundError as error:
        raise InputError(f"{path} is missing: {advice}.") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}): check the file and its rights.") from error
    if len(data) > most:
        raise InputError(f"{path} has more than {most} bytes, the most it may have: {advice}.")
    return data


def _card(text: bytes, name: Path, again: str = AGAIN) -> Card:
    """The checked card in `text`; `name` stands in the error's sentence."""
    card = _decode(text, name, again)
    if text != card_text(card) or not is_sealed(card):
        raise InputError(f"{name} was altered (its SHA-256 does not fit): {again}.")
    if card.fingerprint != card.features.fingerprint:
        raise InputError(
            f"{name} was made for other features ({card.fingerprint}; this program computes "
            f"{card.features.fingerprint}): train and convert the model again, or use the version that made it."
        )
    return card


def _decode(text: bytes, name: Path, again: str) -> Card:
    try:
        schema = msgspec.json.decode(text, type=_Schema).schema
        if schema == SCHEMA:
            return msgspec.json.decode(text, type=Card)
    except msgspec.ValidationError as error:
        raise InputError(f"{name} is not a bundle's card ({error}): {again}.") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{name} is truncated or damaged (not JSON): {again}.") from error
    except InputError as error:  # out of FeatureSpec
        raise InputError(f"{name} was made for features that this program does not know: {error}") from error
    raise InputError(f"{name} has schema {schema}, this program reads {SCHEMA}: convert the model with this version.")


def _swap(new: Path, folder: Path) -> None:
    if not folder.exists():
        new.rename(folder)
        return
    # Two renames: the old bundle stays whole beside the new one until the new one has its name.
    old = new.with_suffix(".old")
    folder.rename(old)
    try:
        new.rename(folder)
    except BaseException:  # Ctrl-C too: the old bundle must have its name back
        old.rename(folder)
        raise
    rmtree(old, ignore_errors=True)
