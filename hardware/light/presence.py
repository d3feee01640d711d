"""Presence: dark when nobody sends light, softly."""

QUIET_S = 2.0
FADE_OUT_S = 0.5
FADE_IN_S = 0.25


class Presence:
    """How bright the picture is shown, 0 to 1: up while frames come, down when none came for 2 s or nobody is there."""

    def __init__(self) -> None:
        self._share = 0.0
        self._came_s: float | None = None
        self._at_s: float | None = None

    def came(self, now_s: float) -> None:
        """A frame came."""
        if self.dark:
            self._at_s = now_s  # the time in the dark is no part of the fade
        self._came_s = now_s

    def left(self) -> None:
        """Whoever sent them is gone, or has to be."""
        self._came_s = None

    @property
    def dark(self) -> bool:
        """Whether nothing shows, and nothing is about to."""
        return self._share == 0 and self._came_s is None

    def process(self, now_s: float) -> float:
        """The gain for linear light now."""
        if self._came_s is not None and now_s - self._came_s > QUIET_S:
            self._came_s = None
        past_s = 0.0 if self._at_s is None else max(0.0, now_s - self._at_s)
        self._at_s = now_s
        if self._came_s is None:
            self._share = max(0.0, self._share - past_s / FADE_OUT_S)
        else:
            self._share = min(1.0, self._share + past_s / FADE_IN_S)
        return self._share**2  # an even fade to the eye
