import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.color.palette_file import load_palette, palette_names
from device.color.scenes.glow import Glow
from device.emotion.emotion import Emotion

PALETTE = load_palette("lampyris")
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
JOY = Emotion(0.6, 0.6, 0.05)


def frames(glow, seconds, rate=60, start=0.0, emotion=JOY, level_db=-14.0, onset=0.0, sound="music"):
    """Frames of constant input, [n, pixels, 3]."""
    times = start + np.arange(round(seconds * rate)) / rate
    return np.array([glow.process(emotion, level_db, onset, sound, float(t)) for t in times])


def luminance(frame):
    return frame @ LUMINANCE


wide = st.floats(-1, 1)
inputs = st.tuples(
    st.builds(Emotion, wide, wide, st.floats(0, 2)),
    st.one_of(st.floats(-200, 40), st.just(-math.inf), st.just(math.inf)),
    st.floats(-5, 5),
    st.sampled_from(["music", "silence", "speech"]),
    st.floats(0, 3),
)


@settings(max_examples=60)
@given(st.lists(inputs, min_size=1, max_size=40), st.integers(1, 90), st.integers(0, 9))
def test_every_frame_is_light(way, pixels, seed):
    glow, t_s = Glow(PALETTE, pixels, seed), 0.0
    for emotion, level_db, onset, sound, dt_s in way:
        t_s += dt_s
        frame = glow.process(emotion, level_db, onset, sound, t_s)
        assert frame.shape == (pixels, 3)
        assert frame.dtype == np.float32
        assert np.isfinite(frame).all()
        assert frame.min() >= 0
        assert frame.max() <= 1
        assert frame.max(axis=1).min() > 0.01  # never black, at any pixel


def test_silence_breathes_softly_every_five_seconds():
    light = luminance(frames(Glow(PALETTE, 60), 40, sound="silence", level_db=-math.inf).mean(axis=1))[600:]
    assert light.min() > 0.012
    assert light.max() < 0.12
    assert light.max() > 1.6 * light.min()
    spectrum = np.abs(np.fft.rfft(light - light.mean()))
    assert np.argmax(spectrum) / 30 == pytest.approx(1 / 5, abs=0.02)
    assert np.abs(np.diff(light)).max() < 0.002


def test_silence_glows_like_an_ember():
    color = frames(Glow(PALETTE, 60), 3, sound="silence")[-1].mean(axis=0)
    assert color[0] > 1.5 * color[1] > 1.5 * color[2] > 0


def test_it_goes_to_sleep_and_wakes_without_a_jump():
    glow = Glow(PALETTE, 60)
    parts = [
        frames(glow, 6, start=0, sound="music"),
        frames(glow, 6, start=6, sound="silence", level_db=-80),
        frames(glow, 6, start=12, sound="music"),
    ]
    light = luminance(np.concatenate(parts).mean(axis=1))
    assert np.abs(np.diff(light)).max() < 0.03
    at = {t: light[int(t * 60)] for t in (5.9, 6.5, 9.0, 12.5, 15.0)}
    assert at[6.5] > 0.4 * at[5.9]
    assert at[9.0] < 0.3 * at[5.9]
    assert at[12.5] < 0.7 * at[15.0]
    assert at[15.0] > 0.7 * at[5.9]


def test_more_arousal_and_more_loudness_are_brighter():
    def light(arousal, drop_db):
        """Mean light of the last of ten seconds, the color's own lightness taken out."""
        glow = Glow(PALETTE, 60)
        frames(glow, 20, level_db=-10.0, emotion=Emotion(0, arousal, 0))
        last = frames(glow, 10, start=20, level_db=-10.0 - drop_db, emotion=Emotion(0, arousal, 0))[-300:]
        return luminance(last).mean() / (PALETTE.color(0, arousal) @ LUMINANCE)

    by_arousal = [light(arousal, 6) for arousal in (-0.9, -0.4, 0.0, 0.4, 0.9)]
    by_level = [light(0.2, drop_db) for drop_db in (25, 15, 8, 0)]
    assert by_arousal == sorted(by_arousal)
    assert by_level == sorted(by_level)
    assert by_arousal[-1] > 1.3 * by_arousal[0]
    assert by_level[-1] > 1.3 * by_level[0]


def test_a_quiet_room_glows_as_a_loud_one_does_after_a_while():
    loud, quiet = Glow(PALETTE, 30), Glow(PALETTE, 30)
    light = [luminance(frames(g, 60, rate=30, level_db=db)[-30:]).mean() for g, db in ((loud, -8), (quiet, -45))]
    assert light[1] == pytest.approx(light[0], rel=0.1)


def test_a_quiet_passage_stays_quieter():
    glow = Glow(PALETTE, 30)
    before = luminance(frames(glow, 90, rate=30, level_db=-10)[-30:]).mean()
    after = luminance(frames(glow, 20, rate=30, start=90, level_db=-30)[-30:]).mean()
    assert after < 0.75 * before


def test_an_onset_lifts_at_once_and_lets_go_slowly():
    still, struck = Glow(PALETTE, 60), Glow(PALETTE, 60)
    for glow in (still, struck):
        frames(glow, 5)
    calm = luminance(frames(still, 2, start=5).mean(axis=1))
    hit = frames(struck, 0.1, start=5, onset=1.0)
    rest = frames(struck, 1.9, start=5.1, onset=0.0)
    lift = luminance(np.concatenate([hit, rest]).mean(axis=1)) - calm
    peak = int(np.argmax(lift))
    assert lift[peak] > 0.03
    assert peak / 60 < 0.15
    assert lift[peak + 12] > 0.4 * lift[peak]
    assert lift[-1] < 0.25 * lift[peak]


@pytest.mark.parametrize("name", palette_names())
@pytest.mark.parametrize("flash_hz", [3.05, 4.0, 8.0, 30.0])
@pytest.mark.parametrize("emotion", [Emotion(0.6, 0.6, 0), Emotion(0.8, 0, 0), Emotion(0, 0, 0)])
def test_it_never_strobes(name, flash_hz, emotion):
    """No pairs of opposing swings by a tenth of full luminance faster than 3 Hz, whatever level and onset do."""
    glow = Glow(load_palette(name), 60)
    frames(glow, 5, emotion=emotion)
    light = []
    for i in range(240):
        t = 5 + i / 60
        on = (t * flash_hz) % 1 < 0.3
        light.append(luminance(glow.process(emotion, -6.0 if on else -60.0, float(on), "music", t).mean(axis=0)))
    late = np.array(light[60:])
    window = math.ceil(60 / flash_hz)
    swings = [np.ptp(late[i : i + window]) for i in range(len(late) - window)]
    assert max(swings) < 0.1


@settings(max_examples=25, deadline=None)
@given(st.lists(inputs, min_size=5, max_size=40))
def test_no_frame_jumps(way):
    glow, t_s, last = Glow(PALETTE, 20), 0.0, None
    for emotion, level_db, onset, sound, _ in way:
        for _ in range(3):
            t_s += 1 / 60
            frame = glow.process(emotion, level_db, onset, sound, t_s)
            if last is not None:
                assert np.abs(frame - last).max() < 0.14
            last = frame


def test_the_result_does_not_depend_on_the_frame_rate():
    def last(rate):
        glow = Glow(PALETTE, 60)
        frames(glow, 4, rate=rate, emotion=Emotion(-0.5, 0.4, 0.1), level_db=-18)
        frames(glow, 3, rate=rate, start=4, sound="silence", level_db=-70)
        frames(glow, 3, rate=rate, start=7, emotion=JOY, level_db=-12)
        return glow.process(JOY, -12, 0.0, "music", 10.0)

    np.testing.assert_allclose(last(240), last(30), atol=0.02)


def test_a_gap_goes_on_from_where_it_was():
    glow = Glow(PALETTE, 60)
    before = frames(glow, 5)[-1]
    after = glow.process(Emotion(-0.6, -0.6, 0.1), -40.0, 0.0, "silence", 5000.0)
    assert np.abs(after - before).max() < 0.35


def test_light_moves_along_the_strip_and_more_with_arousal():
    def movement(emotion):
        light = frames(Glow(PALETTE, 60), 20, emotion=emotion)[600:]
        along = luminance(light).std(axis=1) / luminance(light).mean(axis=1)
        assert along.min() > 0.01
        return np.abs(np.diff(luminance(light) / luminance(light).mean(), axis=0)).mean()

    calm, lively = movement(Emotion(0.5, -0.6, 0)), movement(Emotion(0.5, 0.6, 0))
    assert lively > 2 * calm > 0


def test_same_seed_same_light_and_reset_starts_anew():
    one, two, other = Glow(PALETTE, 30, seed=4), Glow(PALETTE, 30, seed=4), Glow(PALETTE, 30, seed=5)
    first = frames(one, 3)
    np.testing.assert_array_equal(first, frames(two, 3))
    assert np.abs(first - frames(other, 3)).max() > 0.01
    one.reset()
    np.testing.assert_array_equal(first, frames(one, 3))


def test_frames_are_not_shared():
    glow = Glow(PALETTE, 4)
    first = glow.process(JOY, -14, 0, "music", 0.0)
    kept = first.copy()
    glow.process(JOY, -14, 1, "music", 1.0)
    np.testing.assert_array_equal(first, kept)


@pytest.mark.parametrize(
    ("level_db", "onset", "t_s"),
    [(math.nan, 0, 2), (-14, math.nan, 2), (-14, 0, 0.5), (-14, 0, math.nan), (-14, 0, math.inf)],
)
def test_wrong_numbers_are_refused(level_db, onset, t_s):
    glow = Glow(PALETTE, 4)
    glow.process(JOY, -14, 0, "music", 1.0)
    with pytest.raises(ValueError, match=r"NaN|time"):
        glow.process(JOY, level_db, onset, "music", t_s)


def test_no_pixels_are_refused():
    with pytest.raises(ValueError, match="pixel"):
        Glow(PALETTE, 0)
