"""What leaves the PWM, bit by bit: the project's driver over the real C library on a board that is not there."""

from itertools import pairwise, permutations

import numpy as np
import pytest

from hardware.light.correct import Corrector
from hardware.light.settings import ORDERS, StripSettings
from hardware.light.wire import RESET_S
from tests.fakes.rpi_ws281x import PIN_CHANNELS, begin_code
from tests.wire import pi
from tests.wire.conftest import Board
from tests.wire.programs import REFUSED, SHOW, noise, with_dark

SEGFAULT = -11


@pytest.mark.parametrize("pin", [12, 18, 13, 19])
@pytest.mark.parametrize("revision", ["b03115", "a02082"])
def test_pwm_sends_every_byte_of_every_frame(board: Board, pin: int, revision: str) -> None:
    strips = [(1, "GRB"), (60, "GRB"), (300, "GRB"), (1, "GRBW"), (60, "GRBW"), (300, "GRBW")]
    run = board(SHOW, "ws281x", *(f"{pixels},{order},{pin}" for pixels, order in strips), FAKEPI_REV=revision)
    assert (run.code, run.err) == (0, "")
    sent = run.of("pwm")
    for pixels, order in strips:
        for frame in with_dark(noise(pixels, len(order))):
            entry = sent.pop(0)
            assert not entry["cut"]
            got = pi.pwm_bytes(entry, PIN_CHANNELS[pin], frame.size)
            np.testing.assert_array_equal(got, frame.ravel())
            assert entry["dma"] == 10
            assert pi.pin_function(entry, pin) == (4 if pin in (12, 13) else 2)
            # 2.4 MHz as near as the board's crystal gives it: 54 MHz / 22 or 19.2 MHz / 8.
            assert entry["bit_hz"] == (2_454_545 if revision == "b03115" else 2_400_000)
    assert not sent


@pytest.mark.parametrize("order", ["GRB", "GRBW"])
@pytest.mark.parametrize("pixels", [1, 60, 300])
def test_the_strip_gets_its_pause_between_two_frames(board: Board, pixels: int, order: str) -> None:
    run = board(SHOW, "ws281x", f"{pixels},{order},12", FAKEPI_REV="a02082")
    data_ns = pixels * len(order) * 8 * 1250
    for before, after in pairwise(run.of("pwm")):
        assert after["start_ns"] >= before["end_ns"]
        assert after["start_ns"] - before["start_ns"] >= data_ns + RESET_S * 1e9


def test_every_order_of_colors_through_the_correction(board: Board) -> None:
    program = """
import sys
import numpy as np
from hardware.light.correct import Corrector
from hardware.light.drivers import open_driver
from hardware.light.settings import ORDERS, StripSettings

for order in ORDERS:
    settings = StripSettings(pixels=60, order=order)
    driver = open_driver("ws281x", settings)
    light = np.random.default_rng(5).random((60, 3), dtype=np.float32)
    driver.show(np.rint(Corrector(settings).process(light) * 255).astype(np.uint8))
    driver.close()
"""
    run = board(program)
    assert (run.code, run.err) == (0, "")
    light = np.random.default_rng(5).random((60, 3), dtype=np.float32)
    for order, entry in zip(ORDERS, run.of("pwm")[1::3], strict=True):
        got = pi.pwm_bytes(entry, 0, 60 * len(order)).reshape(60, len(order))
        colors = dict(zip(order, got.T.astype(float) / 255, strict=True))
        white = colors.get("W", np.zeros(60))
        rgb = np.stack([colors[letter] + white for letter in "RGB"], axis=1)
        np.testing.assert_allclose(rgb, light, atol=1 / 255 + 1e-6)
    assert {order[:3] for order in ORDERS} == {"".join(letters) for letters in permutations("RGB")}
    # The correction above is the writer's own; what it makes of a color is fixed here once more, without it.
    red = Corrector(StripSettings(pixels=1, order="GRB")).process(np.array([[1, 0, 0]], np.float32))
    assert red.tolist() == [[0, 1, 0]]


def test_without_a_driver_that_waits_the_library_loses_a_frame(board: Board) -> None:
    """So that the other tests mean something: the board that is not there does show a loss."""
    program = """
import rpi_ws281x
strip = rpi_ws281x.PixelStrip(300, 12, strip_type=rpi_ws281x.ws.WS2811_STRIP_RGB)
strip.begin()
for value in (1, 2, 3):
    for place in range(300):
        strip[place] = value * 0x10101
    strip.show()
"""
    run = board(program)
    assert run.code == 0
    shown = [set(pi.pwm_bytes(entry, 0, 900).tolist()) for entry in run.of("pwm")]
    assert shown == [{2}, {3}, {3}]


def test_an_interpreter_that_just_ends_leaves_the_strip_dark(board: Board) -> None:
    program = """
import numpy as np
from hardware.light.drivers import open_driver
from hardware.light.settings import StripSettings
driver = open_driver("ws281x", StripSettings(pixels=60))
driver.show(np.full((60, 3), 200, dtype=np.uint8))
raise SystemExit(3)
"""
    run = board(program)
    assert (run.code, run.err) == (3, "")
    shown = [set(pi.pwm_bytes(entry, 0, 180).tolist()) for entry in run.of("pwm")]
    assert shown == [{0}, {200}, {0}]
    assert not any(entry["cut"] for entry in run.of("pwm"))


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"FAKEPI_REV": "a03fff"}, "The library rpi-ws281x doesn't know"),  # by the C library itself: code -3
        ({"FAKEPI_DENY": "/dev/mem"}, "needs root"),
        ({"FAKEPI_REV": "c04170", "FAKEPI_MODEL": "Raspberry Pi 5 Model B Rev 1.0"}, 'strip.driver = "pio"'),
    ],
)
def test_a_refusal_is_one_sentence_and_the_interpreter_ends_well(
    board: Board, environment: dict[str, str], says: str
) -> None:
    run = board(REFUSED, "ws281x", **environment)
    assert run.code == 0
    assert says in run.out
    assert run.out.count("\n") == 1
    assert run.err == ""
    assert not run.log


@pytest.mark.parametrize(
    "misuse",
    [
        "strip = rpi_ws281x.PixelStrip(1, 12)",
        "strip = rpi_ws281x.PixelStrip(1, 12); strip[0] = 1",
        "strip = rpi_ws281x.PixelStrip(1, 11)\ntry: strip.begin()\nexcept RuntimeError: pass",
    ],
)
def test_the_crashes_that_the_mock_stands_for_are_real(board: Board, misuse: str) -> None:
    assert board(f"import rpi_ws281x\n{misuse}").code == SEGFAULT


def test_the_mock_refuses_what_the_library_refuses(board: Board) -> None:
    program = """
import atexit, os, re
import rpi_ws281x
for pin in range(1, 28):
    for channel in (0, 1):
        for dma in (0, 5, 10, 14, 16):
            strip = rpi_ws281x.PixelStrip(1, pin, channel=channel, dma=dma)
            try:
                strip.begin()
                code = 0
            except RuntimeError as error:
                code = int(re.search("code (-[0-9]+)", str(error))[1])
            print(pin, channel, dma, code, flush=True)
os._exit(0)
"""
    run = board(program)
    cases = [tuple(map(int, line.split())) for line in run.out.splitlines()]
    assert len(cases) == 27 * 2 * 5
    # SPI takes no notice of the DMA; that is all the mock leaves out.
    wrong = [case for case in cases if case[0] != 10 and begin_code(*case[:3]) != case[3]]
    assert wrong == []
    assert {case[3] for case in cases} == {0, -6, -11}
