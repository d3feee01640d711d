"""NoEar: a lamp whose microphone is away breathes slowly and faintly, so that it doesn't look merely at rest."""

from math import cos, isfinite, tau

from device.color.fade import toward

BREATH_S = 6.0
FADE_S = 1.5
FAINTEST, FULLEST = 0.25, 1.0
"""Share of the light at rest, in OKLab lightness: the cube of it in linear light."""


class NoEar:
    """process(deaf, dt_s) gives the share of the linear light that is shown, 0 to 1: 1 while it hears.

    A breath takes 6 s; it comes and goes by a fade of 1.5 s, so that nothing flashes however often the ear comes and
    goes. Raises ValueError for a dt_s that is negative or not finite.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """As a lamp that hears."""
        self._deaf = self._phase = 0.0

    def process(self, deaf: bool, dt_s: float) -> float:
        """See above."""
        if not (isfinite(dt_s) and dt_s >= 0):
            raise ValueError(f"dt_s must be a number of seconds >= 0, not {dt_s}")
        if deaf and self._deaf == 0.0:
            self._phase = 0.0
        self._deaf = toward(self._deaf, 1.0 if deaf else 0.0, dt_s / FADE_S, dt_s / FADE_S)
        self._phase = (self._phase + dt_s / BREATH_S) % 1.0
        dimmed = (FULLEST - FAINTEST) * (0.5 - 0.5 * cos(tau * self._phase))
        return (FULLEST - self._deaf * dimmed) ** 3
