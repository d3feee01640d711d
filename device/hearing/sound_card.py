"""What the network of the ear says of itself: card.json beside weights.npz."""

import hashlib
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from device.errors import InputError
from device.features.spec import FeatureSpec

CARD_FILE, WEIGHTS_FILE = "card.json", "weights.npz"
CLASSES = ("music", "speech", "noise")
LARGEST = 1 << 20
"""Bytes; the files have some tens of thousands."""

Width = Annotated[int, msgspec.Meta(ge=1, le=1024)]
Share = Annotated[float, msgspec.Meta(gt=0, lt=1)]


class Patience(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When the ear makes up its mind. enter: the probability of music from which it is music. leave: that of anything
    else from which it no longer is, once it has been so for `steps` answers of the network in a row."""

    enter: Share
    leave: Share
    steps: Annotated[int, msgspec.Meta(ge=1, le=20)]

    def __post_init__(self) -> None:
        if self.enter + self.leave <= 1:
            raise ValueError("enter and leave must be more than 1 together, or the answer would flap")


class SoundCard(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """features, fingerprint: of the frames it is made for. pool_hops: frames of one answer. inputs: the columns that it
    sees, those of mel bands first. taps, filters: length and number of the convolution's filters. hidden, units: width
    of the dense layer and of the recurrent one. weights_sha256: of the other file. scores, protocol: of the
    cross-validation; the weights are fitted on all clips. created: day of the fitting, YYYY-MM-DD. command, seed: what
    made it."""

    schema: Literal[2] = 2
    kind: Literal["sound"] = "sound"
    features: FeatureSpec
    fingerprint: str
    pool_hops: Annotated[int, msgspec.Meta(ge=1, le=100)]
    inputs: tuple[str, ...]
    taps: Annotated[int, msgspec.Meta(ge=1, le=100)]
    filters: Width
    hidden: Width
    units: Width
    patience: Patience
    weights_sha256: str
    corpora: dict[str, str]
    scores: dict[str, dict[str, float]]
    protocol: dict[str, str]
    created: str
    command: str
    seed: int

    def __post_init__(self) -> None:
        if len(set(self.inputs)) < len(self.inputs):
            raise ValueError("no input may be there twice")
        if unknown := set(self.inputs) - set(self.features.columns):
            raise ValueError(f"the input {min(unknown)!r} is no feature of its own")
        if sorted(self.inputs, key=lambda name: not name.startswith("mel_")) != list(self.inputs):
            raise ValueError("the inputs of mel bands must be the first")


def digest(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def load_card(folder: Path) -> tuple[SoundCard, bytes]:
    """The checked card and the bytes of the weights.

    InputError if a file is missing or damaged, of another schema, or for features that this code does not compute.
    """
    try:
        text, weights = (_read(folder / name) for name in (CARD_FILE, WEIGHTS_FILE))
        card = msgspec.json.decode(text, type=SoundCard)
    except OSError as error:
        raise InputError(f"The ear's network in {folder} can't be read ({error.strerror}); install again.") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{folder / CARD_FILE} is not the card of an ear ({error}); install again.") from None
    if digest(weights) != card.weights_sha256:
        raise InputError(f"{folder / WEIGHTS_FILE} is damaged (its SHA-256 is not the card's); install again.")
    if card.features.fingerprint != card.fingerprint:
        raise InputError(f"The ear's network in {folder} is for other features than this release's; fit it again.")
    return card, weights


def _read(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(LARGEST)
