"""Rooms made up: impulse responses of living rooms, from image sources and a diffuse tail."""

import math
from functools import lru_cache

import msgspec
import numpy as np
import scipy.fft
from numpy.typing import NDArray

from trainer.augmentation.filters import Cascade, high_pass
from trainer.augmentation.seeds import generator

SPEED = 343.0
"""Sound, m/s."""
BANDS_HZ = np.array([125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0])
EARLY_S = 0.05
"""Single reflections are heard for this long after the direct sound; a mixing time of sqrt(volume / m3) ms (Lindau et
al., JAES 2012) says that less would do in rooms of this size."""
BLEND_S = 0.02
WALL_M = 0.3
LEVELING_DB = 15.0
LOWEST_HZ = 60.0
"""Images all add up at the lowest frequencies, which no room does; as Allen & Berkley did, those are taken out."""

Point = tuple[float, float, float]


class Room(msgspec.Struct, frozen=True):
    """A box with a loudspeaker and a microphone in it.

    size, source, microphone: metres. rt60_s: reverberation time in the bands of BANDS_HZ. seed: of the diffuse tail.
    """

    size: Point
    source: Point
    microphone: Point
    rt60_s: tuple[float, ...]
    seed: int

    @property
    def distance(self) -> float:
        """Metres from the loudspeaker to the microphone."""
        return math.dist(self.source, self.microphone)


def draw_room(seed: int) -> Room:
    """The living room of that number: 3 to 8 m long, 0.2 to 0.9 s, microphone 0.5 to 4 m away."""
    rng = generator("room", seed)
    size = rng.uniform((3.0, 2.6, 2.3), (8.0, 6.0, 3.2))
    middle = rng.uniform(0.2, 0.9)
    # Walls swallow less of the bass, air and cloth more of the treble.
    bass, treble = rng.uniform(1.0, 1.3), rng.uniform(0.5, 0.9)
    rt60 = middle * np.interp(np.log2(BANDS_HZ), np.log2([125.0, 500.0, 1000.0, 8000.0]), [bass, 1.0, 1.0, treble])
    while True:
        source, microphone = rng.uniform(WALL_M, size - WALL_M), rng.uniform(WALL_M, size - WALL_M)
        if 0.5 <= math.dist(source, microphone) <= 4.0:
            break
    return Room(tuple(size.tolist()), tuple(source.tolist()), tuple(microphone.tolist()), tuple(rt60.tolist()), seed)


def images(room: Room, reach_m: float) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Distances in metres [n] of all image sources nearer than reach_m, and how often each was reflected [n].

    Allen & Berkley, JASA 65 (1979): along each axis the images lie at 2 m L + (1 - 2 p) s after |m - p| + |m| walls.
    """
    squares, bounces = np.zeros(1), np.zeros(1, np.int64)
    for length, source, microphone in zip(room.size, room.source, room.microphone, strict=True):
        m = np.arange(-(reach_m // (2 * length)) - 1, reach_m // (2 * length) + 2)
        along = np.concatenate([2 * m * length + source, 2 * m * length - source]) - microphone
        walls = np.concatenate([2 * np.abs(m), np.abs(m - 1) + np.abs(m)]).astype(np.int64)
        squares = (squares[:, None] + np.square(along)).ravel()
        bounces = (bounces[:, None] + walls).ravel()
        near = squares < reach_m * reach_m
        squares, bounces = squares[near], bounces[near]
    return np.sqrt(squares), bounces


def band_windows(size: int, rate: int) -> NDArray[np.float64]:
    """Gains [bands, size // 2 + 1] that cut a spectrum into octaves around BANDS_HZ; in every bin they sum to 1."""
    octave = np.log2(np.maximum(np.fft.rfftfreq(size, 1 / rate), 1.0))
    place = np.interp(octave, np.log2(BANDS_HZ), np.arange(len(BANDS_HZ)))
    far = np.minimum(np.abs(place - np.arange(len(BANDS_HZ))[:, None]), 1.0)
    return np.cos(far * math.pi / 2) ** 2


def respond(room: Room, rate: int) -> NDArray[np.float32]:
    """The room's impulse response [n] from the direct sound on, with energy 1.

    Early: image sources, each wall taking exp(-0.161 V / (S T)) of the energy (Eyring), amplitude 1 / (4 pi d). Late:
    noise with the power that the images have on average, c / (4 pi V) a second, decaying by 60 dB in T.
    """
    volume = math.prod(room.size)
    x, y, z = room.size
    rt60 = np.array(room.rt60_s)
    onset_s = room.distance / SPEED
    count = math.ceil((onset_s + rt60.max()) * rate)
    time = np.arange(count) / rate
    distance, bounces = images(room, (onset_s + EARLY_S + BLEND_S) * SPEED)
    wall = np.exp(-0.161 * volume / (2 * (x * y + y * z + x * z) * rt60) / 2)
    tap = np.minimum(np.rint(distance / SPEED * rate).astype(np.int64), count - 1)
    late = np.clip((time - onset_s - EARLY_S) / BLEND_S + 0.5, 0.0, 1.0)
    noise = generator("tail", room.seed).standard_normal(count) * math.sqrt(SPEED / (4 * math.pi * volume) / rate)
    noise *= np.sin(late * math.pi / 2)
    size = scipy.fft.next_fast_len(count + rate // 10, real=True)
    spectrum = np.zeros(size // 2 + 1, complex)
    for reflected, seconds, window in zip(wall, rt60, band_windows(size, rate), strict=True):
        single = np.bincount(tap, reflected**bounces / (4 * math.pi * distance), count)
        single *= np.cos(late * math.pi / 2)
        spectrum += window * scipy.fft.rfft(single + noise * np.exp(-math.log(1e3) * time / seconds), size)
    response = scipy.fft.irfft(spectrum, size)[round(onset_s * rate) : count].astype(np.float32)
    return unit(Cascade(high_pass(LOWEST_HZ, 2, rate)).process(response))


def unit(response: NDArray[np.float32]) -> NDArray[np.float32]:
    """An impulse response [n] with energy 1, so that noise comes out as loud as it went in."""
    return response / np.float32(math.sqrt(float(np.sum(np.square(response, dtype=np.float64)))))


def leveled(response: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """An impulse response [n] whose octaves around BANDS_HZ carry equal power per Hz, as far as LEVELING_DB allows."""
    size = scipy.fft.next_fast_len(len(response) + rate // 10, real=True)
    spectrum = scipy.fft.rfft(response.astype(np.float64), size)
    windows = band_windows(size, rate)
    power = np.array([float(np.sum(window * np.abs(spectrum) ** 2) / np.sum(window)) for window in windows])
    level_db = 10 * np.log10(np.maximum(power, 1e-12 * power.max()))
    gain_db = np.clip(np.median(level_db) - level_db, -LEVELING_DB, LEVELING_DB)
    leveled = scipy.fft.irfft(spectrum * (10.0 ** (gain_db / 20) @ windows), size)
    return np.asarray(leveled[: len(response)], np.float32)


@lru_cache(maxsize=128)
def simulated(seed: int, rate: int) -> NDArray[np.float32]:
    """The impulse response of the room of that number; made once in a process, which takes some milliseconds."""
    return respond(draw_room(seed), rate)
