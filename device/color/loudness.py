"""How loud the music is for this room and this song, 0 to 1."""

from device.color.fade import follow

_RANGE_DB = 30.0
_FLOOR_DB = -75.0  # nothing quieter than this counts as the loudest of a room
_START_DB = -20.0
_RISE_S, _FALL_S = 1.0, 180.0
_SETTLE_S = 4.0
_UP_S, _DOWN_S = 0.08, 0.5


class Loudness:
    """Level relative to a slow maximum of the music so far, so that a quiet room glows as a loud one does.

    The maximum rises within a second and falls over three minutes, so a quiet passage stays quieter. In the first
    minutes it falls faster (its time constant is the time listened so far), to find a new room's level soon.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the room."""
        self._top_db = _START_DB
        self._heard_s = 0.0
        self._loudness = 0.0

    def process(self, level_db: float, music: bool, dt_s: float) -> float:
        """Loudness after dt_s more seconds: 1 at the slow maximum, 0 at 30 dB below it, smooth in time.

        level_db: dBFS, -inf allowed. Only music moves the maximum; without music the loudness falls to 0.
        """
        level_db = min(0.0, max(_FLOOR_DB, level_db))
        wanted = 0.0
        if music:
            self._heard_s += dt_s
            fall_s = min(_FALL_S, max(_SETTLE_S, self._heard_s))
            self._top_db = follow(self._top_db, level_db, dt_s, _RISE_S if level_db > self._top_db else fall_s)
            wanted = min(1.0, max(0.0, 1.0 + (level_db - self._top_db) / _RANGE_DB))
        self._loudness = follow(self._loudness, wanted, dt_s, _UP_S if wanted > self._loudness else _DOWN_S)
        return self._loudness
