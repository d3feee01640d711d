"""The whole lamp when another song begins, with the bundle that ships and music that is made up."""

import json

import numpy as np
import pytest

from device.color.palette_file import load_palette
from device.emotion.bundle import load_bundle
from device.emotion.emotion import Emotion
from device.emotion.runner import RECALLED_S, Runner
from device.emotion.shipped import SHIPPED
from device.hearing.song_change import Change
from device.lamp import Lamp
from device.listen import DEMO
from device.settings import Settings
from hardware.array_microphone import ArrayMicrophone
from hardware.file_microphone import FileMicrophone
from hardware.light.null import NullStrip
from hardware.microphone import Microphone

BUNDLE = load_bundle(SHIPPED)
RATE = 48_000
STEP_S = BUNDLE.card.pool_hops * BUNDLE.card.features.hop_s


class Watched(Lamp):
    """Writes down its changes, and what the runner feels after each hop."""

    def watch(self) -> tuple[list[tuple[float, Change]], list[Emotion]]:
        self.turns: list[Change] = []
        changes, felt = [], []
        for hop in self.hops():
            changes += [(hop.t_s, change) for change in self.turns]
            self.turns.clear()
            felt.append(self._emotion)
        return changes, felt

    def _turn(self, change: Change) -> None:
        super()._turn(change)
        self.turns.append(change)


def watch(sound: np.ndarray, block: int = 4_800) -> tuple[list[tuple[float, Change]], list[Emotion]]:
    return watch_microphone(ArrayMicrophone(sound.astype(np.float32), RATE, block=block))


def watch_microphone(microphone: Microphone) -> tuple[list[tuple[float, Change]], list[Emotion]]:
    return Watched(microphone, NullStrip(8), BUNDLE, load_palette("lampyris"), Settings(), frames_per_s=20).watch()


def lullaby(seconds: float) -> np.ndarray:
    """Low, soft, slow notes of few partials."""
    t = np.arange(round(seconds * RATE)) / RATE
    hz = 110 * 2 ** (np.array([0, 7, 4, 7])[np.floor(t).astype(int) % 4] / 12)
    phase = 2 * np.pi * np.cumsum(hz) / RATE
    return 0.15 * (np.sin(phase) + 0.3 * np.sin(2 * phase)) * (0.6 + 0.4 * np.cos(np.pi * (t % 1)))


def rave(seconds: float) -> np.ndarray:
    """Bright saws and hisses, eight in a second."""
    rng = np.random.default_rng(0)
    t = np.arange(round(seconds * RATE)) / RATE
    beat = np.exp(-12 * (t * 8 % 1) / 2)
    return 0.2 * beat * (2 * (t * 880 % 1) - 1 + 2 * (t * 1046 % 1) - 1) + 0.25 * beat * rng.standard_normal(len(t))


def test_another_song_is_told_and_felt_afresh() -> None:
    ends_s = 20.0
    changes, felt = watch(np.concatenate([lullaby(ends_s), rave(12)]))
    ((t_s, change),) = changes
    assert change == "novelty"
    assert ends_s < t_s <= ends_s + 3.0
    # The state is that of a runner that has heard the last RECALLED_S only.
    frames: list[np.ndarray] = []

    class Frames(Runner):
        def process(self, frame: np.ndarray) -> Emotion:
            frames.append(frame)
            return super().process(frame)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("device.lamp.Runner", Frames)
        watch(np.concatenate([lullaby(ends_s), rave(12)]))
    at = round(t_s / BUNDLE.card.features.hop_s)
    begin = (at // BUNDLE.card.pool_hops - round(RECALLED_S / STEP_S)) * BUNDLE.card.pool_hops
    fresh = Runner(BUNDLE)
    expected = [fresh.process(frame) for frame in frames[begin:]][at - begin - 1 :]
    assert felt[at - 1 :] == expected


@pytest.mark.parametrize("piece", [lullaby, rave])
def test_a_steady_piece_is_one_song(piece: object) -> None:
    assert watch(piece(45))[0] == []  # type: ignore[operator]


def test_every_section_of_the_demo_is_told_and_nothing_else() -> None:
    sections = json.loads(DEMO.with_suffix(".json").read_text())["sections"]
    changes, _ = watch_microphone(FileMicrophone(DEMO))
    for (t_s, change), section in zip(changes, sections[1:], strict=True):
        assert change == "novelty"
        assert section["start_s"] < t_s <= section["start_s"] + 3.0


def test_after_silence_everything_is_new() -> None:
    rest = np.zeros(4 * RATE)
    changes, _ = watch(np.concatenate([rest, rave(8), rest, rave(8)]))
    ((t_s, change),) = changes
    assert change == "pause"
    assert 16.0 < t_s < 16.5


def test_a_rest_is_part_of_the_song() -> None:
    rest = np.zeros(round(1.7 * RATE))
    assert watch(np.concatenate([lullaby(10), rest, lullaby(10)]))[0] == []


def test_silence_is_no_change() -> None:
    assert watch(np.zeros(30 * RATE))[0] == []


@pytest.mark.parametrize("block", [960, 37_123])
def test_blocks_of_any_size_make_the_same_changes(block: int) -> None:
    sound = np.concatenate([lullaby(12), rave(6), np.zeros(4 * RATE), lullaby(6)])
    assert watch(sound, block)[0] == watch(sound)[0] != []
