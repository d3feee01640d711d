"""Made-up music: of the right length, no two alike, and with more than one pitch at a time."""

import numpy as np
import pytest

from trainer.ear.made_up_music import Instrument, tune

RATE = 24_000


@pytest.mark.parametrize("seed", range(8))
def test_it_sounds_for_as_long_as_asked_and_is_not_the_one_before(seed: int) -> None:
    sound = tune(5 * RATE, RATE, np.random.default_rng(seed))
    assert sound.shape == (5 * RATE,)
    assert sound.dtype == np.float32
    assert np.abs(sound).max() == pytest.approx(0.5, rel=1e-3)
    assert np.array_equal(tune(5 * RATE, RATE, np.random.default_rng(seed)), sound)
    other = tune(5 * RATE, RATE, np.random.default_rng(seed + 100))
    assert abs(np.corrcoef(sound, other)[0, 1]) < 0.5


@pytest.mark.parametrize("pitch", [45, 69, 88])
def test_a_note_has_its_pitch_and_ends(pitch: int) -> None:
    for seed in range(5):
        note = Instrument(RATE, np.random.default_rng(seed)).note(pitch, 1.0)
        power = np.abs(np.fft.rfft(note, 8 * RATE)) ** 2
        hz = np.fft.rfftfreq(8 * RATE, 1 / RATE)
        wanted = 440 * 2 ** ((pitch - 69) / 12)
        near = (hz > wanted * 0.97) & (hz < wanted * 1.03)
        below = hz < wanted * 0.9
        assert power[near].max() > 20 * power[below].max()
        assert power[hz > 10_500].sum() < 1e-3 * power.sum()
        assert abs(note[-1]) < 1e-2 * np.abs(note).max()


def test_several_pitches_sound_together() -> None:
    many = 0
    for seed in range(10):
        sound = tune(4 * RATE, RATE, np.random.default_rng(seed))
        power = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) ** 2
        chroma = np.zeros(12)
        hz = np.fft.rfftfreq(len(sound), 1 / RATE)
        used = (hz > 60) & (hz < 2000)
        np.add.at(chroma, np.round(12 * np.log2(hz[used] / 440)).astype(int) % 12, power[used])
        many += np.sum(chroma > 0.03 * chroma.max()) >= 3
    assert many >= 8
