"""The whole lamp under what is no music, with the bundle and the ear that ship: it rests."""

import numpy as np
import pytest
from scipy import signal

from device.color.palette_file import load_palette
from device.emotion.bundle import load_bundle
from device.emotion.shipped import SHIPPED
from device.hearing.sound_class import SoundClass
from device.lamp import Lamp
from device.settings import Settings
from hardware.array_microphone import ArrayMicrophone
from hardware.light.recording import RecordingStrip

RATE = 48_000
SECONDS = 20


def talk(seed: int) -> np.ndarray:
    """Something like speech: a buzzing glottis that glides, syllables of three formants, hisses and pauses."""
    rng = np.random.default_rng(seed)
    parts = []
    while sum(map(len, parts)) < SECONDS * RATE:
        count = int(rng.uniform(0.08, 0.25) * RATE)
        t = np.arange(count) / RATE
        if rng.random() < 0.2:
            sound = signal.sosfilt(
                signal.butter(2, 3500, "highpass", fs=RATE, output="sos"), rng.standard_normal(count)
            )
            sound *= 0.1
        else:
            pitch = rng.uniform(90, 160) * (1 + rng.uniform(-0.8, 0.8) * t)
            source = np.diff(np.floor(np.cumsum(pitch) / RATE), prepend=0) - pitch / RATE
            sound = np.zeros(count)
            for hz, wide in (
                (rng.uniform(300, 800), 80),
                (rng.uniform(900, 2200), 120),
                (rng.uniform(2300, 3000), 180),
            ):
                b, a = signal.iirpeak(hz, hz / wide, fs=RATE)
                sound += signal.lfilter(b, a, source)
        sound = sound / (np.abs(sound).max() + 1e-9) * np.hanning(count) * rng.uniform(0.2, 1)
        parts.append(sound)
        if rng.random() < 0.35:
            parts.append(np.zeros(int(rng.uniform(0.05, 0.4) * RATE)))
    sound = np.concatenate(parts)[: SECONDS * RATE]
    return (0.3 * sound + 0.0005 * rng.standard_normal(len(sound))).astype(np.float32)


def fan(seed: int) -> np.ndarray:
    """A ventilator: brownish noise."""
    noise = np.random.default_rng(seed).standard_normal(SECONDS * RATE)
    low = signal.sosfilt(signal.butter(1, 300, "lowpass", fs=RATE, output="sos"), noise)
    return (0.05 * low / low.std()).astype(np.float32)


def rain(seed: int) -> np.ndarray:
    """White noise."""
    return (0.05 * np.random.default_rng(seed).standard_normal(SECONDS * RATE)).astype(np.float32)


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(("make", "heard"), [(talk, "speech"), (fan, "noise"), (rain, "noise")])
def test_what_is_no_music_rests(make: object, heard: str, seed: int) -> None:
    settings = Settings()
    strip = RecordingStrip(settings.strip.pixels)
    lamp = Lamp(
        ArrayMicrophone(make(seed), RATE),  # type: ignore[operator]
        strip,
        load_bundle(SHIPPED),
        load_palette(settings.light.palette),
        settings,
        kinds=SoundClass(),
    )
    assert lamp.knows_kinds
    hops = list(lamp.hops())
    late = [hop.sound for hop in hops if hop.t_s > 2]
    # Made-up talk hums at times; noise never does.
    assert late.count("music") <= (0.15 if make is talk else 0) * len(late)
    assert late.count(heard) > 0.7 * len(late)
    assert abs(hops[-1].emotion.valence) + abs(hops[-1].emotion.arousal) < 0.1
