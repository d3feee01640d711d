"""Music that is made up, so that the ear knows music by more than the instruments and studios of the corpora.

Chords of a key (now and then a cluster of none), a bass, a melody and drums, each or not, at a tempo, by instruments
whose partials, attacks and decays are drawn anew. Nobody would buy it; what it shares with music is voices of different
pitch together, and notes in time.
"""

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
Curve = NDArray[np.float64]

TOP_HZ = 10_000.0
"""No partial goes higher."""
SCALES = (
    (0, 2, 4, 5, 7, 9, 11),
    (0, 2, 3, 5, 7, 8, 10),
    (0, 2, 3, 5, 7, 9, 10),
    (0, 2, 3, 5, 7, 8, 11),
    (0, 2, 4, 7, 9),
    (0, 3, 5, 7, 10),
)
CLUSTERS = 0.15
"""Share of the pieces whose chords belong to no key."""


class Instrument:
    """Notes of one timbre: up to ten partials, slightly out of tune with each other, struck or held."""

    def __init__(self, rate: int, rng: np.random.Generator) -> None:
        self._rate = rate
        slope, count = rng.uniform(0.4, 2.5), int(rng.integers(1, 11))
        order = np.arange(1, count + 1)
        if rng.random() < 0.25:
            order = 2 * order - 1
        self._order = order * (1 + rng.uniform(0, 5e-4) * order**2)
        self._level = rng.uniform(0.3, 1, count) / order**slope
        self._attack_s = np.exp(rng.uniform(np.log(0.003), np.log(0.25)))
        held = rng.random() < 0.5
        self._decay_s = 30.0 if held else np.exp(rng.uniform(np.log(0.08), np.log(2)))
        self._vibrato = rng.uniform(0, 0.008) if held else 0.0
        self._vibrato_hz, self._chorus = rng.uniform(4, 7), rng.uniform(0, 0.006) * (rng.random() < 0.5)
        self._rng = rng

    def note(self, pitch: float, seconds: float) -> Curve:
        """A note [n] of a MIDI pitch, a little longer than so many seconds."""
        rate, hz = self._rate, 440 * 2 ** ((pitch - 69) / 12)
        release_s = 0.08
        t = np.arange(round((seconds + release_s) * rate)) / rate
        turns = hz * t + hz * self._vibrato / (2 * np.pi * self._vibrato_hz) * np.sin(2 * np.pi * self._vibrato_hz * t)
        sound = np.zeros(len(t))
        for detune in (0.0, self._chorus) if self._chorus else (0.0,):
            for order, level in zip(self._order, self._level, strict=True):
                if order * hz < TOP_HZ:
                    phase = self._rng.uniform(0, 2 * np.pi)
                    sound += level * np.sin(2 * np.pi * order * (1 + detune) * turns + phase)
        shape = np.minimum(1, t / self._attack_s) * np.exp(-t / self._decay_s)
        return sound * shape * np.clip((seconds + release_s - t) / release_s, 0, 1)


def tune(count: int, rate: int, rng: np.random.Generator) -> Samples:
    """Music [count] at `rate`, peak 0.5."""
    beat_s, root = 60 / rng.uniform(55, 175), int(rng.integers(40, 58))
    scale = SCALES[rng.integers(len(SCALES))]
    cluster = rng.random() < CLUSTERS
    beats = int(count / rate / beat_s) + 1
    bar = int(rng.choice([2, 3, 4, 8]))
    sound = np.zeros(count)
    degrees = rng.integers(len(scale), size=beats // bar + 1)

    def pitch(step: int) -> int:
        return root + 12 * (step // len(scale)) + scale[step % len(scale)]

    def put(part: Curve, at_s: float, level: float) -> None:
        start = round(at_s * rate)
        if start < count:
            sound[start : start + len(part)] += level * part[: count - start]

    def chord(number: int) -> list[int]:
        if cluster:
            return sorted(root + 12 + rng.choice(18, int(rng.integers(3, 6)), replace=False))
        first = int(degrees[number])
        return [pitch(first + step + len(scale)) for step in (0, 2, 4, 6)[: int(rng.integers(2, 5))]]

    voices = rng.random(4) < (0.85, 0.7, 0.75, 0.5)
    if not voices[:3].any():
        voices[rng.integers(3)] = True
    if voices[0]:
        player, broken, level = Instrument(rate, rng), rng.random() < 0.4, rng.uniform(0.2, 1)
        for number in range(len(degrees)):
            notes = chord(number)
            for beat in range(bar) if broken else (0,):
                length = beat_s if broken else bar * beat_s
                for place in [notes[beat % len(notes)]] if broken else notes:
                    put(player.note(place, length), (number * bar + beat) * beat_s, level / len(notes) ** 0.5)
    if voices[1]:
        player, level, every = Instrument(rate, rng), rng.uniform(0.3, 1.2), int(rng.choice([1, 2, bar]))
        for beat in range(0, beats, every):
            put(player.note(pitch(int(degrees[beat // bar])) - 12, every * beat_s), beat * beat_s, level)
    if voices[2]:
        player, level, step = Instrument(rate, rng), rng.uniform(0.3, 1.2), int(rng.integers(7, 18))
        at_s = 0.0
        while at_s * rate < count:
            length = beat_s * float(rng.choice([0.25, 0.5, 0.5, 1, 1, 2]))
            step = int(np.clip(step + rng.integers(-2, 3), 4, 22))
            if rng.random() < 0.85:
                put(player.note(pitch(step), length), at_s, level)
            at_s += length
    if voices[3]:
        for beat in range(2 * beats):
            put(_drum(("kick", "hat", "snare", "hat")[beat % 4], rate, rng), beat * beat_s / 2, rng.uniform(0.5, 1))
    sound += 1e-4 * rng.standard_normal(count)
    return np.asarray(0.5 * sound / np.abs(sound).max(), np.float32)


def _drum(name: str, rate: int, rng: np.random.Generator) -> Curve:
    t = np.arange(round(0.2 * rate)) / rate
    noise = rng.standard_normal(len(t))
    if name == "kick":
        return np.asarray(1.5 * np.sin(2 * np.pi * 50 * t + 6 * (1 - np.exp(-t / 0.02))) * np.exp(-t / 0.08))
    if name == "snare":
        return np.asarray((0.6 * noise + 0.5 * np.sin(2 * np.pi * 190 * t)) * np.exp(-t / 0.06))
    return np.asarray(0.3 * np.diff(noise, prepend=0.0) * np.exp(-t / 0.03))
