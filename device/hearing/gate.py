"""SoundGate: is there music, or is it silent?"""

import math
from typing import Literal

import msgspec

from device.errors import InputError
from device.hearing.level import FLOOR_DB

Sound = Literal["music", "silence"]


class GateSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where silence ends. Levels are in dBFS.

    quiet_db: at or below this it is always silence, however quiet the room. The I2S microphones give -120 dBFS + dB SPL
        or 3 dB less and hiss at some -85 dBFS; so music begins at some 45 to 50 dB SPL.
    noise_limit_db: no steady noise above this is taken for the room's own; so loud, steady music stays music for ever.
        Louder noise is told from music by its sound (device/hearing/ear.py).
    margin_db: how far over the room's noise sound is still counted as noise.
    hysteresis_db: how far over the threshold music must be to begin.
    rise_db_per_s: how fast the room's noise is believed to grow.
    enter_s, leave_s: how long the level must be over or under before the answer changes.
    """

    quiet_db: float = -78.0
    noise_limit_db: float = -60.0
    margin_db: float = 3.0
    hysteresis_db: float = 6.0
    rise_db_per_s: float = 0.1
    enter_s: float = 0.15
    leave_s: float = 1.5

    def __post_init__(self) -> None:
        if not FLOOR_DB < self.quiet_db <= self.noise_limit_db <= 0:
            raise InputError("The gate needs -120 < quiet_db <= noise_limit_db <= 0.")
        rest = (self.margin_db, self.hysteresis_db, self.rise_db_per_s, self.enter_s, self.leave_s)
        if not all(0 <= value < math.inf for value in rest):
            raise InputError("The gate's margins, rise and times must be zero or more.")


class SoundGate:
    """Tells music from silence by the level alone, with a threshold that follows the room's noise.

    The noise is the minimum of the level (smoothed over half a second), allowed to rise slowly: the rests of music
    pull it down, a fan pushes it up. It stays between quiet_db - margin_db and noise_limit_db, and the threshold is
    margin_db over it.
    """

    SMOOTHING_S = 0.5

    _sound: Sound
    _differs_s: float

    def __init__(self, settings: GateSettings | None = None) -> None:
        self.settings = settings or GateSettings()
        self.reset()

    @property
    def threshold_db(self) -> float:
        """The level under which music ends; it begins hysteresis_db higher."""
        return self._noise_db + self.settings.margin_db

    def process(self, level_db: float, dt_s: float) -> Sound:
        """The level in dBFS of the last dt_s seconds to "music" or "silence".

        NaN counts as digital silence. Raises ValueError unless dt_s is a positive, finite number.
        """
        if not 0 < dt_s < math.inf:
            raise ValueError(f"The time since the last level must be positive, not {dt_s} s.")
        level_db = FLOOR_DB if math.isnan(level_db) else min(max(level_db, FLOOR_DB), 0.0)
        self._follow(level_db, dt_s)
        limit_db, patience_s = self.threshold_db, self.settings.leave_s
        if self._sound == "silence":
            limit_db, patience_s = limit_db + self.settings.hysteresis_db, self.settings.enter_s
        differs = (level_db > limit_db) == (self._sound == "silence")
        self._differs_s = self._differs_s + dt_s if differs else 0.0
        # The tolerance lets three times 0.05 s be 0.15 s.
        if differs and self._differs_s >= patience_s - 1e-6:
            self._sound = "music" if self._sound == "silence" else "silence"
            self._differs_s = 0.0
        return self._sound

    def reset(self) -> None:
        """A fresh start: silence, in a quiet room."""
        self._sound = "silence"
        self._differs_s = 0.0
        self._noise_db = self.settings.quiet_db - self.settings.margin_db
        self._smooth_db: float | None = None

    def _follow(self, level_db: float, dt_s: float) -> None:
        if self._smooth_db is None:
            self._smooth_db = level_db
        self._smooth_db += (level_db - self._smooth_db) * -math.expm1(-dt_s / self.SMOOTHING_S)
        risen = self._noise_db + self.settings.rise_db_per_s * dt_s
        lowest = self.settings.quiet_db - self.settings.margin_db
        self._noise_db = min(max(min(self._smooth_db, risen), lowest), self.settings.noise_limit_db)
