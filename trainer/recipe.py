"""Recipe: everything that decides what a training run comes to, in one record."""

from typing import Literal

import msgspec

from device.errors import InputError
from device.features.spec import FeatureSpec


class ModelOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The network (trainer.models.recurrent).

    units: width of each recurrent layer. dense: widths of the ReLU layers of each head.
    dropout: share dropped between layers while training; input_dropout: of the input columns.
    """

    kind: Literal["parallel", "forked"] = "parallel"
    cell: Literal["gru", "lstm", "rnn"] = "gru"
    units: int = 30
    dense: tuple[int, ...] = (30, 30, 30)
    dropout: float = 0.25
    input_dropout: float = 0.1


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A training run's options.

    corpora: names, trained on together. weights: how much a frame of each counts (same order).
    pool_hops: frames that one step of the model sees as mean and deviation.
    crop_s: length of a training sequence; warmup_s: its start, and that of every piece in it, without loss.
    join: share of sequences that are cut to a second clip, so that the state learns to let go.
    quadrant_targets: |valence| and |arousal| that stand for a quadrant. one_sided: for each of the two, count no error
    beyond them, since a quadrant tells the sides only; numbers of other corpora then set the scale.
    gain_db: random level, uniform within +-gain_db for every piece. noise: standard deviation added to every
    standardized column. mixup: parameter of the Beta distribution that mixes sequences, 0 for none.
    average: decay of the running mean of weights per step, 0 for none.
    """

    features: FeatureSpec
    model: ModelOptions = ModelOptions()
    corpora: tuple[str, ...] = ("4qaed", "soundtracks360")
    weights: tuple[float, ...] = (1.0, 1.0)
    pool_hops: int = 8
    members: int = 5
    epochs: int = 30
    batch: int = 32
    rate: float = 1e-3
    weight_decay: float = 1e-3
    crop_s: float = 15.0
    warmup_s: float = 2.0
    join: float = 0.2
    quadrant_targets: tuple[float, float] = (0.6, 0.3)
    one_sided: tuple[bool, bool] = (False, True)
    gain_db: float = 12.0
    noise: float = 0.1
    mixup: float = 0.0
    average: float = 0.99
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.corpora or len(self.weights) != len(self.corpora):
            raise InputError("A run needs at least one corpus and one --weight for each.")
        for name in ("pool_hops", "members", "epochs", "batch"):
            if getattr(self, name) < 1:
                raise InputError(f"{name} must be at least 1.")
        for name in ("noise", "mixup", "gain_db", "warmup_s", "weight_decay"):
            if getattr(self, name) < 0:
                raise InputError(f"{name} must not be negative.")
        if not all(0 < target < 1 for target in self.quadrant_targets):
            raise InputError("Both quadrant targets must lie between 0 and 1.")
        if not 0 <= self.join <= 1 or not 0 <= self.average < 1:
            raise InputError("join must lie within 0 and 1, average too and below 1.")
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

    def differences(self, other: "Recipe") -> list[str]:
        """Names of the options in which two recipes differ."""
        return [name for name in self.__struct_fields__ if getattr(self, name) != getattr(other, name)]
