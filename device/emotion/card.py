"""Card: what a bundle says about its model, and the one way in which it is written."""

import hashlib
from typing import Annotated, Any, Literal

import msgspec

from device.features.spec import FeatureSpec

SCHEMA: Literal[1] = 1
"""Raised whenever a card gains, loses or changes a field."""

Digest = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Count = Annotated[int, msgspec.Meta(ge=1, le=1 << 30)]


class Corpus(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Music that the model was trained on."""

    name: str
    clips: int
    seconds: float
    licence: str


class Card(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Describes a step model: made for which features, of which corpora, how good, proved where.

    features, fingerprint: what its frames are; a model never meets other ones.
    pool_hops: frames that become one step's input (mean and standard deviation, [2 * width]).
    members: models in the ensemble. state_size: length of their recurrent states, one after the other.
    scores: numbers of the cross-validation named in `protocol`; the weights are fitted on all of `corpora`.
    parity: largest and root-mean-square difference from Keras, over `seconds` of frames; parity_frames: of real sound
    ("recorded" by the trainer) or a random walk ("made up").
    created: day of the conversion, YYYY-MM-DD. commit, command, seed: of the training.
    card_sha256: of the card without this field, see `seal`.
    """

    schema: Literal[1] = SCHEMA
    kind: Literal["step"] = "step"
    name: str
    version: str
    features: FeatureSpec
    fingerprint: str
    pool_hops: Count
    members: Count
    state_size: Count
    quantization: Literal["float32", "float16"]
    model_sha256: Digest
    model_bytes: Count
    model: dict[str, Any]
    corpora: tuple[Corpus, ...]
    scores: dict[str, float]
    protocol: dict[str, Any]
    parity: dict[str, float]
    parity_frames: Literal["recorded", "made up"]
    limits: tuple[str, ...]
    created: str
    commit: str
    command: str
    seed: int
    runtimes: tuple[str, ...]
    card_sha256: str = ""


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def _card_digest(card: Card) -> str:
    fields = msgspec.to_builtins(card)
    del fields["card_sha256"]
    return digest(msgspec.json.encode(fields, order="sorted"))


def seal(card: Card) -> Card:
    """The card with `card_sha256`: SHA-256 of the others as JSON, keys sorted, no white space, UTF-8."""
    # Through JSON first, so that 1 and 1.0, a tuple and a list are the same before they are hashed.
    card = msgspec.json.decode(msgspec.json.encode(card), type=Card)
    return msgspec.structs.replace(card, card_sha256=_card_digest(card))


def seal_for(card: Card, model: bytes) -> Card:
    """The sealed card of this very model: with its size and hash filled in."""
    return seal(msgspec.structs.replace(card, model_sha256=digest(model), model_bytes=len(model)))


def is_sealed(card: Card) -> bool:
    """Whether `card_sha256` fits the other fields."""
    return card.card_sha256 == _card_digest(card)


def card_text(card: Card) -> bytes:
    """The content of card.json: the only bytes that stand for this card, so that no altered one passes."""
    return msgspec.json.format(msgspec.json.encode(card, order="deterministic"), indent=2) + b"\n"
