"""The lamp's lines in config.txt of the Raspberry Pi's firmware: one block between two marks, the rest as it was."""

from hardware.appliance.choices import I2S, PIN_OF_SPI
from hardware.errors import HardwareError

BEGIN, END = b"# >>> lampyris", b"# <<< lampyris"
_HINT = b": by setup.sh, which takes it away again"
_NO_END = b", after a line without an end"
"""Told in the mark, so that taking the block away leaves the file as it was to the byte."""


def lines(mic: str, pin: int, leds: int) -> list[str]:
    """What the lamp wants of the firmware. pin, leds: of the strip.

    Sources: the overlays' README of the Raspberry Pi kernel; for SPI the README of rpi_ws281x.
    """
    wanted = ["[all]", "dtparam=audio=off"]  # analog audio uses the PWM of the strip
    if mic == I2S:
        wanted.append("dtoverlay=googlevoicehat-soundcard")
    if pin == PIN_OF_SPI:
        # The clock of SPI hangs on that of the core, which else changes with the load.
        wanted += ["dtparam=spi=on", "[pi3]", "core_freq=250", "[pi4]", "core_freq_min=500"]
    else:
        wanted += ["[pi5]", f"dtoverlay=ws2812-pio,gpio={pin},num_leds={leds}"]
    return [*wanted, "[all]"]


def with_block(text: bytes, wanted: list[str]) -> bytes:
    """The file with exactly one block, with these lines, in its place or at the end. Raises HardwareError."""
    before, old, after = _parts(text)
    end = b"\r\n" if b"\r\n" in (old or text) else b"\n"
    unended = _NO_END in old.partition(b"\n")[0] if old else before != b"" and not before.endswith(b"\n")
    mark = BEGIN + (_NO_END if unended else b"") + _HINT
    block = end.join([mark, *(line.encode() for line in wanted), END, b""])
    return before + (end if unended and not old else b"") + block + after


def without_block(text: bytes) -> bytes:
    """The file as it was before with_block. Raises HardwareError."""
    before, old, after = _parts(text)
    if old and not after and _NO_END in old.partition(b"\n")[0]:  # what came after it needs that line's end
        before = before.removesuffix(b"\r\n" if b"\r\n" in old else b"\n")
    return before + after


def _parts(text: bytes) -> tuple[bytes, bytes, bytes]:
    """What is before the block, the block (empty if there is none) and what is after."""
    all_lines = text.splitlines(keepends=True)
    begins = [i for i, line in enumerate(all_lines) if line.startswith(BEGIN)]
    ends = [i for i, line in enumerate(all_lines) if line.startswith(END)]
    if not begins and not ends:
        return text, b"", b""
    if len(begins) != 1 or len(ends) != 1 or begins[0] > ends[0]:
        raise HardwareError(
            f"The marks '{BEGIN.decode()}' and '{END.decode()}' in config.txt don't belong together any more; remove "
            "them and the lines between them by hand, and run setup.sh again."
        )
    first, last = begins[0], ends[0] + 1
    return b"".join(all_lines[:first]), b"".join(all_lines[first:last]), b"".join(all_lines[last:])
