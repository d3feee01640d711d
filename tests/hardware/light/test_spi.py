"""The SPI encoder, decoded back without it, and what can be wrong with the device."""

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hardware.errors import HardwareError
from hardware.light.drivers.spi import SPEED_HZ, Encoder, SpiStrip, open_strip
from hardware.light.settings import StripSettings

GAP_BITS = round(300e-6 * SPEED_HZ)
shapes = st.tuples(st.integers(1, 70), st.sampled_from([3, 4]))


def decoded(message: np.ndarray) -> bytes:
    """What a strip would read: by how long the wire is high from one rising edge on, in bits of SPI."""
    bits = "".join(f"{byte:08b}" for byte in message.tolist())
    assert bits.startswith("0" * GAP_BITS)
    assert bits.endswith("0" * GAP_BITS)
    symbols = bits[GAP_BITS : len(bits) - GAP_BITS]
    values = {"100": "0", "110": "1"}
    read = "".join(values[symbols[place : place + 3]] for place in range(0, len(symbols), 3))
    return int(read, 2).to_bytes(len(read) // 8, "big")


@given(frame=shapes.flatmap(lambda shape: arrays(np.uint8, shape)))
def test_every_bit_comes_back(frame: np.ndarray) -> None:
    encoder = Encoder(*frame.shape)
    message = encoder.process(frame)
    assert len(message) == encoder.size
    assert decoded(message) == frame.tobytes()


def test_a_frame_leaves_no_trace_in_the_next() -> None:
    encoder = Encoder(2, 3)
    encoder.process(np.full((2, 3), 255, np.uint8))
    assert decoded(encoder.process(np.zeros((2, 3), np.uint8))) == bytes(6)


def test_the_symbols_keep_within_what_a_ws2812_takes() -> None:
    bit_us = 1e6 / SPEED_HZ
    assert abs(bit_us - 0.4) < 0.15
    assert abs(2 * bit_us - 0.8) < 0.15
    assert 3 * bit_us == pytest.approx(1.25)


def test_too_long_a_frame_is_told_before_anything_is_opened(tmp_path: Path) -> None:
    room = tmp_path / "bufsiz"
    room.write_text("4096\n")
    with pytest.raises(HardwareError, match=r"4[0-9]{3} bytes .* takes 4096; append spidev.bufsiz=32768"):
        SpiStrip(440, 3, str(tmp_path / "none"), str(room))
    with pytest.raises(HardwareError, match="dtparam=spi=on"):
        SpiStrip(400, 3, str(tmp_path / "none"), str(room))


def test_what_is_no_device_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    for name in ("file", "pipe"):
        with pytest.raises(HardwareError, match="is no device, so nothing is written to it"):
            SpiStrip(1, 3, str(tmp_path / name), str(tmp_path / "bufsiz"))
    assert (tmp_path / "file").read_bytes() == b""
    os.close(reader)
    with pytest.raises(HardwareError, match="pipe can't be opened"):  # and not waited for
        SpiStrip(1, 3, str(tmp_path / "pipe"), str(tmp_path / "bufsiz"))
    with pytest.raises(HardwareError, match="check that it is an SPI device"):
        SpiStrip(1, 3, "/dev/null", str(tmp_path / "bufsiz"))


def test_a_device_that_may_not_be_opened_says_which_group(tmp_path: Path) -> None:
    with pytest.raises(HardwareError, match="group spi"):
        SpiStrip(1, 3, str(tmp_path), str(tmp_path / "bufsiz"))


def test_only_gpio_10_can_be_it() -> None:
    with pytest.raises(HardwareError, match="GPIO10, not on GPIO12"):
        open_strip(StripSettings(driver="spi", pin=12))
