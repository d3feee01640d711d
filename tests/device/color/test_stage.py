"""The stage: changes of scene, palette and light come softly, whoever plays with the buttons."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.color.scenes.names import SCENES
from device.color.stage import Stage
from tests.device.color.moods import ANGER, JOY, KINDS, LUMINANCE, PALETTES, SADNESS, frames
from tests.flashes import most_flashes

ALL = [PALETTES["lampyris"], *(PALETTES[name] for name in sorted(PALETTES) if name != "lampyris")]


@pytest.mark.parametrize("scene", SCENES)
def test_a_scene_on_the_stage_is_the_scene_itself(scene: str) -> None:
    stage, alone = Stage(ALL, 20, scene, seed=3), KINDS[scene](ALL[0], 20, 3)
    np.testing.assert_array_equal(frames(stage, 4), frames(alone, 4))


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("change", ["next_scene", "next_palette", "toggle"])
def test_a_change_takes_a_second_and_has_no_jump(scene: str, change: str) -> None:
    stage = Stage(ALL, 30, scene)
    frames(stage, 20)
    usual = np.abs(np.diff(frames(stage, 3, start=20), axis=0)).max()
    getattr(stage, change)()
    before = stage.process(JOY, -14.0, 0.0, "music", 23.0)
    shown = np.concatenate([before[None], frames(stage, 3, start=23 + 1 / 60)])
    steps = np.abs(np.diff(shown, axis=0)).max(axis=(1, 2))
    assert steps.max() < usual + 0.04
    assert steps[70:].max() <= usual + 0.004  # it has arrived
    assert np.abs(shown[-1] - before).max() > 0.05  # and is something else


def test_all_scenes_and_palettes_are_gone_through() -> None:
    stage = Stage(ALL, 5)
    seen = []
    for i in range(4):
        seen.append((stage.scene, stage.palette.name))
        stage.next_scene()
        stage.next_palette()
        frames(stage, 2, start=2 * i)
    assert [scene for scene, _ in seen] == list(SCENES)
    assert [name for _, name in seen] == [palette.name for palette in ALL]
    assert (stage.scene, stage.palette) == (SCENES[0], ALL[0])


def test_what_is_asked_during_a_fade_comes_after_it() -> None:
    stage, other = Stage(ALL, 20), Stage(ALL, 20, "pulse")
    for each in (stage, other):
        frames(each, 5, emotion=SADNESS)
    stage.next_scene()
    frames(stage, 0.3, start=5)
    stage.next_scene()
    assert stage.scene == "pulse"
    last = frames(stage, 9, start=5.3)[-1] @ LUMINANCE
    other = frames(other, 9.3, start=5)[-1] @ LUMINANCE
    assert last.mean() == pytest.approx(other.mean(), rel=0.15)  # but for the inner movement


def test_off_is_black_and_the_music_goes_on() -> None:
    stage, other = Stage(ALL, 20, "trail"), Stage(ALL, 20, "trail")
    for each in (stage, other):
        frames(each, 5, emotion=ANGER)
    stage.toggle()
    dark = frames(stage, 5, start=5, emotion=JOY)
    assert not stage.lit
    assert stage.dark
    assert dark[60:].max() == 0
    stage.toggle()
    lit = frames(stage, 5, start=10, emotion=SADNESS)[-1]
    frames(other, 5, start=5, emotion=JOY)
    np.testing.assert_allclose(lit, frames(other, 5, start=10, emotion=SADNESS)[-1], atol=0.08)


@pytest.mark.parametrize("change", ["next_scene", "next_palette"])
def test_a_press_lights_a_dark_lamp_and_changes_nothing_else(change: str) -> None:
    stage = Stage(ALL, 5)
    stage.toggle()
    frames(stage, 2)
    getattr(stage, change)()
    assert stage.lit
    assert (stage.scene, stage.palette) == (SCENES[0], ALL[0])
    assert frames(stage, 2, start=2)[-1].max() > 0.1


def test_a_value_of_the_palettes_fades_with_them() -> None:
    stage = Stage(ALL, 5)
    frames(stage, 1)
    stage.next_palette()
    values = []
    for i in range(90):
        stage.process(JOY, -14.0, 0.0, "music", 1 + i / 60)
        values.append(stage.weigh({each: float(i) for i, each in enumerate(ALL)}.__getitem__))
    assert values[0] < 0.01
    assert values[-1] == 1.0
    assert (np.diff(values) >= 0).all()
    assert np.diff(values).max() < 0.03


def test_reset_is_as_new() -> None:
    stage = Stage(ALL, 9, "pulse")
    first = frames(stage, 2)
    stage.next_scene()
    stage.next_palette()
    stage.toggle()
    frames(stage, 2, start=2)
    stage.reset()
    np.testing.assert_array_equal(frames(stage, 2), first)


def test_no_palette_and_no_such_scene_are_refused() -> None:
    with pytest.raises(ValueError, match="palette"):
        Stage([], 5)
    with pytest.raises(ValueError, match="'dance'"):
        Stage(ALL, 5, "dance")


presses = st.lists(
    st.tuples(
        st.sampled_from(["next_scene", "next_palette", "toggle", "", ""]),
        st.sampled_from([0.0, 0.3, 1.0]),
        st.integers(1, 8),
    ),
    min_size=20,
    max_size=60,
)


@settings(max_examples=40, deadline=None)
@given(presses, st.sampled_from([JOY, ANGER]), st.sampled_from(SCENES))
def test_no_thumb_makes_it_strobe(way: list, emotion, scene: str) -> None:
    stage, t_s, shown = Stage(ALL, 7, scene), 0.0, []
    frames(stage, 3, emotion=emotion, start=-3)
    for change, onset, hops in way:
        if change:
            getattr(stage, change)()
        for i in range(3 * hops):
            shown.append(stage.process(emotion, -14.0, onset * (i < 3), "music", t_s))
            t_s += 1 / 60
    shown = np.array(shown)
    assert shown.min() >= 0
    assert shown.max() <= 1
    assert most_flashes(shown, 60) <= 3


@pytest.mark.parametrize("every", [2, 4, 6, 10, 20])
def test_a_key_that_is_held_down_does_not_either(every: int) -> None:
    for change in ("next_scene", "next_palette", "toggle"):
        stage, shown = Stage(ALL, 7), []
        for i in range(600):
            if i % every == 0 and i > 120:
                getattr(stage, change)()
            shown.append(stage.process(JOY, -14.0, float(i % 21 < 3), "music", i / 60))
        assert most_flashes(np.array(shown), 60) <= 3
