from pathlib import Path

import numpy as np
import pytest
import soundfile

from device.features.extractor import extract
from device.features.spec import FeatureSpec
from device.hearing.condition import Conditioner
from hardware.errors import HardwareError
from hardware.microphone import Block
from trainer.augmentation.change import WAYS, Change
from trainer.extraction import decoded, file_frames

SPEC = FeatureSpec(blocks=("log_mel", "short_term"), deltas=False)


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """Two channels at 44.1 kHz."""
    time = np.arange(3 * 44_100) / 44_100
    left = 0.2 * np.sin(2 * np.pi * 440 * time) * (1 + np.sin(2 * np.pi * 2 * time))
    right = left + 0.05 * np.random.default_rng(0).standard_normal(len(time))
    soundfile.write(tmp_path / "sound.flac", np.stack([left, right], axis=1), 44_100)
    return tmp_path / "sound.flac"


def test_a_file_is_heard_as_the_conditioner_hears_it(sound: Path) -> None:
    samples, rate = soundfile.read(sound, dtype="float32")
    conditioner = Conditioner(rate, 2, SPEC.rate)
    heard = np.concatenate([conditioner.process(Block(samples)), conditioner.flush()])
    np.testing.assert_allclose(file_frames(sound, SPEC), extract(heard, SPEC), rtol=1e-4, atol=1e-3)


def test_a_changed_file_goes_through_the_same_filters_once(sound: Path) -> None:
    plain, quiet = file_frames(sound, SPEC), file_frames(sound, SPEC, Change("test_quiet"))
    assert quiet.shape == plain.shape
    before, after = plain[3:, :40], quiet[3:, :40]
    # Nearer to the floor of -100 dB the floor itself adds something.
    clear = before > -50
    assert clear.sum() > 100
    np.testing.assert_allclose(after[clear], before[clear] - 20, atol=0.01)


@pytest.mark.parametrize("name", WAYS)
def test_changed_frames_follow_content_and_change(sound: Path, name: str) -> None:
    frames = file_frames(sound, SPEC, Change(name))
    assert frames.dtype == np.float32
    assert frames.shape[1] == SPEC.width
    assert 60 / 1.11 - 1 <= len(frames) <= 60 / 0.9 + 1
    assert np.isfinite(frames).all()
    renamed = sound.rename(sound.with_name("renamed.flac"))
    np.testing.assert_array_equal(file_frames(renamed, SPEC, Change(name)), frames)


@pytest.mark.parametrize("rate", [24_000, 48_000])
def test_decoded_sound_is_mono_at_the_rate_that_was_asked_for(sound: Path, rate: int) -> None:
    samples = decoded(sound, rate)
    assert samples.shape == (3 * rate,)
    power = np.abs(np.fft.rfft(samples))
    assert np.argmax(power) / 3 == pytest.approx(440, abs=0.5)


def test_damaged_numbers_in_a_file_count_as_silence(tmp_path: Path) -> None:
    samples = np.full(24_000, 0.1, np.float32)
    samples[1_000:1_010] = [np.nan, np.inf, -np.inf, 1e30, 0, 0, 0, 0, 0, 0]
    soundfile.write(tmp_path / "damaged.wav", samples, 24_000, subtype="FLOAT")
    out = decoded(tmp_path / "damaged.wav", 24_000)
    assert np.isfinite(out).all()
    assert np.abs(out).max() <= 8
    assert np.isfinite(file_frames(tmp_path / "damaged.wav", SPEC, Change("room"))).all()


def test_what_is_no_sound_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.opus").write_text("no sound at all")
    for change in (None, Change("room")):
        with pytest.raises(HardwareError, match=r"bad\.opus"):
            file_frames(tmp_path / "bad.opus", SPEC, change)
