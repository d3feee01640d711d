import math

import numpy as np
import pytest
from scipy import signal

from tests.trainer.augmentation import made_up
from trainer.augmentation import rooms
from trainer.augmentation.rooms import BANDS_HZ, Room, draw_room, images, leveled, respond

RATE = 24_000


def t20(response: np.ndarray, hz: float, rate: int) -> float:
    """Reverberation time in an octave, from -5 to -25 dB of the backward integral (Schroeder, JASA 37, 1965)."""
    octave = signal.butter(3, (hz / math.sqrt(2), hz * math.sqrt(2)), "bandpass", fs=rate, output="sos")
    # Silence before, or the filter would take the first sample for a step.
    padded = np.concatenate([np.zeros(rate // 5), response, np.zeros(rate // 5)])
    energy = np.cumsum(np.square(signal.sosfiltfilt(octave, padded))[::-1])[::-1]
    level = 10 * np.log10(energy / energy[0] + 1e-12)
    first, last = np.argmax(level < -5), np.argmax(level < -25)
    return 60 / 20 * (last - first) / rate


@pytest.mark.parametrize("rate", [24_000, 48_000])
def test_reverberation_lasts_as_long_as_the_room_says(rate: int) -> None:
    ratios = []
    for seed in range(12):
        room = draw_room(seed)
        response = respond(room, rate)
        ratios += [t20(response, BANDS_HZ[band], rate) / room.rt60_s[band] for band in (2, 3, 4, 5)]
    assert 0.95 < np.median(ratios) < 1.1
    assert np.percentile(ratios, 10) > 0.8
    assert np.percentile(ratios, 90) < 1.2


def test_rooms_are_living_rooms_and_differ() -> None:
    drawn = [draw_room(seed) for seed in range(60)]
    times = np.array([room.rt60_s[3] for room in drawn])
    distances = np.array([room.distance for room in drawn])
    assert 0.2 <= times.min() < 0.3
    assert 0.8 < times.max() <= 0.9
    assert 0.5 <= distances.min() < 1.0
    assert 3.0 < distances.max() <= 4.0
    for room in drawn:
        for place in (room.source, room.microphone):
            assert all(0.3 <= at <= side - 0.3 for at, side in zip(place, room.size, strict=True))
        assert room.rt60_s[0] >= room.rt60_s[3] > room.rt60_s[6]


def test_same_number_same_room() -> None:
    np.testing.assert_array_equal(respond(draw_room(5), RATE), respond(draw_room(5), RATE))
    assert draw_room(5) != draw_room(6)


def test_a_response_begins_with_the_direct_sound_and_has_energy_1() -> None:
    for seed in range(12):
        response = rooms.simulated(seed, RATE)
        assert np.argmax(np.abs(response) > 0.5 * response[0]) == 0
        assert np.sum(np.square(response)) == pytest.approx(1, abs=1e-3)


def test_images_are_those_that_can_be_counted() -> None:
    room = Room((4.0, 5.0, 3.0), (1.0, 2.0, 1.5), (3.0, 2.0, 1.5), (0.5,) * 7, 0)
    distances, bounces = images(room, 3.7)
    by_distance = sorted(zip(distances.tolist(), bounces.tolist(), strict=True))
    # Direct, then by the floor and the ceiling; the next ones, by the walls at the ends, are 4 m away.
    assert [count for _, count in by_distance] == [0, 1, 1]
    np.testing.assert_allclose([far for far, _ in by_distance], [2.0, math.sqrt(13), math.sqrt(13)])
    far, _ = images(room, 40.0)
    # As many as the rooms' volume fits into the sphere.
    assert len(far) == pytest.approx(4 / 3 * math.pi * 40**3 / 60, rel=0.03)


def test_nearer_means_more_direct_sound() -> None:
    shares = []
    for x in (1.5, 2.5, 4.0):
        room = Room((6.0, 5.0, 2.5), (1.0, 2.0, 1.2), (x, 2.0, 1.2), (0.5,) * 7, 1)
        shares.append(float(np.sum(np.square(respond(room, RATE)[:24]))))
    assert shares[0] > 2 * shares[1] > 2 * shares[2]


def test_the_tail_goes_on_where_the_reflections_end() -> None:
    """Both halves of the model have the power that the theory gives them, so that no step is heard between them."""
    steps = []
    for seed in range(40):
        room = draw_room(seed)
        response = respond(room, RATE)
        early, late = (response[round(at * RATE) : round((at + 0.02) * RATE)] for at in (0.02, 0.06))
        expected_db = -60 * 0.04 / room.rt60_s[3]
        steps.append(10 * np.log10(np.sum(np.square(late)) / np.sum(np.square(early))) - expected_db)
    assert abs(np.mean(steps)) < 1.5


def test_leveling_takes_out_what_a_poor_loudspeaker_did() -> None:
    flat = made_up.decay(0.4, 0.5, 0)
    dull = signal.sosfilt(signal.butter(1, 1_500, fs=RATE, output="sos"), flat).astype(np.float32)

    def spread(response: np.ndarray) -> float:
        power = np.square(np.abs(np.fft.rfft(response)))
        hz = np.fft.rfftfreq(len(response), 1 / RATE)
        octaves = [power[(hz > center / 1.4) & (hz < center * 1.4)].mean() for center in BANDS_HZ]
        return float(np.ptp(10 * np.log10(octaves)))

    assert spread(dull) > 12
    assert spread(leveled(dull, RATE)) < 4
