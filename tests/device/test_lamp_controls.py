"""A lamp that is played with: buttons through the whole way of a sound."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from device.color.palette_file import load_palette
from device.controls import EVENTS, AllControls, ButtonControls
from device.emotion.bundle import load_bundle
from device.lamp import Lamp
from device.settings import LightSettings, Settings
from hardware.array_microphone import ArrayMicrophone
from hardware.gestures import Gesture, Gestures
from hardware.light.recording import RecordingStrip

BUNDLE = load_bundle(Path(__file__).parents[1] / "golden" / "tiny_bundle")
RATE = 48_000


class Presses:
    """Events at given hops of 50 ms, of three frames each."""

    def __init__(self, at: dict[int, list[str]]) -> None:
        self._at, self._frame = {3 * hop: events for hop, events in at.items()}, -1

    def events(self) -> list[str]:
        self._frame += 1
        return self._at.get(self._frame, [])


def lamp_with(at: dict[int, list[str]], seconds: float = 6.0, scene: str = "glow") -> tuple[Lamp, RecordingStrip]:
    t = np.arange(int(seconds * RATE)) / RATE
    samples = (0.3 * np.sin(2 * np.pi * 330 * t) * (t % 0.5 < 0.3)).astype(np.float32)
    strip = RecordingStrip(30)
    lamp = Lamp(
        ArrayMicrophone(samples, RATE),
        strip,
        BUNDLE,
        load_palette("lampyris"),
        Settings(light=LightSettings(scene=scene)),
        controls=Presses(at),
        more_palettes=[load_palette("aurora")],
    )
    return lamp, strip


def test_a_lamp_nobody_touches_is_the_same_as_one_without_buttons() -> None:
    (one, strip), (other, plain) = lamp_with({}), lamp_with({})
    other._controls = AllControls([])
    list(one.hops()), list(other.hops())
    np.testing.assert_array_equal(strip.frames, plain.frames)


def test_scene_palette_and_light_change_from_the_next_frame_on() -> None:
    lamp, strip = lamp_with({40: ["next_scene"], 60: ["next_palette"], 80: ["toggle"]})
    still, before = lamp_with({})
    list(lamp.hops()), list(still.hops())
    assert (lamp.stage.scene, lamp.stage.palette.name, lamp.stage.lit) == ("trail", "aurora", False)
    np.testing.assert_array_equal(strip.frames[: 40 * 3], before.frames[: 40 * 3])
    assert np.abs(strip.frames[40 * 3 + 2] - before.frames[40 * 3 + 2]).max() > 0
    assert strip.frames[80 * 3].max() > 0
    assert strip.frames[100 * 3 :].max() == 0
    assert np.abs(np.diff(strip.frames, axis=0)).max() < 0.08


@pytest.mark.parametrize("event", ["quit", "shutdown"])
def test_the_light_goes_out_and_the_loop_ends(event: str) -> None:
    lamp, strip = lamp_with({40: [event], 41: ["toggle", "next_scene"]})
    hops = list(lamp.hops())
    assert lamp.ended_by == event
    assert 40 < len(hops) < 60
    assert strip.frames[-1].max() == 0
    assert np.abs(np.diff(strip.frames, axis=0)).max() < 0.08


def test_a_dark_lamp_ends_at_once() -> None:
    lamp, _ = lamp_with({20: ["toggle"], 60: ["quit"]})
    assert len(list(lamp.hops())) == 61


def test_an_unknown_event_is_refused() -> None:
    lamp, _ = lamp_with({3: ["dance"]})
    with pytest.raises(ValueError, match="'dance'"):
        list(lamp.hops())


class Pin:
    """A button whose presses are known beforehand: (from, to) in seconds."""

    def __init__(self, *presses: tuple[float, float]) -> None:
        self._presses, self._gestures = presses, Gestures()

    def gestures(self, t_s: float) -> list[Gesture]:
        return self._gestures.process(any(begin <= t_s < end for begin, end in self._presses), t_s)

    def close(self) -> None:
        pass


def test_gestures_on_a_button_are_events_when_asked_at_each_frame() -> None:
    frame = itertools.count()
    button = Pin((1.0, 1.2), (2.0, 2.1), (2.25, 2.35), (4.0, 5.0), (7.0, 16.0))
    controls = ButtonControls(button, lambda: next(frame) / 60)
    found = {i / 60: events for i in range(1200) if (events := controls.events())}
    assert list(found.values()) == [["next_scene"], ["next_palette"], ["toggle"], ["toggle"], ["shutdown"]]


def test_each_gesture_has_a_meaning() -> None:
    for gesture in Gesture:

        class Said:
            def gestures(self, t_s: float, said: Gesture = gesture) -> list[Gesture]:
                return [said]

            def close(self) -> None:
                pass

        (event,) = ButtonControls(Said()).events()
        assert event in EVENTS


def test_several_sources_are_one() -> None:
    controls = AllControls([Presses({0: ["toggle"]}), Presses({0: ["quit"], 1: ["toggle"]})])
    assert controls.events() == ["toggle", "quit"]
    assert controls.events() == controls.events() == []
    assert controls.events() == ["toggle"]
    assert controls.events() == []
    assert {"toggle", "quit"} < set(EVENTS)
