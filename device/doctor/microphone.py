"""The microphone: is it there, whose is it, and what comes out of it?"""

import time
from collections.abc import Callable, Iterator
from typing import Any

from device.doctor.finding import Finding, fail, from_error, ok, skip, warn
from device.doctor.holder import holder_of
from device.doctor.host import Host
from device.doctor.meter import Meter, Reading
from device.doctor.sound import sound
from device.errors import InputError
from device.hearing.gate import GateSettings
from hardware.capture.devices import I2S_CARD, preferred
from hardware.capture.microphone import CaptureMicrophone
from hardware.errors import HardwareError

SETTLE_S = 0.5
"""What a microphone gives at first is its own start, not the room."""
BEST_RATE = 48_000
OFF = 0.03
"""Blocks of 0.02 s in some seconds can't tell less; 44.1 kHz given as 48 kHz is off by 0.08."""
LEAST_S = 2.0
"""Less sound tells nothing of its rate."""
_PREPARE = (
    "put dtoverlay=googlevoicehat-soundcard into /boot/firmware/config.txt and restart (docs/wiring.md), or name "
    "another one with --mic"
)

Progress = Callable[[str], None]


class Hearing:
    """Opens a microphone and hears it for a while.

    clock, sleep, audio: as for CaptureMicrophone. progress: takes what is being done.
    """

    def __init__(
        self,
        host: Host,
        progress: Progress,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        audio: Any = None,
    ) -> None:
        self._host, self._progress = host, progress
        self._clock, self._sleep, self._audio = clock, sleep, audio

    def findings(self, named: str | None, seconds: float, gate: GateSettings) -> Iterator[Finding]:
        """named: of the microphone, None for that of a lamp that was told nothing. seconds: to hear it."""
        wanted = preferred(self._host.proc) if named is None else named
        if wanted is None:
            yield skip(
                "microphone",
                "this is no Raspberry Pi, which would have its own",
                "test one with --mic NAME, or --mic default",
            )
            return
        self._progress("opening the microphone")
        try:
            # What it says while it hears shows in what was heard.
            with CaptureMicrophone(
                wanted, lambda sentence: None, self._clock, self._sleep, self._audio, self._host.proc
            ) as microphone:
                reading, rate = self._hear(microphone, seconds)
        except (HardwareError, InputError) as error:
            yield self._unheard(wanted, named is None, error)
            return
        if reading.heard_s == 0:
            yield fail(
                "microphone", f"{microphone.name} opens and gives no sound", "check its cable, and plug it in anew"
            )
            return
        yield ok("microphone", microphone.name, name=microphone.name)
        yield _format(microphone, rate)
        yield from sound(reading, gate, I2S_CARD in microphone.name or "voicehat" in microphone.name)

    def _hear(self, microphone: CaptureMicrophone, seconds: float) -> tuple[Reading, float | None]:
        """What it gave, and how many samples a second by the clock; None where that can't be told."""
        began_s = self._clock()
        while self._clock() < began_s + SETTLE_S:
            microphone.read()
        meter = Meter(microphone.rate, microphone.slots)
        began_s, waited = self._clock(), microphone.behind_s * microphone.rate
        count, whole = 0, True
        while (past_s := self._clock() - began_s) < seconds:
            self._progress(f"{past_s:.0f} of {seconds:g} s: hearing {microphone.name}")
            block = microphone.read()
            assert block is not None  # a microphone does not end
            meter.process(block)
            count += len(block.samples)
            whole &= not block.lost and not block.deaf
        past_s = self._clock() - began_s
        count += round(microphone.behind_s * microphone.rate - waited)
        return meter.reading, count / past_s if whole and past_s >= LEAST_S else None

    def _unheard(self, wanted: str, own: bool, error: Exception) -> Finding:
        holder = holder_of(wanted, self._host.proc)
        if holder is not None:
            who = "a lamp" if holder.is_lamp else holder.command or "a program"
            return warn(
                "microphone",
                f"busy: process {holder.pid} ({who}) hears {holder.card}",
                f"to have it tested, end that first (kill {holder.pid}, or stop its service)",
                pid=holder.pid,
            )
        if own and I2S_CARD not in (self._host.text("/proc/asound/cards") or ""):
            return fail("microphone", f"there is no I2S card ({I2S_CARD})", _PREPARE)
        return from_error("microphone", error, "choose another one with --mic")


def _format(microphone: CaptureMicrophone, rate: float | None) -> Finding:
    found = f"{microphone.rate} Hz, {microphone.slots} slot{'s' * (microphone.slots > 1)}, 32 bits"
    values = {"rate_hz": microphone.rate, "slots": microphone.slots}
    if rate is not None:
        values["true_rate_hz"] = round(rate)
        if abs(rate / microphone.rate - 1) > OFF:
            return fail(
                "format",
                f"{found}, but {rate:.0f} samples a second came: music would have a wrong pitch and speed",
                "choose another one with --mic, or set its card to the rate that it really has",
                **values,
            )
    if microphone.rate != BEST_RATE:
        return warn(
            "format",
            f"{found}; the lamp is made for {BEST_RATE} Hz and converts it",
            f"choose a microphone that has {BEST_RATE} Hz, if there is one",
            **values,
        )
    return ok("format", found, **values)
