"""What dithering does to a slow fade at low light: the staircase error of a fade with and without.

    python benchmarks/fade.py [--seconds 60] [--end 0.03] [--plot PNG] [--json]

The strip fades from dark to a share of full light; what the eye gets is the mean over 100 ms and, behind a diffuser,
over the strip. In steps of 1/255 of full light: rms and worst, how far that is off the even fade, and biggest_step, the
most it jumps in 100 ms. bare is one pixel, dithered, without a diffuser.
Plotting needs matplotlib.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1]))

from hardware.light.dither import Dither

FPS, PIXELS, WINDOW = 60, 60, 6


class Stairs(NamedTuple):
    """How a fade is off, in steps of 1/255."""

    rms: float
    worst: float
    biggest_step: float


def fade(seconds: float, end: float) -> dict[str, NDArray[np.float64]]:
    """The even fade and the ones that are shown, [frames] in steps, as the eye gets them."""
    wanted = np.linspace(0, 255 * end, round(seconds * FPS))
    dither = Dither(PIXELS)
    shown = np.array([dither.process(np.full((PIXELS, 3), level / 255, np.float32)) for level in wanted])
    lines = {"even": wanted, "plain": np.rint(wanted), "dithered": shown.mean(axis=(1, 2)), "bare": shown[:, 0, 0]}
    eye = np.ones(WINDOW) / WINDOW
    return {name: np.convolve(line, eye, "valid") for name, line in lines.items()}


def fade_errors(seconds: float, end: float) -> dict[str, Stairs]:
    """Of each line that is shown."""
    lines = fade(seconds, end)
    even = lines.pop("even")

    def stairs(line: NDArray[np.float64]) -> Stairs:
        off = line - even
        step = np.abs(line[WINDOW:] - line[:-WINDOW]).max()
        return Stairs(float(np.sqrt(np.mean(off**2))), float(np.abs(off).max()), float(step))

    return {name: stairs(line) for name, line in lines.items()}


def plot(path: str, seconds: float, end: float) -> None:
    """Draw the fade."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    lines = fade(seconds, end)
    t_s = np.arange(len(lines["even"])) / FPS
    figure, axes = pyplot.subplots(figsize=(8, 3.2), layout="constrained")
    axes.plot(t_s, lines["plain"], color="#b0722c", label="8 bits as they are")
    axes.plot(t_s, lines["dithered"], color="#1b6d8c", label="dithered in time")
    axes.set(xlabel="seconds", ylabel="steps of 1/255", title=f"A fade from 0 to {end:.0%}, as the eye gets it")
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=110)


def main() -> None:
    """Read the options, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--end", type=float, default=0.03)
    parser.add_argument("--plot", metavar="PNG", help="draw it too")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the table")
    options = parser.parse_args()
    rows = fade_errors(options.seconds, options.end)
    if options.plot:
        plot(options.plot, options.seconds, options.end)
    if options.json:
        print(json.dumps({name: row._asdict() for name, row in rows.items()}))
        return
    print(f"{'steps of 1/255':16}{'rms':>8}{'worst':>8}{'biggest step':>14}")
    for name, row in rows.items():
        print(f"{name:16}{row.rms:8.3f}{row.worst:8.3f}{row.biggest_step:14.3f}")


if __name__ == "__main__":
    main()
