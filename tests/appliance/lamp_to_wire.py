"""Run on the lamp: a file from sound to wire, at a pace of its own, so that every machine makes the same frames.

    python -m tests.appliance.lamp_to_wire SONG SECONDS

LD_PRELOAD and FAKEPI_LOG of tests/wire/fakepi.c catch what the C library sends.
"""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import device
from device.color.palette_file import load_palette
from device.emotion.bundle import load_bundle
from device.hearing.sound_class import SoundClass
from device.lamp import FRAMES_PER_S, Lamp
from device.settings import Settings
from hardware.file_microphone import FileMicrophone
from hardware.light.drivers import open_driver
from hardware.light.protocol import FULL
from hardware.light.render import Renderer
from hardware.light.settings import StripSettings

PIXELS = 30


class WireStrip:
    """What the writer does with a frame, on the time of the frames themselves."""

    keeps_limit = True

    def __init__(self) -> None:
        settings = StripSettings(pixels=PIXELS)
        self.pixels = PIXELS
        self._driver = open_driver("ws281x", settings)
        self._renderer = Renderer(settings, None, 1 / FRAMES_PER_S)
        self._shown = 0

    def show(self, frame: NDArray[np.float32]) -> None:
        """Onto the wire."""
        now_s = self._shown / FRAMES_PER_S
        self._renderer.take(np.rint(frame * np.float32(FULL)).astype(np.uint16), now_s)
        self._driver.show(self._renderer.process(now_s))
        self._shown += 1

    def close(self) -> None:
        """Dark."""
        self._driver.close()


def main(song: Path, seconds: float) -> None:
    """Play that much of it."""
    settings = Settings()
    strip = WireStrip()
    bundle = load_bundle(Path(device.__file__).parents[1] / "models" / "default")  # of the lamp, not of the test
    lamp = Lamp(
        FileMicrophone(song, 1.0), strip, bundle, load_palette(settings.light.palette), settings, kinds=SoundClass()
    )
    for hop in lamp.hops():
        if hop.t_s >= seconds:
            break
        print(f"{hop.t_s:.2f} {hop.emotion.valence:.6f} {hop.emotion.arousal:.6f}")
    strip.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
