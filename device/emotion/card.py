"""Card: what a bundle says about its model, and the one way in which it is written."""

import hashlib
from typing import Annotated, Any, Literal

import msgspec

from device.features.spec import FeatureSpec

SCHEMA: Literal[2] = 2
"""Raised whenever a card gains, loses or changes a field."""

Digest = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Count = Annotated[int, msgspec.Meta(ge=1, le=1 << 20)]
MOST_BYTES = 1 << 24
"""16 MiB: more than any network of ours, less than what would choke a Pi with 512 MB."""
LONGEST_POOL_S = 10.0
Quantization = Literal["float32", "float16", "dynamic", "int8", "int16x8"]


class Corpus(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Music that the model was trained on."""

    name: str
    clips: int
    seconds: float
    licence: str


class Tensor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An input or output of the model's signature; all are float32 at the boundary, whatever is within."""

    name: str
    shape: tuple[Count, ...]


class Window(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a window model looks at: the last `steps` pooled frames, anew whenever `every` more have come."""

    steps: Count
    every: Count = 1


class Trial(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the gate found of one way of storing the network.

    largest, rms: difference of a member's valence or arousal from Keras, over all frames. curve: RMS of every minute;
    growth, rest: how much of it comes with time alone, see convert.drift. f1_loss, r2_loss: largest loss of any corpus
    on held-out folds, None where there were none; scores: all of them, as the converted networks reach them.
    step_us: of processor time, in Python. verdict: "ships", "holds", or why it is refused.
    """

    quantization: Quantization
    model_bytes: int
    arena_bytes: int
    step_us: float
    largest: float
    rms: float
    growth: float
    rest: float
    curve: tuple[float, ...]
    f1_loss: float | None = None
    r2_loss: float | None = None
    scores: dict[str, float] = {}
    verdict: str


class SelfTest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """(valence, arousal, spread) after every pool of the built-in signal, and how far a lamp's may be from it."""

    expected: tuple[tuple[float, float, float], ...]
    tolerance: Annotated[float, msgspec.Meta(gt=0, le=0.1)]


class Card(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Describes a model: made for which features, of which corpora, how good, proved where.

    kind: "step", a frame and the state in, the new state out; or "window", many frames at once (`window` says which).
    features, fingerprint: what its frames are; a model never meets other ones.
    pool_hops: frames that become one step's input (mean and standard deviation, [2 * width]).
    members: models in the ensemble. state_sizes: lengths of its states, in the order in which they stand one after
    the other in the tensor `state`; none for a window model.
    inputs, outputs: of the signature that is named as the kind. operators: name to version, as the runtime must know.
    arena_bytes: memory for all that is neither weights nor file, as computed from the graph.
    scores: numbers of the cross-validation named in `protocol`; the weights are fitted on all of `corpora`.
    parity: largest and root-mean-square difference from Keras, over `seconds` of frames; parity_frames: of real sound
    ("recorded" by the trainer, "repeated" where that was too short) or a random walk ("made up"). gate: the ways of
    storing that were tried.
    created: day of the conversion, YYYY-MM-DD. commit, command, seed: of the training.
    card_sha256: of the card without this field, see `seal`.
    """

    schema: Literal[2] = SCHEMA
    kind: Literal["step", "window"]
    name: str
    version: str
    features: FeatureSpec
    fingerprint: str
    pool_hops: Count
    members: Annotated[int, msgspec.Meta(ge=1, le=99)]
    state_sizes: tuple[Count, ...]
    window: Window | None
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    quantization: Quantization
    model_sha256: Digest
    model_bytes: Annotated[int, msgspec.Meta(ge=1, le=MOST_BYTES)]
    arena_bytes: Annotated[int, msgspec.Meta(ge=0, le=MOST_BYTES)]
    operators: dict[str, Annotated[int, msgspec.Meta(ge=1)]]
    model: dict[str, Any]
    corpora: tuple[Corpus, ...]
    scores: dict[str, float]
    protocol: dict[str, Any]
    parity: dict[str, float]
    parity_frames: Literal["recorded", "repeated", "made up"]
    gate: tuple[Trial, ...]
    limits: tuple[str, ...]
    created: str
    commit: str
    command: str
    seed: int
    runtimes: tuple[str, ...]
    self_test: SelfTest | None
    card_sha256: str = ""

    def __post_init__(self) -> None:
        """Raise ValueError for what contradicts itself, or asks for more than a lamp can give."""
        if self.pool_hops * self.features.hop_s > LONGEST_POOL_S:
            raise ValueError(f"a step of {self.pool_hops} hops is longer than {LONGEST_POOL_S:g} s")
        if (self.kind == "window") != (self.window is not None) or (self.kind == "step") != bool(self.state_sizes):
            raise ValueError(
                f"a model of the kind {self.kind!r} has a {'window' if self.kind == 'window' else 'state'}"
            )
        for tensors in (self.inputs, self.outputs):
            if len({tensor.name for tensor in tensors}) != len(tensors):
                raise ValueError("two tensors have the same name")

    @property
    def state_size(self) -> int:
        """Length of the tensor `state`."""
        return sum(self.state_sizes)


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
