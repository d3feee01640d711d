"""Draws every scene in every palette over a piece of music, as one picture.

    python tools/contact_sheet.py docs/scenes.png [--song SONG.ogg] [--seconds 79]

Each band is what a strip showed: time from left to right, its pixels from top to bottom, as bright as an eye that has
adapted to the lamp sees it. The light comes from the real lamp, with the bundle that ships. Needs the extra `trainer`.
"""

import argparse
import json
import sys
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
DEMO = ROOT / "device" / "assets" / "demo.ogg"
WORDS = {"Q1": "joy", "Q2": "anger", "Q3": "sadness", "Q4": "calm"}
SAYS = {
    "glow": "the whole lamp, gently moving",
    "trail": "the last minute, newest at the top",
    "pulse": "every beat a wave from the middle",
    "breathe": "slow, blind to the beat",
}
ROOM, TEXT, FAINT = "#101014", "#d6d4da", "#8a8894"
WIDTH, DPI = 13.4, 100  # inches, pixels an inch
LEFT, RIGHT, ZOOM = 0.068, 0.992, 0.145  # shares of the width: of the bands, and of the zoom at the right
COLUMNS, ZOOM_COLUMNS = 1000, 190
ZOOM_AT, ZOOM_S = 8.0, 4.0
FRAMES_PER_S = 60


def light_of(song: Path, scene: str, palette_name: str, pixels: int) -> tuple[np.ndarray, np.ndarray]:
    """Frames [n, pixels, 3] as the eye sees them, sRGB in [0, 1], and the level [hops] in dBFS."""
    from device.color.palette_file import load_palette
    from device.color.power import light_share
    from device.emotion.bundle import load_bundle
    from device.lamp import Lamp
    from device.settings import LightSettings, Settings, StripSettings
    from hardware.file_microphone import FileMicrophone
    from hardware.light.recording import RecordingStrip
    from hardware.light.srgb import encode_srgb

    settings = Settings(strip=StripSettings(pixels=pixels), light=LightSettings(scene=scene, palette=palette_name))
    palette = load_palette(palette_name)
    bundle = load_bundle(ROOT / "models" / "default")
    with FileMicrophone(song, 1.0) as microphone, RecordingStrip(pixels) as strip:
        level = [hop.level_db for hop in Lamp(microphone, strip, bundle, palette, settings).hops()]
    return encode_srgb(strip.frames / light_share(palette, settings.strip)), np.array(level)


def stretch(frames: np.ndarray, start_s: float, length_s: float, columns: int) -> np.ndarray:
    """A band [pixels, columns, 3] of the frames in between, by the mean of those that fall into a column."""
    edges = np.linspace(start_s, start_s + length_s, columns + 1) * FRAMES_PER_S
    band = []
    for first, last in pairwise(edges):
        begin = min(int(first), len(frames) - 1)
        band.append(frames[begin : max(begin + 1, int(last))].mean(axis=0))
    return np.stack(band, axis=1)


def draw(song: Path, pixels: int, seconds: float | None) -> bytes:
    """The sheet as a PNG."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plot

    from device.color.palette_file import palette_names
    from device.color.scenes.names import SCENES

    palettes = sorted(palette_names(), key=lambda name: (name != "lampyris", name))
    rows = [(scene, palette) for scene in SCENES for palette in palettes]
    plot.rcParams.update({"font.size": 10, "text.color": TEXT, "axes.labelcolor": FAINT, "font.family": "DejaVu Sans"})
    band, gap, head, foot = 0.50, 0.05, 0.36, 1.15  # inches
    top = 0.78
    height = top + len(SCENES) * (head + len(palettes) * (band + gap)) + foot
    figure = plot.figure(figsize=(WIDTH, height), dpi=DPI, facecolor=ROOM)
    main = RIGHT - ZOOM - 0.012 - LEFT
    level = np.zeros(1)
    total_s = 0.0
    y = height - top
    for scene, palette in rows:
        if palette == palettes[0]:
            y -= head
            figure.text(LEFT, (y + 0.09) / height, scene, size=13, weight="bold")
            figure.text(LEFT + 0.065, (y + 0.09) / height, SAYS[scene], size=10, color=FAINT)
        frames, level = light_of(song, scene, palette, pixels)
        total_s = min(len(frames) / FRAMES_PER_S, seconds or np.inf)
        y -= band + gap
        for left, width, start, length, columns in (
            (LEFT, main, 0.0, total_s, COLUMNS),
            (RIGHT - ZOOM, ZOOM, ZOOM_AT, ZOOM_S, ZOOM_COLUMNS),
        ):
            axes = figure.add_axes((left, (y + gap) / height, width, band / height))
            axes.imshow(stretch(frames, start, length, columns), aspect="auto", interpolation="nearest")
            axes.axis("off")
        figure.text(LEFT - 0.006, (y + gap + band / 2) / height, palette, ha="right", va="center", size=9, color=FAINT)
        print(f"{scene} in {palette}", file=sys.stderr, flush=True)
    _legend(figure, song, level, total_s, main, height, y, pixels)
    return _packed(figure)


def _legend(
    figure: Any, song: Path, level: np.ndarray, total_s: float, main: float, height: float, y: float, pixels: int
) -> None:
    """The music above, time and loudness below."""
    sections = json.loads(song.with_suffix(".json").read_text())["sections"] if song == DEMO else []
    for section in sections:
        start, end = section["start_s"] / total_s, min(1.0, section["end_s"] / total_s)
        if start >= 1:
            continue
        figure.text(
            LEFT + main * (start + end) / 2, (height - 0.42) / height, WORDS[section["quadrant"]], ha="center", size=12
        )
        figure.text(
            LEFT + main * (start + end) / 2,
            (height - 0.62) / height,
            section["source"]["composer"].split(" (")[0] + ", " + section["source"]["work"].split(",")[0],
            ha="center",
            size=8,
            color=FAINT,
        )
    figure.text(0.012, (height - 0.42) / height, "strip", size=12)
    figure.text(0.012, (height - 0.62) / height, f"{pixels} pixels", size=8, color=FAINT)
    figure.text(RIGHT - ZOOM / 2, (height - 0.42) / height, "four seconds", ha="center", size=12)
    figure.text(RIGHT - ZOOM / 2, (height - 0.62) / height, f"from {ZOOM_AT:g} s on", ha="center", size=8, color=FAINT)
    hop_s = 0.05
    times = (np.arange(len(level)) + 0.5) * hop_s
    for left, width, start, length, ticks in (
        (LEFT, main, 0.0, total_s, np.arange(0, total_s, 10)),
        (RIGHT - ZOOM, ZOOM, ZOOM_AT, ZOOM_S, np.arange(ZOOM_AT, ZOOM_AT + ZOOM_S + 0.1, 1)),
    ):
        axes = figure.add_axes((left, 0.48 / height, width, (y - 0.55) / height), facecolor=ROOM)
        axes.fill_between(times, -60, np.maximum(level, -60), color="#4a4856", linewidth=0)
        axes.set_xlim(start, start + length)
        axes.set_ylim(-60, 0)
        axes.set_xticks(ticks)
        axes.set_yticks([-60, -30, 0] if left == LEFT else [])
        axes.tick_params(colors=FAINT, labelsize=8, length=3)
        axes.set_xlabel("time / s", size=9)
        if left == LEFT:
            axes.set_ylabel("level / dBFS", size=8)
        for spine in axes.spines.values():
            spine.set_visible(False)
        for section in sections[1:]:
            if start < section["start_s"] < start + length:
                axes.axvline(section["start_s"], color=FAINT, linewidth=0.6)


def _packed(figure: Any) -> bytes:
    """PNG with 85 steps a channel, which no eye tells from 255 here and which take much less room."""
    from PIL import Image

    full = BytesIO()
    figure.savefig(full, format="png", facecolor=ROOM)
    colors = np.asarray(Image.open(full).convert("RGB"))
    packed = BytesIO()
    Image.fromarray((colors + 1) // 3 * 3).save(packed, format="png", optimize=True)
    return packed.getvalue()


def main() -> None:
    """Read the options and draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("picture", type=Path, metavar="FILE.png")
    parser.add_argument("--song", type=Path, default=DEMO, help="a sound file (default: the demo piece)")
    parser.add_argument("--pixels", type=int, default=60, help="of the strip (default: %(default)s)")
    parser.add_argument("--seconds", type=float, help="no more than so much of the song")
    options = parser.parse_args()
    options.picture.write_bytes(draw(options.song, options.pixels, options.seconds))


if __name__ == "__main__":
    main()
