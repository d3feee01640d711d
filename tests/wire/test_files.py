"""What goes into the files of SPI and of the Pi 5's kernel driver, bit by bit, on a board that is not there."""

import subprocess
from pathlib import Path

import numpy as np
import pytest

from hardware.light.drivers import spi
from hardware.light.drivers.spi import SPEED_HZ
from hardware.light.wire import RESET_S
from tests.wire import pi
from tests.wire.conftest import Board
from tests.wire.programs import CHOICE, FRAMES, REFUSED, SHOW, noise, with_dark

NEW_KERNEL = "import platform\nplatform.release = lambda: '6.12.60'\n"
PI_5 = {"FAKEPI_REV": "c04170", "FAKEPI_MODEL": "Raspberry Pi 5 Model B Rev 1.0"}


def test_spi_sends_every_byte_of_every_frame(board: Board) -> None:
    strips = [(1, "GRB"), (60, "GRB"), (300, "GRB"), (60, "GRBW"), (300, "GRBW")]
    run = board(SHOW, "spi", *(f"{pixels},{order},10" for pixels, order in strips))
    assert (run.code, run.err) == (0, "")
    sent = run.of("spi")
    gap = round(RESET_S * SPEED_HZ)
    for pixels, order in strips:
        for frame in with_dark(noise(pixels, len(order))):
            entry = sent.pop(0)
            assert (entry["hz"], entry["mode"], entry["bits"]) == (SPEED_HZ, 0, 8)
            bits = np.unpackbits(np.frombuffer(bytes.fromhex(entry["hex"]), dtype=np.uint8))
            assert not bits[:gap].any()
            assert len(bits) == 2 * gap + frame.size * 24
            np.testing.assert_array_equal(pi.symbols_to_bytes(bits[gap:], frame.size), frame.ravel())
    assert not sent


def test_spi_says_when_the_kernel_takes_less_than_a_frame(board: Board) -> None:
    run = board(REFUSED.replace("pixels=60", "pixels=600"), "spi")
    assert "spidev.bufsiz=32768" in run.out


@pytest.mark.parametrize("order", ["GRB", "GRBW"])
def test_pio_sends_the_bytes_in_the_order_of_the_settings(board: Board, order: str) -> None:
    run = board(NEW_KERNEL + SHOW, "pio", f"60,{order},", FAKEPI_LEDS="60")
    assert (run.code, run.err) == (0, "")
    sent = [np.frombuffer(bytes.fromhex(entry["hex"]), dtype=np.uint8).reshape(60, 4) for entry in run.of("leds")]
    assert {entry["brightness"] for entry in run.of("leds")} == {0}
    # Two probes of the length and the first dark frame come before; the white of a strip without is not sent.
    for got, frame in zip(sent[-FRAMES - 1 :], with_dark(noise(60, len(order)))[1:], strict=True):
        np.testing.assert_array_equal(got[:, : len(order)], frame)
    assert not sent[0].any()


@pytest.mark.parametrize("leds", ["59", "61", "1"])
def test_pio_refuses_another_number_of_leds(board: Board, leds: str) -> None:
    assert "num_leds=60" in board(NEW_KERNEL + REFUSED, "pio", FAKEPI_LEDS=leds).out


@pytest.mark.parametrize(
    ("environment", "driver"),
    [({}, "PWM on GPIO12"), (PI_5, "ws2812-pio")],
)
def test_auto_says_what_it_chose(board: Board, environment: dict[str, str], driver: str) -> None:
    assert driver in board(CHOICE, **environment).out


def test_the_requests_of_spi_are_those_of_the_kernel_s_header(fakepi: Path, tmp_path: Path) -> None:
    names = ("SPI_IOC_WR_MODE", "SPI_IOC_WR_BITS_PER_WORD", "SPI_IOC_WR_MAX_SPEED_HZ")
    printed = "".join(f'printf("%lu ", (unsigned long){name});' for name in names)
    source = tmp_path / "requests.c"
    source.write_text(
        f"#include <stdio.h>\n#include <sys/ioctl.h>\n#include <linux/spi/spidev.h>\nint main(void) {{ {printed} }}\n"
    )
    subprocess.run(["gcc", "-o", tmp_path / "requests", source], check=True)
    done = subprocess.run([tmp_path / "requests"], check=True, capture_output=True, text=True)
    ours = [spi._SET_MODE, spi._SET_BITS_PER_WORD, spi._SET_SPEED_HZ]
    assert list(map(int, done.stdout.split())) == ours
