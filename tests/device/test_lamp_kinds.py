"""The whole lamp under what is no music, with the bundle and the ear that ship: it rests."""

from collections.abc import Callable

import pytest

from device.color.palette_file import load_palette
from device.emotion.bundle import load_bundle
from device.emotion.shipped import SHIPPED
from device.hearing.sound_class import SoundClass
from device.lamp import Lamp
from device.settings import Settings
from hardware.array_microphone import ArrayMicrophone
from hardware.light.recording import RecordingStrip
from tests.sounds import RATE, Samples, fan, rain, talk

SECONDS = 20


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(("make", "heard"), [(talk, "speech"), (fan, "noise"), (rain, "noise")])
def test_what_is_no_music_rests(make: Callable[[int, float], Samples], heard: str, seed: int) -> None:
    settings = Settings()
    strip = RecordingStrip(settings.strip.pixels)
    lamp = Lamp(
        ArrayMicrophone(make(seed, SECONDS), RATE),
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
