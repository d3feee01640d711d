"""Noises that are made up: sounds with a pitch or a rhythm, of which there are too few recordings to learn from.

Sirens, alarms, horns, bells, motors, chirps, calls of animals and babies, things that knock, and moving air. Every
number is drawn anew, so that no two are alike; what they share is what music has not: one voice that glides, one tone
again and again.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from trainer.augmentation.effects import Equalizer
from trainer.augmentation.noises import coloured, hum

Samples = NDArray[np.float32]
Curve = NDArray[np.float64]

TOP_HZ = 10_000.0
"""No partial goes higher."""


def made_up(count: int, rate: int, rng: np.random.Generator) -> Samples:
    """A noise [count] at `rate`, peak 0.5, of a kind that is drawn; sometimes with a little hiss behind it."""
    sound = KINDS[rng.integers(len(KINDS))](count, rate, rng)
    if rng.random() < 0.5:
        hiss = coloured(count, rng.uniform(0, 2), rate, rng).astype(np.float64)
        sound = sound + hiss * (np.std(sound) * 10 ** (-rng.uniform(5, 40) / 20))
    return np.asarray(0.5 * sound / max(float(np.abs(sound).max()), 1e-9), np.float32)


def siren(count: int, rate: int, rng: np.random.Generator) -> Curve:
    """One tone that wails up and down, or steps between two pitches."""
    low = rng.uniform(300, 1000)
    high = low * rng.uniform(1.15, 2.5)
    phase = np.arange(count) / rate * np.exp(rng.uniform(math.log(0.08), math.log(6))) + rng.random()
    shape = rng.integers(3)
    if shape == 0:
        place = 0.5 - 0.5 * np.cos(2 * math.pi * phase)
    elif shape == 1:
        place = phase % 1.0
    else:
        place = (phase % 1.0 < 0.5).astype(np.float64)
    return _voice(low * (high / low) ** place, rate, rng, rng.uniform(0.5, 2.5))


def beeps(count: int, rate: int, rng: np.random.Generator) -> Curve:
    """Alarm clocks, telephones, microwave ovens: one or two tones, on and off in a fixed pattern."""
    pattern: list[tuple[float, float]] = []
    on, off = rng.uniform(0.03, 0.5), rng.uniform(0.03, 0.4)
    pitches = np.exp(rng.uniform(math.log(350), math.log(4000), size=rng.integers(1, 3)))
    for number in range(rng.integers(1, 6)):
        pattern += [(on, pitches[number % len(pitches)]), (off, 0.0)]
    pattern[-1] = (rng.uniform(0.05, 1.5), 0.0)
    hz = np.concatenate([np.full(round(length * rate), pitch) for length, pitch in pattern])
    hz = np.resize(np.roll(hz, int(rng.integers(len(hz)))), count)
    tone = _voice(np.maximum(hz, 1.0), rate, rng, rng.uniform(0.5, 3))
    if rng.random() < 0.3:  # the bell of a telephone
        tone *= 0.5 + 0.5 * np.sign(np.sin(2 * math.pi * rng.uniform(12, 40) * np.arange(count) / rate))
    return tone * _smooth((hz > 0).astype(np.float64), rate, 0.003)


def horn(count: int, rate: int, rng: np.random.Generator) -> Curve:
    """Horns of cars, ships and trains: one to three steady tones, blown now and then."""
    first = rng.uniform(120, 550)
    parts = [first * ratio for ratio in rng.uniform(1.0, 1.6, size=rng.integers(0, 3))] + [first]
    slope = rng.uniform(0.3, 1.5)
    tone = sum((_voice(np.full(count, hz), rate, rng, slope) for hz in parts), np.zeros(count))
    return tone * _smooth(_at_times(count, rate, rng, (0.15, 2.5), (0.1, 2.5)), rate, 0.01)


def bells(count: int, rate: int, rng: np.random.Generator) -> Curve:
    """Bells, glasses and pots: partials out of harmony, struck again and again."""
    sound = np.zeros(count)
    pitches = np.exp(rng.uniform(math.log(90), math.log(3000), size=rng.integers(1, 4)))
    every_s, decay_s = np.exp(rng.uniform(math.log(0.2), math.log(3))), np.exp(rng.uniform(math.log(0.05), math.log(4)))
    ratios = np.array([0.5, 1.0, 1.2, 1.5, 2.0, 2.5, 2.66, 3.0, 4.0, 5.3]) * rng.uniform(0.96, 1.04, 10)
    levels, regular = rng.rayleigh(1.0, 10), rng.random() < 0.6
    at_s, number = rng.uniform(0, every_s), 0
    strikes = []
    for pitch in pitches:
        time = np.arange(min(count, round(5 * decay_s * rate))) / rate
        used = ratios * pitch < min(TOP_HZ, 0.45 * rate)
        phases = rng.uniform(0, 2 * math.pi, 10)
        strikes.append(
            sum(
                level * np.exp(-time * max(ratio, 0.3) / decay_s) * np.sin(2 * math.pi * ratio * pitch * time + phase)
                for ratio, level, phase in zip(ratios[used], levels[used], phases[used], strict=True)
            )
        )
    while at_s * rate < count:
        strike = strikes[number % len(strikes)]
        start = int(at_s * rate)
        if np.ndim(strike):
            sound[start : start + len(strike)] += rng.uniform(0.5, 1) * strike[: count - start]
        at_s += every_s if regular else rng.exponential(every_s) + 0.02
        number += 1
    return sound


def motor(count: int, rate: int, rng: np.random.Generator) -> Curve:
    """Engines, saws, vacuum cleaners, washing machines: a hum that wanders, its strokes, and the air it moves."""
    hz = np.exp(rng.uniform(math.log(25), math.log(900))) * np.exp(rng.uniform(0.02, 0.5) * _wander(count, rate, rng))
    hum = _voice(hz, rate, rng, rng.uniform(0.2, 1.5))
    air = _unit(coloured(count, rng.uniform(0, 2), rate, rng).astype(np.float64))
    strokes = 1 - rng.uniform(0, 0.9) * (
        0.5 + 0.5 * np.sin(2 * math.pi * rng.uniform(0.3, 25) * np.arange(count) / rate)
    )
    return (_unit(hum) + air * 10 ** (rng.uniform(-30, 10) / 20)) * strokes


def chirps(count: int, rate: int, rng: np.random.Generator) -> Curve:
    """Birds, crickets, squeaking hinges: short glides, in bursts."""
    low = np.exp(rng.uniform(math.log(700), math.log(5000)))
    length, gap = rng.uniform(0.015, 0.3), rng.uniform(0.01, 0.3)
    phase = (np.arange(count) / rate % (length + gap)) / length
    bend, arch = rng.uniform(-0.7, 0.7), rng.uniform(-0.5, 0.5)
    place = np.minimum(phase, 1.0)
    tone = _voice(low * np.exp(bend * place + arch * np.sin(math.pi * place)), rate, rng, rng.uniform(1, 3))
    sounding = np.where(phase < 1, np.sin(math.pi * place), 0.0)
    return tone * sounding * _smooth(_at_times(count, rate, rng, (0.1, 2.0), (0.05, 1.5)), rate, 0.005)


def calls(count: int, rate: int, rng: np.random.Generator) -> Curve:
    """Cats, dogs, babies, cocks, laughter: a throat whose pitch rises and falls, through two or three resonances."""
    base = np.exp(rng.uniform(math.log(90), math.log(900)))
    call = _at_times(count, rate, rng, (0.1, 1.6), (0.08, 1.2))
    edges = np.flatnonzero(np.diff(call, prepend=0.0, append=0.0))
    hz = np.full(count, base)
    for start, end in zip(edges[::2], edges[1::2], strict=False):
        place = np.linspace(0, 1, end - start, endpoint=False)
        bend = rng.uniform(-0.5, 0.7) * np.sin(math.pi * place**0.7) + rng.uniform(-0.5, 0.3) * place
        hz[start:end] *= rng.uniform(0.85, 1.18) * np.exp(bend)
    hz *= np.exp(0.02 * np.sin(2 * math.pi * rng.uniform(4, 30) * np.arange(count) / rate))
    formants = tuple(np.sort(np.exp(rng.uniform(math.log(400), math.log(4500), size=rng.integers(2, 4)))))
    voice = _unit(_voice(hz, rate, rng, rng.uniform(0.4, 1.4), formants))
    breath = _unit(coloured(count, 0.5, rate, rng).astype(np.float64)) * 10 ** (rng.uniform(-40, 0) / 20)
    return (voice + breath) * _smooth(call, rate, 0.03)


def knocks(count: int, rate: int, rng: np.random.Generator) -> Curve:
    """Steps, typing, dishes, hammers: short bursts of noise or of a few resonances."""
    decay_s = np.exp(rng.uniform(math.log(0.004), math.log(0.15)))
    time = np.arange(round(6 * decay_s * rate) + 1) / rate
    every_s, regular = np.exp(rng.uniform(math.log(0.06), math.log(1.2))), rng.random() < 0.4
    modes, noisy = np.exp(rng.uniform(math.log(80), math.log(6000), size=4)), rng.uniform(0, 1)
    sound, at_s = np.zeros(count), rng.uniform(0, every_s)
    while at_s * rate < count:
        ring = sum(rng.rayleigh(1.0) * np.sin(2 * math.pi * hz * rng.uniform(0.97, 1.03) * time) for hz in modes)
        strike = np.exp(-time / decay_s) * (noisy * 2 * rng.standard_normal(len(time)) + (1 - noisy) * ring)
        start = int(at_s * rate)
        sound[start : start + len(strike)] += rng.uniform(0.2, 1) * strike[: count - start]
        at_s += every_s * rng.uniform(0.95, 1.05) if regular else rng.exponential(every_s) + 0.01
    return sound


def air(count: int, rate: int, rng: np.random.Generator) -> Curve:
    """Fans, wind, water, mains and the hiss of a microphone: noise of any color, steady or in gusts."""
    hiss = Equalizer(12.0, rate, int(rng.integers(2**32))).process(coloured(count, rng.uniform(-0.5, 2.5), rate, rng))
    sound = hiss * np.exp(rng.uniform(0, 0.8) * _wander(count, rate, rng))
    if rng.random() < 0.3:
        sound += hum(count, int(rng.choice([50, 60])), rate, rng) * 10 ** (rng.uniform(-30, 5) / 20)
    return np.asarray(sound, np.float64)


KINDS: tuple[Callable[[int, int, np.random.Generator], Curve], ...] = (
    siren,
    beeps,
    horn,
    bells,
    motor,
    chirps,
    calls,
    knocks,
    air,
)


def _voice(hz: Curve, rate: int, rng: np.random.Generator, slope: float, formants: tuple[float, ...] = ()) -> Curve:
    """Up to twelve harmonics of a pitch [n] in Hz, of levels 1 / order**slope, stronger near the formants."""
    phase = 2 * math.pi * np.cumsum(hz) / rate
    sound = np.zeros(len(hz))
    odd = rng.random() < 0.3
    for order in range(1, 13):
        if odd and order % 2 == 0:
            continue
        # Faded out towards the top, so that nothing folds back.
        level = rng.uniform(0.4, 1) / order**slope * np.clip((TOP_HZ - order * hz) / 1000, 0, 1)
        if formants:
            level = level * sum(np.exp(-((np.log2(order * hz / formant) / 0.4) ** 2)) + 0.05 for formant in formants)
        sound += level * np.sin(order * phase + rng.uniform(0, 2 * math.pi))
    return sound


def _at_times(
    count: int, rate: int, rng: np.random.Generator, on_s: tuple[float, float], off_s: tuple[float, float]
) -> Curve:
    """1 while something sounds, 0 between [count]; it sounds at least once."""
    parts: list[Curve] = [np.zeros(round(rng.uniform(0, 0.3) * rate))]
    on, off = rng.uniform(*on_s), rng.uniform(*off_s)
    while sum(map(len, parts)) < count:
        parts.append(np.ones(max(1, round(on * rng.uniform(0.6, 1.4) * rate))))
        parts.append(np.zeros(round(off * rng.uniform(0.5, 1.5) * rate)))
    return np.concatenate(parts)[:count]


def _wander(count: int, rate: int, rng: np.random.Generator) -> Curve:
    """A slow random line [count] of deviation about 1: one new value for each 0.3 s, straight between them."""
    points = rng.standard_normal(count * 10 // (3 * rate) + 3)
    return np.interp(np.arange(count) / (0.3 * rate), np.arange(len(points)), points)


def _smooth(gate: Curve, rate: int, seconds: float) -> Curve:
    """Edges [n] made soft, so that they do not click."""
    width = max(1, round(seconds * rate))
    sums = np.cumsum(np.concatenate([np.zeros(width), gate]))
    return (sums[width:] - sums[:-width]) / width


def _unit(sound: Curve) -> Curve:
    return sound / max(float(np.std(sound)), 1e-9)
