"""What the demo says under its light: where the music is on the plane, what is heard, how loud, how late."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot

import numpy as np

from device.color.palette import Palette
from device.emotion.emotion import Emotion
from device.plane import Plane
from hardware.light.ink import Ink, Rgb, fit, foreground
from hardware.light.srgb import srgb_bytes, srgb_hex
from hardware.light.terminal import TEXT

QUADRANTS = ("joy", "anger", "sadness", "calm")
_DIM: Rgb = (112, 110, 122)
_FAINT: Rgb = (58, 57, 66)
_PLAIN_EVERY_S = 5.0
_NEWS_S = 4.0
_UNDECIDED = 0.02  # nearer to the centre than this, as before the first answer, no quadrant is felt
_TRAIL_S, _TRAIL_STEP_S = 8.0, 0.1
_QUIETEST_DB = -60.0
_FULL_COLUMNS, _FULL_LINES = 50, 10
_PANEL = (19, 64)  # fewest and most columns beside the plane


@dataclass(slots=True)
class _Share:
    """How long a quadrant was felt, and its light, summed over seconds."""

    seconds: float
    light: np.ndarray


def quadrant(emotion: Emotion) -> str:
    """The word for the quadrant of an emotion."""
    if emotion.arousal >= 0:
        return "joy" if emotion.valence >= 0 else "anger"
    return "calm" if emotion.valence >= 0 else "sadness"


def clock_text(t_s: float) -> str:
    """Seconds as m:ss, or h:mm:ss from an hour on."""
    seconds = int(t_s)
    hours, minutes = seconds // 3600, seconds // 60 % 60
    return f"{hours}:{minutes:02d}:{seconds % 60:02d}" if hours else f"{minutes}:{seconds % 60:02d}"


class Screen:
    """Collects what happens a hop and composes text of it when asked; it never writes anything itself.

    palette: gives the plane its colors. ink: what the terminal can show. total_s: length of the music if known.
    title: what is playing, shown under the panel. keys: (key, what it does), shown at the bottom.
    """

    def __init__(
        self,
        palette: Palette,
        ink: Ink,
        total_s: float | None = None,
        title: str = "",
        keys: Sequence[tuple[str, str]] = (),
    ) -> None:
        self._palette = palette
        self._ink = ink
        self._total_s = total_s
        self._title = title
        self._keys = tuple(keys)
        self._light: tuple[str, ...] = ()
        self._changed_s = -_NEWS_S
        self._plane = Plane(palette, ink)
        self._trail: deque[tuple[float, float, float]] = deque()
        self._t_s = 0.0
        self._emotion = Emotion(0.0, 0.0, 0.0)
        self._sound = "silence"
        self._level_db = _QUIETEST_DB
        self._rgb = np.zeros(3)
        self._plain_s = _PLAIN_EVERY_S
        self._sounds: dict[str, float] = {}
        self._shares = {word: _Share(0.0, np.zeros(3)) for word in QUADRANTS}

    def light(self, scene: str, palette: Palette, lit: bool) -> None:
        """Tell how the light is at the moment; a change stands out for some seconds."""
        light = (scene, palette.name, "" if lit else "off")
        if light == self._light:
            return
        if self._light:
            self._changed_s = self._t_s
        if palette is not self._palette:
            self._palette, self._plane = palette, Plane(palette, self._ink)
        self._light = light

    def update(self, t_s: float, emotion: Emotion, sound: str, level_db: float, rgb: np.ndarray) -> None:
        """Take in one hop. t_s: seconds of sound so far. level_db: dBFS. rgb: the strip's mean, linear [3], 0 to 1."""
        step_s = max(0.0, t_s - self._t_s)
        self._t_s, self._emotion, self._sound = t_s, emotion, sound
        self._level_db = max(-99.0, level_db)
        self._rgb = np.asarray(rgb, dtype=np.float64)
        self._sounds[sound] = self._sounds.get(sound, 0.0) + step_s
        if sound == "music" and hypot(emotion.valence, emotion.arousal) > _UNDECIDED:
            share = self._shares[quadrant(emotion)]
            share.seconds += step_s
            share.light += step_s * self._rgb
        if not self._trail or t_s - self._trail[-1][0] >= _TRAIL_STEP_S:
            self._trail.append((t_s, emotion.valence, emotion.arousal))
        while self._trail and t_s - self._trail[0][0] > _TRAIL_S:
            self._trail.popleft()

    def caption(self, columns: int, lines: int) -> list[str]:
        """Lines for a terminal of this size, none wider than `columns`; a short form where there is little room."""
        if columns < _FULL_COLUMNS or lines < _FULL_LINES:
            return [fit(line, columns) for line in self._short(columns)][:lines]
        room = columns - Plane.columns - 6
        width = min(_PANEL[1], room)
        left = " " * max(2, (columns - Plane.columns - 3 - width) // 2)
        trail = [(1.0 - (self._t_s - t) / _TRAIL_S, valence, arousal) for t, valence, arousal in self._trail]
        plane = self._plane.lines(self._emotion, trail)
        rows = ["", *(fit(f"{left}{a}   {b}", columns) for a, b in zip(plane, self._panel(width), strict=True))]
        if self._keys and lines >= len(rows) + 2:
            keys = "   ".join(f"{self._paint(_DIM, key)} {self._paint(_FAINT, does)}" for key, does in self._keys)
            rows += ["", fit(left + keys, columns)]
        return rows

    def plain_line(self) -> str | None:
        """A line of plain text when five more seconds have passed since the last one, else None."""
        if self._t_s < self._plain_s:
            return None
        self._plain_s = (self._t_s // _PLAIN_EVERY_S + 1) * _PLAIN_EVERY_S
        emotion = self._emotion
        return (
            f"{clock_text(self._t_s)}  valence {emotion.valence:+.2f}  arousal {emotion.arousal:+.2f}  "
            f"{self._sound}  {self._level_db:.0f} dB  {srgb_hex(self._rgb)}"
        )

    def summary(self, wall_s: float, limited: float) -> list[str]:
        """Two lines for the end. wall_s: how long it took. limited: share of frames that the current limiter dimmed."""
        music_s = self._sounds.get("music", 0.0)
        parts = []
        for word, share in self._shares.items():
            if share.seconds > 0:
                light = share.light / share.seconds
                color = foreground(self._ink, _bytes(light)) + "███\x1b[39m" if self._colors else srgb_hex(light)
                parts.append(f"{word} {share.seconds / music_s:.0%} {color}")
        whole = {sound: round(seconds) for sound, seconds in sorted(self._sounds.items()) if seconds >= 0.5}
        heard = ", ".join(f"{clock_text(seconds)} of {sound}" for sound, seconds in whole.items())
        speed = f", {self._t_s / wall_s:.1f}x real time" if wall_s > 0 else ""
        dimmed = f"; {limited:.0%} of frames dimmed for the power supply" if limited > 0 else ""
        return [
            "felt  " + ("  ".join(parts) if parts else "nothing: there was no music"),
            f"heard {heard or 'nothing'}{speed}{dimmed}",
        ]

    @property
    def _colors(self) -> bool:
        return self._ink in (Ink.TRUE, Ink.INDEXED)

    def _paint(self, color: Rgb, text: str) -> str:
        return f"{foreground(self._ink, color)}{text}{foreground(self._ink, TEXT)}"

    def _time(self) -> str:
        total = f" / {clock_text(self._total_s)}" if self._total_s else ""
        return clock_text(self._t_s) + total

    def _own(self) -> Rgb:
        """The emotion's color at full brightness."""
        emotion = self._emotion
        return _bytes(self._palette.color(emotion.valence, emotion.arousal, emotion.spread))

    def _bar(self, width: int, share: float, color: Rgb) -> str:
        full = round(min(1.0, max(0.0, share)) * width)
        return self._paint(color, "━" * full) + self._paint(_FAINT, "─" * (width - full))

    def _slider(self, width: int, value: float, color: Rgb) -> str:
        """A line with a zero in the middle and a knob; the way between them is lit."""
        middle, knob = width // 2, round((min(1.0, max(-1.0, value)) + 1) / 2 * (width - 1))
        low, high = min(middle, knob), max(middle, knob)
        cells = ["━" if low <= x <= high else "─" for x in range(width)]
        cells[middle] = "┼"
        cells[knob] = "●"
        return (
            self._paint(_FAINT, "".join(cells[:low]))
            + self._paint(color, "".join(cells[low : high + 1]))
            + self._paint(_FAINT, "".join(cells[high + 1 :]))
        )

    def _panel(self, width: int) -> list[str]:
        emotion, color = self._emotion, self._own()
        lit = _bytes(self._rgb)
        level = (self._level_db - _QUIETEST_DB) / -_QUIETEST_DB
        bar = max(3, (width - 16) // 2 * 2 - 1)  # odd, so that zero is in the middle
        time = self._time()
        heard = fit(f"hears {self._sound}", width - len(time))
        word = {"music": quadrant(emotion), "nothing": "no microphone"}.get(self._sound, "resting")
        progress = self._bar(width, self._t_s / self._total_s, _DIM) if self._total_s else ""

        def row(label: str, graph: str, figure: str) -> str:
            return f"{self._paint(_DIM, label)}  {graph} {figure:>6}"

        swatch = self._paint(lit, "███") + " " if self._colors else ""
        return [
            heard + self._paint(_DIM, time),
            progress,
            f"{swatch}{self._paint(color, word)}  {self._paint(_DIM, srgb_hex(self._rgb))}",
            "",
            row("valence", self._slider(bar, emotion.valence, color), f"{emotion.valence:+.2f}"),
            row("arousal", self._slider(bar, emotion.arousal, color), f"{emotion.arousal:+.2f}"),
            row("level  ", self._bar(bar, level, color), f"{self._level_db:.0f} dB"),
            self._scene(width),
            self._paint(_DIM, self._title[:width]),
        ]

    def _scene(self, width: int) -> str:
        """The scene and the palette, bright while they are new."""
        if not self._light:
            return ""
        scene, palette, off = self._light
        words = off or f"{scene} in {palette}"
        return self._paint(TEXT if self._t_s - self._changed_s < _NEWS_S else _FAINT, words[:width])

    def _short(self, columns: int) -> list[str]:
        emotion, color = self._emotion, self._own()
        wide = columns >= 32
        valence, arousal = ("valence", "arousal") if wide else ("v", "a")
        level = (self._level_db - _QUIETEST_DB) / -_QUIETEST_DB
        news = self._t_s - self._changed_s < _NEWS_S
        return [
            f" {clock_text(self._t_s)} {self._sound} {self._level_db:.0f} dB",
            f" {valence} {emotion.valence:+.2f} {arousal} {emotion.arousal:+.2f}",
            f" {self._paint(color, quadrant(emotion))} {self._paint(_DIM, srgb_hex(self._rgb))}",
            f" {self._scene(columns - 1)}" if news else " " + self._bar(columns - 2, level, color),
        ]


def _bytes(linear: np.ndarray) -> Rgb:
    red, green, blue = srgb_bytes(linear).tolist()
    return red, green, blue
