"""Ear: level and kind together."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from device.features.spec import FeatureSpec
from device.hearing.ear import FORGET_S, Ear
from device.hearing.gate import GateSettings, SoundGate
from device.hearing.sound_class import SoundClass
from tests.ears import SPEC, write_ear

HOP_S = 0.05
MUSIC, SPEECH, NOISE, UNSURE = (0.98, 0.01, 0.01), (0.01, 0.98, 0.01), (0.01, 0.01, 0.98), (0.4, 0.3, 0.3)
FRAME = np.zeros(SPEC.width, np.float32)


class Told(SoundClass):
    """Says what it is told to say."""

    says = MUSIC

    def process(self, frame: np.ndarray) -> np.ndarray | None:
        return None if super().process(frame) is None else np.array(self.says, np.float32)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("ear")
    write_ear(place)
    return place


def hear(ear: Ear, seconds: float, level_db: float = -20.0) -> list[str]:
    return [ear.process(FRAME, level_db, HOP_S) for _ in range(round(seconds / HOP_S))]


def ear_of(folder: Path) -> tuple[Ear, Told]:
    model = Told(folder)
    return Ear(GateSettings(), SPEC, model), model


@pytest.mark.parametrize(("says", "answer"), [(MUSIC, "music"), (SPEECH, "speech"), (NOISE, "noise")])
def test_a_kind_is_told_within_two_seconds_and_rests_until_then(folder: Path, says: tuple, answer: str) -> None:
    ear, model = ear_of(folder)
    model.says = says
    heard = hear(ear, 2)
    assert set(heard) == {"silence", answer}
    assert heard[-1] == answer


def test_the_uncertain_is_silence_at_first_and_then_what_it_was(folder: Path) -> None:
    ear, model = ear_of(folder)
    model.says = UNSURE
    assert set(hear(ear, 1.5)) == {"silence"}
    assert hear(ear, 0.4)[-1] == "music"
    model.says = SPEECH
    assert hear(ear, 2)[-1] == "speech"
    model.says = UNSURE
    assert set(hear(ear, 10)) == {"speech"}


def test_a_pause_keeps_the_kind_and_a_long_silence_forgets_it(folder: Path) -> None:
    ear, model = ear_of(folder)
    hear(ear, 3)
    model.says = UNSURE
    assert hear(ear, FORGET_S - 2, -90)[-1] == "silence"
    assert hear(ear, 1)[-1] == "music"
    hear(ear, FORGET_S + 3, -90)
    assert set(hear(ear, 1.5)) == {"silence"}


@pytest.mark.parametrize(("seconds", "kept"), [(0.01, True), (FORGET_S - 1, True), (FORGET_S + 1, False)])
def test_lost_sound_keeps_the_answer_unless_it_is_long(folder: Path, seconds: float, kept: bool) -> None:
    ear, model = ear_of(folder)
    hear(ear, 3)
    model.says = UNSURE
    ear.gap(seconds)
    assert set(hear(ear, 1)) == ({"music"} if kept else {"silence"})


def test_many_small_gaps_leave_it_an_answer(folder: Path) -> None:
    ear, model = ear_of(folder)
    model.says = SPEECH
    for _ in range(10):
        heard = hear(ear, 0.3)
        ear.gap(0.01)
    assert heard[-1] == "speech"


def test_it_says_when_it_does_not_know_yet(folder: Path) -> None:
    ear, model = ear_of(folder)
    model.says = UNSURE
    hear(ear, 1, -90)
    assert not ear.unsure
    hear(ear, 1)
    assert ear.unsure
    hear(ear, 2, -90)
    assert not ear.unsure
    model.says = NOISE
    hear(ear, 2)
    assert not ear.unsure


@given(st.lists(st.floats(-120, 0), max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_without_a_network_it_is_the_gate_of_levels(levels_db: list[float]) -> None:
    ear, gate = Ear(GateSettings(), SPEC, None), SoundGate()
    assert not ear.knows_kinds
    assert [ear.process(None, level, HOP_S) for level in levels_db] == [gate.process(at, HOP_S) for at in levels_db]


def test_a_network_for_other_features_is_not_asked(folder: Path) -> None:
    ear = Ear(GateSettings(), FeatureSpec(), SoundClass(folder))
    assert not ear.knows_kinds
    assert ear.process(np.zeros(3, np.float32), -20, 1.0) == "music"


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_never_flaps(folder: Path, seed: int) -> None:
    """Whatever the frames are, an answer about a kind holds for at least a step of the network."""
    rng = np.random.default_rng(seed)
    ear = Ear(GateSettings(), SPEC, SoundClass(folder))
    frames = rng.uniform(-90, 0, (600, SPEC.width)).astype(np.float32)
    heard = [ear.process(frame, -20.0, HOP_S) for frame in frames]
    changes = np.flatnonzero([one != other for one, other in itertools.pairwise(heard)])
    assert (np.diff(changes) >= 8).all()


def test_reset_gives_a_fresh_start(folder: Path) -> None:
    ear = Ear(GateSettings(), SPEC, SoundClass(folder))
    rng = np.random.default_rng(0)
    frames = rng.uniform(-90, 0, (300, SPEC.width)).astype(np.float32)
    levels = rng.uniform(-70, -10, 300)
    first = [ear.process(frame, level, HOP_S) for frame, level in zip(frames, levels, strict=True)]
    ear.reset()
    assert [ear.process(frame, level, HOP_S) for frame, level in zip(frames, levels, strict=True)] == first
