"""What the lamp believes of the music: two numbers, and how sure it is of them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Emotion:
    """A point on the valence–arousal plane.

    valence: unpleasant to pleasant, [-1, 1]. arousal: calm to energetic, [-1, 1].
    spread: how far the members of the ensemble disagree (standard deviation on the plane), >= 0.
    """

    valence: float
    arousal: float
    spread: float
