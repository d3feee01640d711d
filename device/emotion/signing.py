"""Signatures of bundles, by Ed25519: whoever holds a public key can tell that a bundle comes from its maker.

A signature covers the exact bytes of card.json, and so, by the SHA-256 on the card, the model. Keys and signatures are
files of one line: what it is, then base64.
"""

import base64
import binascii
import os
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from device.emotion.bundle import SIGNATURE_FILE, read_plain
from device.emotion.card import Card, card_text
from device.errors import InputError

LARGEST = 4096
"""Bytes of a key or signature file; they have about a hundred."""


class Kind(NamedTuple):
    """A kind of file: the words that its line begins with, and how many bytes follow."""

    words: str
    length: int


SECRET = Kind("lampyris ed25519 secret key", 32)
PUBLIC = Kind("lampyris ed25519 public key", 32)
SIGNATURE = Kind("lampyris ed25519 signature", 64)
_SUFFIX = {SECRET: ".key", PUBLIC: ".pub"}


def encode(kind: Kind, data: bytes) -> bytes:
    """The content of such a file."""
    return f"{kind.words} {base64.b64encode(data).decode()}\n".encode()


def read(path: Path, kind: Kind, advice: str = "copy it again, or name another file") -> bytes:
    """The bytes in such a file; white space around its line is no matter.

    Raises InputError if it is missing, of another kind, or not as `encode` writes it. advice: what to do then.
    """
    text = read_plain(path, LARGEST, advice).strip()
    for other, given in ((SECRET, "the secret key, which stays with its maker"), (PUBLIC, "the public key")):
        if kind in (SECRET, PUBLIC) and other is not kind and text.startswith(other.words.encode() + b" "):
            raise InputError(f"{path} is {given}: give {path.with_suffix(_SUFFIX[kind])}, the {kind.words[17:]}.")
    try:
        data = base64.b64decode(text.rsplit(b" ", 1)[-1], validate=True)
    except binascii.Error:
        data = b""
    if len(data) != kind.length or text != encode(kind, data).strip():  # no second way to write the same
        raise InputError(f"{path} is not one line with a {kind.words}: {advice}.")
    return data


def read_signature(folder: Path) -> bytes | None:
    """The signature of the bundle in `folder`, None if it has none. Raises InputError if it is malformed."""
    path = folder / SIGNATURE_FILE
    if not os.path.lexists(path):
        return None
    return read(path, SIGNATURE, f"sign it again ('lampyris bundle sign {folder} --key NAME.key') or remove the file")


def new_keys() -> tuple[bytes, bytes]:
    """A secret key and its public key, as files hold them. Raises InputError without the library."""
    key = _library().signing.SigningKey.generate()
    return encode(SECRET, bytes(key)), encode(PUBLIC, bytes(key.verify_key))


def sign(card: Card, secret: bytes) -> bytes:
    """The signature of a card. Raises InputError without the library."""
    signature: bytes = _library().signing.SigningKey(secret).sign(_message(card)).signature
    return signature


def is_signed(card: Card, signature: bytes, public: bytes) -> bool:
    """Whether `signature` is that of the card by this key. Raises InputError without the library."""
    nacl = _library()
    try:
        nacl.signing.VerifyKey(public).verify(_message(card), signature)
    except nacl.exceptions.BadSignatureError:
        return False
    return True


def check_library() -> None:
    """Raise InputError without the library."""
    _library()


def check(card: Card, signature: bytes | None, public: bytes, name: object) -> None:
    """Raise InputError unless the card is signed by this key. name: what to call the bundle."""
    if signature is None:
        raise InputError(
            f"The bundle {name} is not signed, but this lamp takes only bundles signed by its trusted key: have its "
            "maker sign it ('lampyris bundle sign'), or give up the key ('lampyris bundle trust --remove')."
        )
    if not is_signed(card, signature, public):
        raise InputError(
            f"The bundle {name} is not signed by the trusted key, but by another one or for another card: get it from "
            "the key's owner, or trust its maker's key ('lampyris bundle trust NAME.pub')."
        )


def _message(card: Card) -> bytes:
    # What comes first keeps a signature from ever standing for anything but a bundle's card. A card that loads has
    # no other bytes than these.
    return f"lampyris bundle card {card.schema}\n".encode() + card_text(card)


def _library() -> ModuleType:
    # PyNaCl, because its import and a check take 2.5 MB of memory on x86-64, those of `cryptography` 9.4 MB (0.8 and
    # 4.7 MB to download for the Pi). Imported only when there is a key: most lamps have none.
    try:
        import nacl.exceptions
        import nacl.signing
    except ImportError as error:
        raise InputError(
            f"Signatures need PyNaCl, which cannot be imported ({error}): install it by 'pip install pynacl'."
        ) from error
    return nacl
