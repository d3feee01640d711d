"""The inner movement of the light: slow waves of lightness and hue that wander along the strip."""

import numpy as np

_WAVES = 4  # for lightness, and as many for hue
_SPEED = (0.22, 1.3)  # radians a second of a wave's base rate, calm and lively
_LIGHT = (0.055, 0.09)  # largest change of lightness, as a share
_TURN = (0.11, 0.22)  # largest turn of hue, radians


class Drift:
    """Sums of a few sines with unrelated lengths and speeds, in both directions: never the same, never abrupt.

    Bigger and faster with liveliness. The same seed gives the same movement.
    """

    def __init__(self, pixels: int, seed: int) -> None:
        random = np.random.default_rng(seed)
        place = np.linspace(0.0, 1.0, pixels) if pixels > 1 else np.zeros(1)
        turns = random.uniform(0.4, 2.2, 2 * _WAVES)  # waves along the strip
        starts = random.uniform(0.0, 2 * np.pi, 2 * _WAVES)
        # Half of the waves go each way; rates are kept apart so that they do not move as one.
        ways = np.tile([1.0, -1.0], _WAVES)
        self._shape = (2 * np.pi * turns[:, None] * place + starts[:, None]).astype(np.float32)
        self._rates = ways * random.permutation(np.linspace(0.6, 1.6, 2 * _WAVES))
        share = random.uniform(0.6, 1.0, (2, _WAVES))
        share /= share.sum(axis=1, keepdims=True)
        self._mix = np.zeros((2, 2 * _WAVES), dtype=np.float32)
        self._mix[0, :_WAVES], self._mix[1, _WAVES:] = share
        self.reset()

    def reset(self) -> None:
        """Back to the first moment."""
        self._phase = 0.0

    def process(self, lively: float, dt_s: float) -> tuple[np.ndarray, np.ndarray]:
        """(light, turn) of each pixel after dt_s more seconds, float32 [pixels] both.

        light: factor of lightness, around 1. turn: angle of hue, radians. lively: 0 calm to 1 lively.
        """
        self._phase += dt_s * (_SPEED[0] + (_SPEED[1] - _SPEED[0]) * lively * lively)
        # Whole turns are taken away in double precision: float32 would lose the movement after some days.
        angles = self._shape + np.remainder(self._rates * self._phase, 2 * np.pi).astype(np.float32)[:, None]
        waves = self._mix @ np.sin(angles, out=angles)
        light = 1.0 + (_LIGHT[0] + (_LIGHT[1] - _LIGHT[0]) * lively) * waves[0]
        return light, (_TURN[0] + (_TURN[1] - _TURN[0]) * lively) * waves[1]
