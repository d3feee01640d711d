"""Levels the rendered sections, joins them with their tails and keeps the peaks below the ceiling."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import maximum_filter1d, uniform_filter1d
from scipy.signal import butter, sosfilt

CEILING_DB = -2.0
CABINET_HZ = 5200.0


def to_db(value: float) -> float:
    """An amplitude in decibels relative to full scale."""
    return 20.0 * float(np.log10(max(value, 1e-9)))


def rms_db(sound: np.ndarray) -> float:
    """Root mean square over all channels, in dBFS."""
    return to_db(float(np.sqrt(np.mean(np.square(sound)))))


def limit(sound: np.ndarray, rate: int, ceiling_db: float = CEILING_DB) -> np.ndarray:
    """A look-ahead limiter: the gain falls 3 ms before a peak and recovers smoothly after it."""
    ceiling = 10.0 ** (ceiling_db / 20.0)
    peak = np.abs(sound).max(axis=1)
    need = np.maximum(1.0, maximum_filter1d(peak, int(0.008 * rate)) / ceiling)
    held = maximum_filter1d(need, int(0.03 * rate))
    gain = 1.0 / uniform_filter1d(held, int(0.02 * rate))
    return np.clip(sound * gain[:, None], -ceiling, ceiling)


def shape(sound: np.ndarray, rate: int, length_s: float, target_db: float, drive: float, presence: float) -> np.ndarray:
    """One section: rumble removed, treble tilted, saturated, then brought to its level over its own length.

    `presence` adds (or below 0 takes away) that share of what lies above 1.8 kHz; `drive` 0 is clean.
    """
    sound = sosfilt(butter(2, 32.0, "high", fs=rate, output="sos"), sound, axis=0)
    sound = sound + presence * sosfilt(butter(1, 1800.0, "high", fs=rate, output="sos"), sound, axis=0)
    body = slice(0, int(length_s * rate))
    if drive > 0.0:
        hot = sound / max(1e-9, float(np.sqrt(np.mean(sound[body] ** 2)))) * drive
        sound = np.tanh(hot)
    for _ in range(4):  # limiting lowers the level a little, so aim again
        sound = sound * 10.0 ** ((target_db - rms_db(sound[body])) / 20.0)
        sound = limit(sound, rate)
    return sound


def overdrive(sound: np.ndarray, rate: int, amp: float) -> np.ndarray:
    """A guitar amplifier, as loud as what goes in: bass out, hard clipping at `amp` times its mean level, a cabinet."""
    level = float(np.sqrt(np.mean(np.square(sound))))
    hot = sosfilt(butter(1, 220.0, "high", fs=rate, output="sos"), sound, axis=0) * amp / max(1e-9, level)
    hot = np.tanh(hot + 0.15) - np.tanh(0.15)  # a little lopsided, as valves are: even harmonics too
    cabinet = butter(4, (75.0, CABINET_HZ), "band", fs=rate, output="sos")
    out = sosfilt(cabinet, hot, axis=0)
    return out * level / max(1e-9, float(np.sqrt(np.mean(np.square(out)))))


def fade(sound: np.ndarray, rate: int, in_s: float, out_s: float) -> np.ndarray:
    """The sound with raised-cosine fades at both ends."""
    sound = sound.copy()
    for seconds, end in ((in_s, False), (out_s, True)):
        count = min(len(sound), int(seconds * rate))
        ramp = 0.5 - 0.5 * np.cos(np.pi * np.arange(count) / max(1, count))
        if end:
            sound[len(sound) - count :] *= ramp[::-1, None]
        else:
            sound[:count] *= ramp[:, None]
    return sound


def join(pieces: list[tuple[np.ndarray, float, float]], rate: int) -> np.ndarray:
    """Adds (sound, length_s, tail_s) pieces one after another, each tail ringing into the next piece."""
    starts = np.cumsum([0.0] + [length for _, length, _ in pieces])
    total = int((starts[-1] + pieces[-1][2]) * rate)
    out = np.zeros((total, pieces[0][0].shape[1]))
    for start, (sound, length, tail) in zip(starts, pieces, strict=False):
        at = int(start * rate)
        part = fade(sound[: min(len(sound), int((length + tail) * rate), total - at)], rate, 0.002, tail)
        out[at : at + len(part)] += part
    return limit(out, rate)
