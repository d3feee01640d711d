"""Programs that the tests run on the board that is not there, and what they are to send."""

import numpy as np

FRAMES = 3

# Frames of noise, which the test makes too; one strip after the other, as one process is much faster than many.
SHOW = """
import sys
import numpy as np
from hardware.light.drivers import open_driver
from hardware.light.settings import StripSettings

name, *strips = sys.argv[1:]
for strip in strips:
    pixels, order, pin = strip.split(",")
    driver = open_driver(name, StripSettings(
        pixels=int(pixels), order=order, pin=int(pin) if pin else None, i2s_microphone=False))
    noise = np.random.default_rng(int(pixels))
    for _ in range(3):
        driver.show(noise.integers(0, 256, (int(pixels), len(order)), dtype=np.uint8))
    driver.close()
"""


def noise(pixels: int, channels: int) -> list[np.ndarray]:
    generator = np.random.default_rng(pixels)
    return [generator.integers(0, 256, (pixels, channels), dtype=np.uint8) for _ in range(FRAMES)]


def with_dark(frames: list[np.ndarray]) -> list[np.ndarray]:
    """What a driver sends in all: dark at the begin and at the end."""
    dark = np.zeros_like(frames[0])
    return [dark, *frames, dark]


REFUSED = """
import sys
from hardware.errors import HardwareError
from hardware.light.drivers import open_driver
from hardware.light.settings import StripSettings
try:
    open_driver(sys.argv[1], StripSettings(pixels=60))
except HardwareError as error:
    print(error)
"""

CHOICE = """
from hardware.light.drivers import real_driver
from hardware.light.settings import StripSettings
print(*real_driver(StripSettings()))
"""
