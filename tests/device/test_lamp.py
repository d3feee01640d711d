"""The whole way of a sound: from samples to pixels, with a tiny model."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from device.color.palette_file import load_palette
from device.emotion.bundle import Bundle, load_bundle
from device.emotion.runner import UNKNOWN, Runner
from device.features.extractor import FeatureExtractor
from device.features.spec import FeatureSpec
from device.hearing.condition import Conditioner
from device.hop import Hop
from device.lamp import FRAMES_PER_S, Lamp
from device.settings import LightSettings, Settings, StripSettings
from hardware.array_microphone import ArrayMicrophone
from hardware.light.recording import RecordingStrip

BUNDLE = load_bundle(Path(__file__).parents[1] / "golden" / "tiny_bundle")
RATE = 48_000


def music(seconds: float, seed: int = 0) -> np.ndarray:
    """Notes over noise: loud enough to be music for the gate."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(seconds * RATE)) / RATE
    note = 220.0 * 2 ** (np.floor(4 * t) * 5 % 12 / 12)
    tone = 0.3 * np.sin(2 * np.pi * np.cumsum(note) / RATE) * np.exp(-3 * (4 * t % 1))
    return (tone + 0.02 * rng.standard_normal(len(t))).astype(np.float32)


def run(
    samples: np.ndarray, settings: Settings | None = None, **microphone: object
) -> tuple[list[Hop], RecordingStrip, Lamp]:
    settings = settings or Settings()
    strip = RecordingStrip(settings.strip.pixels)
    source = ArrayMicrophone(samples, RATE, **microphone)  # type: ignore[arg-type]
    lamp = Lamp(source, strip, BUNDLE, load_palette(settings.light.palette), settings)
    return list(lamp.hops()), strip, lamp


def test_every_hop_has_its_time_and_its_frames() -> None:
    hops, strip, _ = run(music(3.0))
    assert len(hops) == 60
    np.testing.assert_allclose([hop.t_s for hop in hops], 0.05 * np.arange(1, 61))
    assert strip.frames.shape == (3 * FRAMES_PER_S, 60, 3)
    np.testing.assert_allclose(hops[-1].light, strip.frames[-1].mean(axis=0), rtol=1e-6)


def test_blocks_of_any_size_make_the_same_light() -> None:
    samples = music(2.0)
    one, strip_one, _ = run(samples, block=960)
    other, strip_other, _ = run(samples, block=37_123)
    assert [hop.sound for hop in one] == [hop.sound for hop in other]
    np.testing.assert_allclose(strip_one.frames, strip_other.frames, atol=1e-6)


@pytest.mark.parametrize(("window", "hop"), [(4800, 1200), (1200, 1800), (1500, 1200), (1200, 600)])
def test_frames_longer_or_shorter_than_the_hop(window: int, hop: int) -> None:
    samples = music(3.0)
    other = samples.copy()
    other[2 * RATE :] = music(3.0, seed=5)[2 * RATE :][::-1]
    felt = []
    for sound, block in ((samples, 960), (samples, 48_000), (other, 48_000)):
        card = msgspec.structs.replace(BUNDLE.card, features=FeatureSpec(24_000, window, hop, ("flatness", "onset")))
        lamp = Lamp(
            ArrayMicrophone(sound, RATE, block=block),
            RecordingStrip(60),
            Bundle(card, BUNDLE.model),
            load_palette("lampyris"),
            Settings(),
        )
        felt.append([hop.emotion.valence for hop in lamp.hops()])
    np.testing.assert_allclose(felt[0], felt[1], atol=1e-6)
    # The resampler holds back 5 ms, so up to a hop before the change nothing of it can be known.
    known = int(2.0 / (hop / 24_000)) - 1
    np.testing.assert_array_equal(felt[1][:known], felt[2][:known])
    assert felt[1] != felt[2]


def test_the_emotion_is_that_of_the_model_on_the_conditioned_sound() -> None:
    samples = music(4.0)
    hops, _, _ = run(samples)
    source = ArrayMicrophone(samples, RATE)
    conditioner, runner = Conditioner(RATE, 1, 24_000), Runner(BUNDLE)
    extractor = FeatureExtractor(BUNDLE.card.features)
    felt = []
    while (block := source.read()) is not None:
        felt += [runner.process(frame) for frame in extractor.process(conditioner.process(block))]
    assert felt[2] == UNKNOWN != felt[4]
    # The light follows with a lag, toward what the model says.
    target = np.mean([emotion.valence for emotion in felt[20:]])
    assert abs(hops[-1].emotion.valence - target) < 0.5 * abs(target) + 0.02


def test_silence_rests_and_music_wakes() -> None:
    quiet = np.zeros(4 * RATE, dtype=np.float32)
    hops, strip, _ = run(np.concatenate([quiet, music(4.0), quiet]))
    assert {hop.sound for hop in hops[:78]} == {"silence"}
    assert {hop.sound for hop in hops[100:158]} == {"music"}
    assert {hop.sound for hop in hops[200:]} == {"silence"}
    brightness = strip.frames.mean(axis=(1, 2))
    assert brightness[:200].min() > 0.0
    assert brightness[400:470].mean() > 2 * brightness[:200].mean()
    assert hops[60].emotion.valence == hops[60].emotion.arousal == 0.0


def test_a_gap_starts_features_and_model_afresh_and_keeps_the_time() -> None:
    samples = music(4.0)
    gap, _, _ = run(samples, lost_at={2 * RATE: RATE})
    # The hop that the gap cuts off is let go; the gap is one that nothing was heard in, and the time goes on.
    assert len(gap) == 80
    assert gap[39].t_s - gap[38].t_s == pytest.approx(1.05)
    assert gap[40].t_s - gap[39].t_s == pytest.approx(0.05)
    assert gap[-1].t_s == pytest.approx(5.0)
    # What comes after the gap is what a lamp that was just switched on feels: the model's state is gone.
    fresh = Lamp(
        ArrayMicrophone(samples[2 * RATE :], RATE),
        RecordingStrip(60),
        BUNDLE,
        load_palette("lampyris"),
        Settings(),
    )
    after, alone = gap[40:], list(fresh.hops())
    # Both trackers go to the same targets; the difference between them can only shrink.
    distance = [abs(a.emotion.valence - b.emotion.valence) for a, b in zip(after, alone, strict=True)][10:]
    assert distance[-1] < 0.6 * distance[0]


def test_samples_that_are_no_numbers_are_counted_and_survived() -> None:
    samples = music(1.0)
    samples[1000:1100] = np.nan
    hops, strip, lamp = run(samples)
    assert len(hops) == 20
    assert lamp.bad_samples == 100
    assert np.isfinite(strip.frames).all()


def test_the_light_keeps_to_the_power_supply() -> None:
    settings = Settings(strip=StripSettings(pixels=30, budget_ma=100.0))
    _, strip, lamp = run(music(3.0), settings)
    drawn_ma = 30 * 1.0 + 20.0 * strip.frames.sum(axis=(1, 2), dtype=np.float64)
    assert drawn_ma.max() <= 100.0
    assert 0.0 <= lamp.limited_share <= 1.0


def test_brightness_dims_the_light() -> None:
    _, full, _ = run(music(2.0))
    _, half, _ = run(music(2.0), Settings(light=LightSettings(brightness=0.5)))
    assert half.frames.sum() == pytest.approx(0.5 * full.frames.sum(), rel=0.1)


def test_two_slots_of_a_real_microphone_fit() -> None:
    left = (music(1.0) * 2**31 * 0.5).astype(np.int32)
    hops, _, _ = run(np.stack([left, np.zeros_like(left)], axis=1))
    assert len(hops) == 20
    assert hops[-1].sound == "music"
