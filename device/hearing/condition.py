"""Conditioner: raw blocks of a microphone or a file become clean mono sound at the model's rate."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from device.errors import InputError
from device.hearing.clipping import Clipping
from device.hearing.highpass import HighPass
from device.hearing.level import FLOOR_DB, Level
from device.hearing.resample import Resampler
from device.hearing.slots import LiveSlots
from hardware.microphone import Block

CUTOFF_HZ = 20.0
HOP_S = 0.05
CLIP = 0.999
LIMIT = 8.0
"""Samples are held within ±LIMIT: far over full scale, so that no sound is touched, yet nothing can overflow later."""

Samples = NDArray[np.float32]


class Conditioner:
    """Mix, clean, change of rate, removal of DC; the same under any chunking.

    The slots are averaged, samples that are not finite count as silence, the rate is changed (see Resampler for the
    time alignment), and a one-pole high-pass at 20 Hz takes out DC (HighPass). Of a live microphone only the slots that
    are not dead are averaged (LiveSlots); the two channels of a recording always are.

    non_finite: samples of all slots that were NaN or infinite.
    clipped: finite samples of all slots with a magnitude of at least 0.999; clipped_share: of those of the last 5 s.
    alive: [slots], which slots are heard.
    lost: samples per slot that the source reported as lost. After a gap the sound before it is let go (a few ms that
    were held back) and the change of rate starts afresh.
    level_db: RMS of the last full hop of 50 ms in dBFS, -120 at the beginning.

    Raises InputError for rates that the Resampler cannot work with and for no slots.
    """

    def __init__(self, rate_in: int, slots: int, rate_out: int = 24_000, live: bool = False) -> None:
        if slots < 1:
            raise InputError(f"A sound source needs at least one channel, not {slots}.")
        self.slots = slots
        self._resampler = Resampler(rate_in, rate_out)
        self._live_slots = LiveSlots(slots, rate_in) if live else None
        self._clipping = Clipping(rate_in * slots)
        self._highpass = HighPass(CUTOFF_HZ, rate_out)
        self._level = Level(round(HOP_S * rate_out))
        self.reset()

    @property
    def clipped_share(self) -> float:
        """Share of the samples of the last 5 s that were at full scale, 0 to 1."""
        return self._clipping.share

    @property
    def alive(self) -> NDArray[np.bool_]:
        """Which slots are heard, [slots]."""
        return np.ones(self.slots, bool) if self._live_slots is None else self._live_slots.alive

    def process(self, block: Block) -> Samples:
        """A block (int32 with full scale 2**31, or float32; [n, slots]) to float32 mono [m] at rate_out.

        Raises ValueError for a block of another shape or type.
        """
        samples = block.samples
        if samples.ndim != 2 or samples.shape[1] != self.slots:
            raise ValueError(f"A block needs the shape [n, {self.slots}], not {samples.shape}.")
        if samples.dtype != np.int32 and samples.dtype != np.float32:
            raise ValueError(f"A block needs samples of type int32 or float32, not {samples.dtype}.")
        if block.lost:
            self.lost += block.lost
            self._level.reset()
            self._resampler.reset()
        return self._finish(self._resampler.process(self._mix(samples)))

    def flush(self) -> Samples:
        """The end of the sound, which the change of rate still held back; counters and level stay as they are."""
        return self._finish(self._resampler.flush())

    def reset(self) -> None:
        """A fresh start: filters, level and counters."""
        self._resampler.reset()
        self._level.reset()
        self._highpass.reset()
        self._clipping.reset()
        if self._live_slots is not None:
            self._live_slots.reset()
        self.non_finite = self.clipped = self.lost = 0
        self.level_db = FLOOR_DB

    def _mix(self, samples: NDArray[Any]) -> Samples:
        before = self.clipped
        clean = self._clean(samples)
        if self._live_slots is not None:
            mono = self._live_slots.process(clean)
        else:
            mono = np.zeros(len(samples), np.float32)
            for slot in range(self.slots):
                mono += clean[:, slot]
            mono /= self.slots
        if len(samples):
            self._clipping.process(self.clipped - before, samples.size)
        return mono

    def _clean(self, samples: NDArray[Any]) -> Samples:
        if samples.dtype == np.int32:
            samples = samples.astype(np.float32)
            samples *= np.float32(2.0**-31)
        # One pass tells whether anything is wrong: a NaN fails the comparison too.
        if len(samples) and not np.abs(samples).max() < CLIP:
            finite = np.isfinite(samples)
            self.non_finite += int(np.count_nonzero(~finite))
            samples = np.where(finite, samples, np.float32(0))
            self.clipped += int(np.count_nonzero(np.abs(samples) >= CLIP))
            samples = np.clip(samples, -LIMIT, LIMIT)
        return samples

    def _finish(self, samples: Samples) -> Samples:
        if not len(samples):
            return samples
        clean = self._highpass.process(samples)
        levels = self._level.process(clean)
        if len(levels):
            self.level_db = float(levels[-1])
        return clean
