"""Recipe: everything that decides what a training run comes to, in one record."""

import math
from typing import Literal

import msgspec

from device.errors import InputError
from device.features.spec import FeatureSpec

STRETCHING = ("music", "all")
"""Changes after which a step is no longer the same moment of the song."""


class ModelOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The network (trainer.models.recurrent).

    units: width of each recurrent layer. dense: widths of the ReLU layers of each head.
    dropout: share of the recurrent layer's outputs that is dropped for a whole sequence while training;
    input_dropout: of the input columns. sound: whether there is a head that tells music, speech, noise and silence.
    """

    kind: Literal["parallel", "forked"] = "forked"
    cell: Literal["gru", "lstm", "rnn"] = "gru"
    units: int = 32
    dense: tuple[int, ...] = (32,)
    dropout: float = 0.25
    input_dropout: float = 0.1
    sound: bool = False

    def __post_init__(self) -> None:
        if self.units < 1 or not all(width >= 1 for width in self.dense):
            raise InputError("units and every width of dense must be at least 1.")
        if not (0 <= self.dropout < 1 and 0 <= self.input_dropout < 1):
            raise InputError("dropout and input_dropout must be at least 0 and below 1.")


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A training run's options.

    corpora: names, trained on together. weights: how much a frame of each counts (same order).
    changes: names of trainer.augmentation.Change.WAYS that every clip is also heard in; twice the same name makes two
    variants. A piece of a training sequence is drawn from these and, as often as from each of them, the plain sound.
    pool_hops: frames that one step of the model sees as mean and deviation.
    crop_s: length of a training sequence; warmup_s: its start, and that of every piece in it, without loss.
    join: share of sequences that are cut to a second clip, so that the state learns to let go.
    agreement: weight of the squared difference between what is felt of a sequence as it is and of the same one in one
    of its changes; above 0 every sequence is trained on as such a pair, 0 for none.
    gain_db: random level, uniform within +-gain_db for every piece. coloring: standard deviation of what is added to
    every standardized column for the length of a piece; noise: the same for every step. masking: share of
    sequences of which spans of steps and groups of columns are silenced.
    tag_ratings: clips with mood words and no numbers are rated by the mean of their words' norms (corpora.words).
    rating_weight: of one standardized rating's squared error beside a quadrant's cross-entropy.
    average: decay of the running mean of weights per step, 0 for none.
    """

    features: FeatureSpec
    model: ModelOptions = ModelOptions()
    corpora: tuple[str, ...] = ("4qaed", "soundtracks360")
    weights: tuple[float, ...] = (1.0, 1.0)
    changes: tuple[str, ...] = ("room", "room")
    pool_hops: int = 8
    members: int = 4
    epochs: int = 40
    batch: int = 64
    rate: float = 2e-3
    weight_decay: float = 1e-3
    crop_s: float = 30.0
    warmup_s: float = 2.0
    join: float = 0.3
    agreement: float = 0.0
    gain_db: float = 6.0
    coloring: float = 0.3
    noise: float = 0.0
    masking: float = 0.0
    tag_ratings: bool = False
    rating_weight: float = 0.5
    average: float = 0.99
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.corpora or len(self.weights) != len(self.corpora):
            raise InputError("A run needs at least one corpus and one --weight for each.")
        if len(set(self.corpora)) < len(self.corpora):
            raise InputError("A corpus is named twice; name each once and give it a --weight instead.")
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if isinstance(value, float) and not math.isfinite(value):
                raise InputError(f"{name} must be a number, not {value}.")
        if not all(0 < weight < math.inf for weight in self.weights):
            raise InputError("Every --weight must be above 0.")
        if self.rate <= 0:
            raise InputError("The learning rate must be above 0.")
        if {"deam", "emomusic"} <= set(self.corpora):
            raise InputError("The songs of emomusic are songs of deam too; use one of them, or folds would leak.")
        if ("gate" in self.corpora) != self.model.sound:
            raise InputError(
                "The corpus gate is speech, noise and music to be told apart: it and --sound need each other."
            )
        for name in ("pool_hops", "members", "epochs", "batch"):
            if getattr(self, name) < 1:
                raise InputError(f"{name} must be at least 1.")
        for name in ("coloring", "noise", "gain_db", "warmup_s", "weight_decay", "rating_weight", "agreement"):
            if getattr(self, name) < 0:
                raise InputError(f"{name} must not be negative.")
        for name in ("join", "masking"):
            if not 0 <= getattr(self, name) <= 1:
                raise InputError(f"{name} must lie within 0 and 1.")
        if self.agreement and (not self.changes or self.batch % 2):
            raise InputError("agreement needs --changes to agree between, and an even batch.")
        stretched = [name for name in self.changes if name in STRETCHING]
        if self.agreement and stretched:
            raise InputError(
                f"agreement compares step by step, which the change {stretched[0]} stretches; leave it out."
            )
        if not 0 <= self.average < 1:
            raise InputError("average must be at least 0 and below 1.")
        if self.steps <= self.warmup_steps:
            raise InputError("crop_s must be longer than warmup_s.")

    @property
    def step_s(self) -> float:
        """Seconds of one step of the model."""
        return self.pool_hops * self.features.hop_s

    @property
    def steps(self) -> int:
        """Steps of a training sequence."""
        return round(self.crop_s / self.step_s)

    @property
    def warmup_steps(self) -> int:
        """Steps without loss at the start of every piece."""
        return round(self.warmup_s / self.step_s)

    @property
    def width(self) -> int:
        """Columns of a pooled frame, the model's input."""
        return 2 * self.features.width

    @property
    def hearings(self) -> tuple[tuple[str, int], ...]:
        """(name, variant) of every change, in order; the first "room" is variant 0, the second variant 1."""
        return tuple((name, self.changes[:i].count(name)) for i, name in enumerate(self.changes))

    def differences(self, other: "Recipe") -> list[str]:
        """Names of the options in which two recipes differ."""
        return [name for name in self.__struct_fields__ if getattr(self, name) != getattr(other, name)]
