"""Stream: one opening of a device, from the callback of PortAudio to a ring."""

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from hardware.capture.devices import Device
from hardware.capture.portaudio import reason
from hardware.capture.ring import Ring
from hardware.errors import HardwareError
from hardware.quiet import quiet_stderr

RATES = (48_000, 44_100, 96_000, 32_000, 16_000, 8_000)
"""What is tried, the first for the I2S card; after it goes what the device prefers."""
SLOTS = 2
BLOCK = 800
"""Frames of a callback, 16.7 ms: three are a hop of the lamp, so that every hop is as late as the others. PortAudio
makes ALSA's buffer two such blocks long: with much less, a busy moment overruns it."""
RING_S = 2.0
JUMP_S = 0.25
"""A block that begins so much later than the one before ended was preceded by a loss, even if nobody says so."""


class Stream:
    """Hears a device until it is closed.

    device: from `find`, of the same `portaudio`. audio: the module pyaudio. clock: seconds, for when blocks come.
    rate, slots: what it must give; None takes the best that it can.

    ring: what was heard and not yet read. lost: samples per slot that the device lost, which the ring doesn't count.
    Raises HardwareError, from the constructor, when it can't be opened.
    """

    def __init__(
        self,
        audio: Any,
        portaudio: Any,
        device: Device,
        clock: Callable[[], float],
        rate: int | None = None,
        slots: int | None = None,
    ) -> None:
        self._audio, self._clock = audio, clock
        self.slots = min(device.slots, SLOTS) if slots is None else slots
        self.lost = 0
        self._told = audio.paInputOverflow | audio.paInputUnderflow
        self._end_s: float | None = None  # of the last block, by the clock of the sound card
        self.progress = (0, clock())
        self._stream = self._open(
            portaudio, device, [rate] if rate else list(dict.fromkeys((48_000, device.rate, *RATES)))
        )
        try:
            with quiet_stderr():
                self._stream.start_stream()
        except OSError as error:
            self.close()
            raise HardwareError(_unusable(device, error)) from error

    def _open(self, portaudio: Any, device: Device, rates: list[int]) -> Any:
        for rate in rates:
            self.rate = rate
            self.ring = Ring(self.slots, max(round(RING_S * rate), 2 * BLOCK))
            try:
                with quiet_stderr():
                    return portaudio.open(
                        rate=rate,
                        channels=self.slots,
                        format=self._audio.paInt32,
                        input=True,
                        input_device_index=device.index,
                        frames_per_buffer=BLOCK,
                        start=False,
                        stream_callback=self._hear,
                    )
            except OSError as error:
                if rate == rates[-1] or error.errno != self._audio.paInvalidSampleRate:
                    raise HardwareError(_unusable(device, error)) from error
        raise AssertionError("there is always a rate to try")

    @property
    def next_s(self) -> float:
        """When the next block should come, by the clock."""
        return self.progress[1] + BLOCK / self.rate

    @property
    def active(self) -> bool:
        """Whether the device still promises sound."""
        try:
            return bool(self._stream.is_active())
        except OSError:
            return False

    def close(self) -> None:
        """Give the device back; one that is gone is no trouble."""
        with contextlib.suppress(OSError), quiet_stderr():
            self._stream.close()

    def _hear(self, data: bytes, count: int, times: Mapping[str, float], flags: int) -> tuple[None, int]:
        """PortAudio calls this in a thread of its own: it copies, counts and returns."""
        now_s = self._clock()
        begin_s = times["input_buffer_adc_time"] or now_s - count / self.rate  # 0 where a system does not tell
        gap_s = 0.0 if self._end_s is None else begin_s - self._end_s
        passed_s = now_s - self.progress[1]
        if abs(gap_s) > passed_s + JUMP_S:  # the time it goes by was set, as by a time server, and nothing is lost
            gap_s = passed_s - count / self.rate
        self._end_s = begin_s + count / self.rate
        lost = 0
        if self._counted and (flags & self._told or gap_s > JUMP_S):
            lost = max(1, round(gap_s * self.rate))
            self.lost += lost
            self.ring.lose(lost)
        self.ring.write(np.frombuffer(data, np.int32).reshape(count, self.slots))
        self.progress = (self._counted + lost + count, now_s)
        return None, self._audio.paContinue

    @property
    def _counted(self) -> int:
        return self.progress[0]


def _unusable(device: Device, error: OSError) -> str:
    return (
        f"The microphone {device.shown} can't be used ({reason(error)}); "
        "end other programs that use it, check its cable, or choose another one with --mic."
    )
