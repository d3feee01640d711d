"""What holds for every scene."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.color.scenes.names import SCENES
from device.emotion.emotion import Emotion
from tests.device.color.moods import ANGER, JOY, KINDS, PALETTE, PALETTES, SADNESS, frames, inputs
from tests.flashes import most_flashes

every_scene = pytest.mark.parametrize("kind", SCENES)


def test_every_scene_has_a_name() -> None:
    assert set(KINDS) == set(SCENES)


@every_scene
@settings(max_examples=40, deadline=None)
@given(way=st.lists(inputs, min_size=1, max_size=40), pixels=st.integers(1, 300), seed=st.integers(0, 9))
def test_every_frame_is_light(kind: str, way: list, pixels: int, seed: int) -> None:
    scene, t_s = KINDS[kind](PALETTE, pixels, seed), 0.0
    for emotion, level_db, onset, sound, dt_s in way:
        t_s += dt_s
        frame = scene.process(emotion, level_db, onset, sound, t_s)
        assert frame.shape == (pixels, 3)
        assert frame.dtype == np.float32
        assert np.isfinite(frame).all()
        assert frame.min() >= 0
        assert frame.max() <= 1
        assert frame.max(axis=1).min() > 0.005  # never black, at any pixel


def way_of(scene, rate: int) -> np.ndarray:
    """The last frame of twelve seconds with a change of emotion, beats and a rest, at any rate."""

    def beat(t: float) -> float:
        return float(t % 0.5 < 0.05)

    frames(scene, 4, rate, 0, Emotion(-0.5, 0.4, 0.1), -18, beat)
    frames(scene, 3, rate, 4, SADNESS, -70, sound="silence")
    frames(scene, 5, rate, 7, JOY, -12, beat)
    return scene.process(JOY, -12, 0.0, "music", 12.0)


@every_scene
@pytest.mark.parametrize("rate", [20, 60, 240])
def test_the_result_does_not_depend_on_the_frame_rate(kind: str, rate: int) -> None:
    expected = way_of(KINDS[kind](PALETTE, 60), 120)
    np.testing.assert_allclose(way_of(KINDS[kind](PALETTE, 60), rate), expected, atol=0.03)


@every_scene
def test_same_seed_same_light_and_reset_starts_anew(kind: str) -> None:
    one, two = KINDS[kind](PALETTE, 30, 4), KINDS[kind](PALETTE, 30, 4)
    first = frames(one, 3, onset=lambda t: float(t % 0.5 < 0.05))
    np.testing.assert_array_equal(first, frames(two, 3, onset=lambda t: float(t % 0.5 < 0.05)))
    one.reset()
    np.testing.assert_array_equal(first, frames(one, 3, onset=lambda t: float(t % 0.5 < 0.05)))


@every_scene
def test_frames_are_not_shared(kind: str) -> None:
    scene = KINDS[kind](PALETTE, 4)
    first = scene.process(JOY, -14, 0, "music", 0.0)
    kept = first.copy()
    scene.process(ANGER, -14, 1, "music", 1.0)
    np.testing.assert_array_equal(first, kept)


@every_scene
@pytest.mark.parametrize(
    ("emotion", "level_db", "onset", "t_s"),
    [
        (JOY, math.nan, 0, 2),
        (JOY, -14, math.nan, 2),
        (Emotion(math.nan, 0, 0), -14, 0, 2),
        (Emotion(0, math.inf, 0), -14, 0, 2),
        (JOY, -14, 0, 0.5),
        (JOY, -14, 0, math.nan),
        (JOY, -14, 0, math.inf),
    ],
)
def test_wrong_numbers_are_refused_and_leave_no_trace(
    kind: str, emotion: Emotion, level_db: float, onset: float, t_s: float
) -> None:
    scene, other = KINDS[kind](PALETTE, 4), KINDS[kind](PALETTE, 4)
    for each in (scene, other):
        each.process(JOY, -14, 0, "music", 1.0)
    with pytest.raises(ValueError, match=r"NaN|time|finite"):
        scene.process(emotion, level_db, onset, "music", t_s)
    np.testing.assert_array_equal(frames(scene, 1, start=3), frames(other, 1, start=3))


@every_scene
def test_no_pixels_are_refused(kind: str) -> None:
    with pytest.raises(ValueError, match="pixel"):
        KINDS[kind](PALETTE, 0)


@every_scene
def test_a_gap_goes_on_from_where_it_was(kind: str) -> None:
    scene = KINDS[kind](PALETTE, 60)
    before = frames(scene, 5)[-1]
    after = scene.process(SADNESS, -40.0, 0.0, "silence", 5000.0)
    assert np.abs(after - before).max() < 0.35


@every_scene
@pytest.mark.parametrize("name", sorted(PALETTES))
@pytest.mark.parametrize("emotion", [JOY, ANGER, SADNESS, Emotion(0.8, 0, 0), Emotion(0, 0, 0)])
@pytest.mark.parametrize("flash_hz", [2.0, 2.85, 3.05, 4.0, 8.0, 20.0])
def test_a_steady_train_of_beats_never_strobes(kind: str, name: str, emotion: Emotion, flash_hz: float) -> None:
    scene, shown = KINDS[kind](PALETTES[name], 9), []
    for i in range(300):
        on = i / 60 * flash_hz % 1 < 0.3
        shown.append(scene.process(emotion, -6.0 if on else -60.0, float(on), "music", i / 60))
    assert most_flashes(np.array(shown), 60) <= 3


hop_of_music = st.tuples(
    st.sampled_from([0.0, 0.0, 0.1, 0.2, 0.3, 0.5, 0.8, 1.0]), st.sampled_from([-60.0, -30.0, -6.0])
)


@every_scene
@settings(max_examples=30, deadline=None)
@given(
    name=st.sampled_from(sorted(PALETTES)),
    emotion=st.sampled_from([JOY, ANGER, Emotion(0.8, 0, 0), Emotion(-0.9, 0.9, 0), Emotion(0, 0, 0)]),
    hops=st.lists(hop_of_music, min_size=40, max_size=100),
)
def test_no_music_at_all_makes_it_strobe(kind: str, name: str, emotion: Emotion, hops: list) -> None:
    scene, t_s, shown = KINDS[kind](PALETTES[name], 9), 0.0, []
    frames(scene, 3, emotion=emotion, start=-3)
    for onset, level_db in hops:
        for _ in range(3):
            shown.append(scene.process(emotion, level_db, onset, "music", t_s))
            t_s += 1 / 60
    assert most_flashes(np.array(shown), 60) <= 3
