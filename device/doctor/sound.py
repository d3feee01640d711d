"""What a reading of the microphone says: slots, noise, offset, clipping, losses."""

import math
from collections.abc import Iterator

import numpy as np

from device.doctor.finding import Finding, State, Value, fail, ok, warn
from device.doctor.meter import Reading
from device.hearing.gate import GateSettings

I2S_WIRES = (
    "check its wires: VDD at 3V3 (pin 1), GND (6), SCK at GPIO18 (12), WS at GPIO19 (35), SD at GPIO20 (38), "
    "L/R at ground; see docs/wiring.md"
)
OTHER_WIRES = "unmute it and turn it up (alsamixer, F4), check its plug, or choose another one with --mic"
FLOATING_RMS, FLOATING_LIKENESS = 0.25, 0.3
"""From this level on, and below this correlation of neighbors, it is no sound: random bits have 0.58 and 0. Music has
neighbors at 48 kHz that are much alike, and comes to 0.25 in an INMP441 (-26 dBFS at 94 dB SPL) at 108 dB SPL only."""
MUTED_DB = -100.0
"""Of the loudest hop: the noise of a microphone of 61 dB signal to noise is at -87 dBFS."""
NOISY_DB = -40.0
"""Of the floor: 80 dB SPL in that microphone, a vacuum cleaner beside it."""
MOST_OFFSET = 0.1
FEW_CLIPPED = 1e-4
MOST_LOST = 0.1


def sound(reading: Reading, gate: GateSettings, i2s: bool) -> Iterator[Finding]:
    """Findings, in the order in which they are of use; the first one that is hopeless ends it.

    gate: when the lamp takes a sound for silence. i2s: whether the microphone is wired to the Pi's I2S.
    """
    wires = I2S_WIRES if i2s else OTHER_WIRES
    names = slot_names(len(reading.alive))
    slots = _slots(reading, names, wires)
    yield slots
    if slots.state is State.FAIL:
        return
    yield _noise(reading, gate, wires)
    yield _offset(reading, names)
    yield _clipping(reading)
    yield _losses(reading)


def slot_names(count: int) -> list[str]:
    """What the slots are called."""
    return ["the only one"] if count == 1 else ["left", "right", *map(str, range(3, count + 1))][:count]


def _slots(reading: Reading, names: list[str], wires: str) -> Finding:
    if reading.constant.all():
        if not reading.offset.any():
            return fail("slots", f"nothing but zeros in {reading.heard_s:.1f} s", wires)
        values = " and ".join(f"{value:.6f}" for value in reading.offset)
        return fail("slots", f"nothing but the same value in {reading.heard_s:.1f} s ({values})", wires)
    floating = reading.alive & (reading.rms > FLOATING_RMS) & (np.abs(reading.likeness) < FLOATING_LIKENESS)
    if floating.any():
        which = _join(names, floating)
        level = 20 * math.log10(float(reading.rms[floating].max()))
        return fail("slots", f"random bits at {level:.0f} dBFS, no sound ({which}): the data pin floats", wires)
    values_of: dict[str, Value] = {"alive": [name for name, alive in zip(names, reading.alive, strict=True) if alive]}
    if len(names) == 1:
        return ok("slots", "one, alive", **values_of)
    if reading.alive.all():
        return ok("slots", f"{_join(names, reading.alive)} are alive, their mean is heard", **values_of)
    dead = _join(names, ~reading.alive)
    return ok("slots", f"{_join(names, reading.alive)} is alive, {dead} dead, as with one microphone", **values_of)


def _noise(reading: Reading, gate: GateSettings, wires: str) -> Finding:
    floor, loudest = reading.floor_db, reading.loudest_db
    found = f"floor {floor:.0f} dBFS, loudest {loudest:.0f} dBFS"
    values = {"floor_dbfs": round(floor, 1), "loudest_dbfs": round(loudest, 1)}
    if loudest < MUTED_DB:
        return warn("noise", f"{found}: quieter than any microphone", wires, **values)
    if floor > NOISY_DB:
        return warn(
            "noise",
            f"{found}: never quiet",
            "run it again without music; if it stays so, move the microphone away from what hums, or turn it down",
            **values,
        )
    if loudest <= gate.quiet_db:
        found += f"; up to {gate.quiet_db:g} dBFS (gate.quiet_db) it is silence to the lamp"
    return ok("noise", found, **values)


def _offset(reading: Reading, names: list[str]) -> Finding:
    percent = [100 * value for value in reading.offset.tolist()]
    told = ", ".join(
        f"{name} {abs(each):.1f} %" if len(names) > 1 else f"{abs(each):.1f} %"
        for name, each, alive in zip(names, percent, reading.alive, strict=True)
        if alive
    )
    values: dict[str, Value] = {"offset_percent": [round(each, 4) for each in percent]}
    if float(np.abs(reading.offset[reading.alive]).max()) > MOST_OFFSET:
        return warn(
            "offset",
            f"{told} of full scale: loud sound will clip early",
            "check ground and supply of the microphone; one that stays so should be replaced",
            **values,
        )
    return ok("offset", f"{told} of full scale, which is filtered out", **values)


def _clipping(reading: Reading) -> Finding:
    share = float(reading.clipped[reading.alive].mean())
    values = {"clipped_percent": round(100 * share, 4)}
    if share <= FEW_CLIPPED:
        return ok("clipping", "none" if share == 0 else f"{100 * share:.2g} % of samples", **values)
    return warn(
        "clipping",
        f"{100 * share:.2g} % of samples are at full scale",
        "turn the music or the microphone down, or move them apart",
        **values,
    )


def _losses(reading: Reading) -> Finding:
    whole_s = reading.heard_s + reading.lost_s + reading.deaf_s
    values = {"heard_s": round(reading.heard_s, 2), "lost_s": round(reading.lost_s + reading.deaf_s, 3)}
    gone_s = reading.lost_s + reading.deaf_s
    if gone_s == 0:
        return ok("losses", f"none in {whole_s:.1f} s", **values)
    found = f"{gone_s:.2f} of {whole_s:.1f} s of sound were lost"
    if gone_s > MOST_LOST * whole_s:
        return fail(
            "losses", found, "check cable and supply, and end other programs that keep the computer busy", **values
        )
    return warn("losses", found, "end other programs that keep the computer busy, and run it again", **values)


def _join(names: list[str], chosen: np.ndarray) -> str:
    return " and ".join(name for name, each in zip(names, chosen, strict=True) if each)
