"""Stage: the scene that is played, and the way to the next one."""

from collections.abc import Callable, Sequence

import numpy as np

from device.color.blend import Blend
from device.color.fade import toward
from device.color.mood import Mood
from device.color.palette import Palette
from device.color.scenes.breathe import Breathe
from device.color.scenes.glow import Glow
from device.color.scenes.names import SCENES
from device.color.scenes.pulse import Pulse
from device.color.scenes.scene import Scene
from device.color.scenes.trail import Trail
from device.emotion.emotion import Emotion

_KINDS: dict[str, type[Scene]] = {"glow": Glow, "trail": Trail, "pulse": Pulse, "breathe": Breathe}
FADE_S = 1.0
DARK_S = 0.8


class Stage:
    """Plays one scene in one palette, and cross-fades to another one in a second; can go dark and come back.

    Scenes share the mood, so the next one begins in the middle of the music. A fade that has begun is finished before
    another one begins, whatever is asked meanwhile: nobody's thumb can make the light flash.

    palettes: the first is shown, next_palette() goes through them. scene: one of SCENES.
    Raises ValueError for no palette, no pixel, or another scene.
    """

    def __init__(self, palettes: Sequence[Palette], pixels: int, scene: str = SCENES[0], seed: int = 0) -> None:
        if not palettes:
            raise ValueError("a stage needs a palette")
        if scene not in SCENES:
            raise ValueError(f"there is no scene {scene!r}")
        self.pixels = pixels
        self._palettes = tuple(palettes)
        self._mood = Mood()
        self._blend = Blend(palettes[0])
        self._scenes = {name: _KINDS[name](self._blend, pixels, seed, self._mood) for name in SCENES}
        self._first = scene
        self.reset()

    def reset(self) -> None:
        """Back to a lamp that was just switched on, in its first scene and palette."""
        self._mood.reset()
        for scene in self._scenes.values():
            scene.begin()
        self._blend.jump_to(self._palettes[0])
        self._wanted, self._palette = self._first, 0
        self._shown = self._before = self._first
        self._shown_palette = 0
        self._share = 1.0  # of the scene shown, the rest is the one before
        self._lit = self._lighting = True
        self._light = 1.0

    @property
    def scene(self) -> str:
        """The name of the scene, as soon as it is chosen."""
        return self._wanted

    @property
    def palette(self) -> Palette:
        """The palette, as soon as it is chosen."""
        return self._palettes[self._palette]

    @property
    def lit(self) -> bool:
        """Whether the lamp is on, as soon as it is switched."""
        return self._lit

    @property
    def dark(self) -> bool:
        """Whether the lamp has gone dark."""
        return self._light == 0.0 and not self._lit

    def weigh(self, value: Callable[[Palette], float]) -> float:
        """The mean of a value of the palettes that are shown, by their shares."""
        return self._blend.weigh(value)

    def next_scene(self) -> None:
        """Go on to the next scene; a lamp that is off goes on instead."""
        if self._lit:
            self._wanted = SCENES[(SCENES.index(self._wanted) + 1) % len(SCENES)]
        self._lit = True

    def next_palette(self) -> None:
        """Go on to the next palette; a lamp that is off goes on instead."""
        if self._lit:
            self._palette = (self._palette + 1) % len(self._palettes)
        self._lit = True

    def toggle(self) -> None:
        """Off or on."""
        self._lit = not self._lit

    def off(self) -> None:
        """Off."""
        self._lit = False

    def process(self, emotion: Emotion, level_db: float, onset: float, sound: str, t_s: float) -> np.ndarray:
        """The frame at time t_s; arguments, result and errors as of Scene.process."""
        self._mood.process(emotion, level_db, onset, sound, t_s)
        self._fade(self._mood.dt_s)
        if self._light == 0.0:
            return np.zeros((self.pixels, 3), dtype=np.float32)
        frame = self._scenes[self._shown].paint()
        if self._share < 1.0:
            before = self._scenes[self._before].paint()
            frame = before + np.float32(_smooth(self._share)) * (frame - before)
        if self._light < 1.0:
            frame *= np.float32(_smooth(self._light) ** 3)  # even steps of b, as everywhere
        return np.asarray(np.minimum(np.maximum(frame, 0.0, out=frame), 1.0, out=frame))

    def _fade(self, dt_s: float) -> None:
        if self._share == 1.0 and self._wanted != self._shown:
            self._before, self._shown, self._share = self._shown, self._wanted, 0.0
            self._scenes[self._shown].begin()
        if not self._blend.turning and self._palette != self._shown_palette:
            self._shown_palette = self._palette
            self._blend.turn_to(self.palette)
        if self._light in (0.0, 1.0):
            self._lighting = self._lit
        self._share = min(1.0, self._share + dt_s / FADE_S)
        self._blend.process(dt_s)
        self._light = toward(self._light, 1.0 if self._lighting else 0.0, dt_s / DARK_S, dt_s / DARK_S)


def _smooth(share: float) -> float:
    return share * share * (3.0 - 2.0 * share)
