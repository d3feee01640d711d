"""How long it takes from a click in the air to light, on the way of the scene that answers onsets."""

from pathlib import Path

import numpy as np

from device.color.palette_file import load_palette
from device.emotion.bundle import load_bundle
from device.lamp import Lamp
from device.pace import RealTime
from device.settings import LightSettings, Settings
from hardware.array_microphone import ArrayMicrophone
from hardware.light.recording import RecordingStrip
from hardware.microphone import Block

BUNDLE = load_bundle(Path(__file__).parents[1] / "golden" / "tiny_bundle")
RATE, BLOCK_S = 48_000, 0.02


class Time:
    """A clock that moves when someone waits."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds


class LiveMicrophone(ArrayMicrophone):
    """Sound that isn't there before it sounded: a block can be read when its last sample has come."""

    def __init__(self, samples: np.ndarray, time: Time) -> None:
        super().__init__(samples, RATE, block=round(BLOCK_S * RATE))
        self._time, self._heard = time, 0

    def read(self) -> Block | None:
        block = super().read()
        if block is not None:
            self._heard += len(block.samples)
            self._time.now_s = max(self._time.now_s, self._heard / RATE)
        return block


class WatchedStrip(RecordingStrip):
    """Notes when each frame was shown."""

    def __init__(self, pixels: int, time: Time) -> None:
        super().__init__(pixels)
        self._time = time
        self.shown_s: list[float] = []

    def show(self, frame: np.ndarray) -> None:
        super().show(frame)
        self.shown_s.append(self._time.now_s)


def light(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """When each frame was shown, seconds since the first sample, and the light in the middle of the strip."""
    time = Time()
    strip = WatchedStrip(60, time)
    settings = Settings(light=LightSettings(scene="pulse"))
    lamp = Lamp(
        LiveMicrophone(samples, time),
        strip,
        BUNDLE,
        load_palette("lampyris"),
        settings,
        RealTime(time, time.sleep),
    )
    for _ in lamp.hops():
        pass
    return np.array(strip.shown_s), strip.frames[:, 29:31].sum(axis=(1, 2))


def test_a_click_is_light_within_100_ms() -> None:
    random = np.random.default_rng(0)
    t = np.arange(20 * RATE) / RATE
    room = (0.05 * np.sin(2 * np.pi * 220 * t) + 0.005 * random.standard_normal(len(t))).astype(np.float32)
    # Every 0.6 s and a bit, so that clicks fall on every part of a hop.
    clicks_s = np.arange(3.0, 19.0, 0.6037)
    clicked = room.copy()
    for click_s in clicks_s:
        begin = round(click_s * RATE)
        burst = random.standard_normal(RATE // 50) * np.exp(-np.arange(RATE // 50) / (0.005 * RATE))
        clicked[begin : begin + len(burst)] += (0.3 * burst).astype(np.float32)
    shown_s, bright = light(clicked)
    delays_ms = []
    for click_s in clicks_s:
        last = int(np.flatnonzero(shown_s < click_s)[-1])
        # By a tenth of the light: nobody overlooks that.
        first = next(i for i in range(last + 1, len(bright)) if bright[i] > 1.1 * bright[i - 1])
        delays_ms.append(1000 * (shown_s[first] - click_s))
    print(f"click to light: median {np.median(delays_ms):.0f} ms, longest {max(delays_ms):.0f} ms")
    assert min(delays_ms) > 0
    assert max(delays_ms) < 100
