"""The PWM driver on a library that refuses what the real one refuses."""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.board import Board
from hardware.errors import HardwareError
from hardware.light.drivers import ws281x
from hardware.light.drivers.ws281x import Ws281xStrip, check_board, check_wiring
from hardware.light.settings import StripSettings
from tests.fakes.rpi_ws281x import Crash, Lost, Pi

PI_4 = Board("Raspberry Pi 4 Model B Rev 1.5", 0xB03115)
PI_5 = Board("Raspberry Pi 5 Model B Rev 1.0", 0xC04170)


class Time:
    """A clock that only sleeping moves. early_s: how much too soon a sleep ends."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.early_s = 0.0

    def clock(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now_s += max(seconds - self.early_s, 1e-6)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def pi(time: Time, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pi]:
    pi = Pi(time.clock)
    monkeypatch.setitem(sys.modules, "rpi_ws281x", pi.library())
    monkeypatch.setattr(ws281x, "atexit", pi.exit)
    return pi


def strip(time: Time, pixels: int = 4, channels: int = 3, pin: int = 12) -> Ws281xStrip:
    return Ws281xStrip(pixels, channels, pin, clock=time.clock, sleep=time.sleep)


@pytest.mark.parametrize("channels", [3, 4])
def test_bytes_reach_the_wire_as_they_are(pi: Pi, time: Time, channels: int) -> None:
    frame = np.arange(4 * channels, dtype=np.uint8).reshape(4, channels)
    driver = strip(time, channels=channels)
    driver.show(frame)
    driver.close()
    dark = np.zeros_like(frame)
    np.testing.assert_array_equal(pi.sent, [dark, frame, dark])
    assert driver.order is None


def test_frames_are_never_sent_before_the_last_one_has_left(pi: Pi, time: Time) -> None:
    driver = strip(time, pixels=300)
    assert driver.rest_s == pytest.approx(300 * 40e-6 + 300e-6)
    time.early_s = 0.004  # what a sleep may do
    for _ in range(5):
        driver.show(np.zeros((300, 3), np.uint8))  # the mock raises Lost
    driver.close()
    assert (np.diff(pi.times_s) >= driver.rest_s - 1e-12).all()


def test_a_frame_that_comes_late_does_not_wait(pi: Pi, time: Time) -> None:
    driver = strip(time)
    time.now_s += 1
    before_s = time.now_s
    driver.show(np.zeros((4, 3), np.uint8))
    assert time.now_s == before_s


def test_the_mock_sees_what_a_careless_driver_loses(pi: Pi, time: Time) -> None:
    careless = pi.library().PixelStrip(300, 12)
    with pytest.raises(Crash):
        careless[0] = 1
    careless.begin()
    careless.show()
    time.now_s += 0.005
    with pytest.raises(Lost):
        careless.show()
    with pytest.raises(Lost):
        careless._cleanup()


def test_closing_is_dark_and_final(pi: Pi, time: Time) -> None:
    driver = strip(time)
    driver.show(np.full((4, 3), 9, np.uint8))
    driver.close()
    driver.close()
    assert not pi.sent[-1].any()
    assert pi.cleaned == 1
    assert not pi.exit.handlers
    with pytest.raises(ValueError, match="closed"):
        driver.show(np.zeros((4, 3), np.uint8))


def test_an_interpreter_that_ends_makes_it_dark(pi: Pi, time: Time) -> None:
    strip(time).show(np.full((4, 3), 9, np.uint8))
    pi.exit.run()
    assert not pi.sent[-1].any()
    assert pi.cleaned == 1


def test_an_interpreter_that_ends_with_a_broken_strip_ends_in_silence(pi: Pi, time: Time) -> None:
    strip(time)
    pi.failing = 9
    pi.exit.run()
    assert pi.cleaned == 1


@pytest.mark.parametrize("known", [True, False])
def test_a_strip_that_was_not_begun_does_not_crash_the_end(pi: Pi, time: Time, known: bool) -> None:
    pi.known, pi.root = known, False
    with pytest.raises(HardwareError, match="start the writer as root" if known else "doesn't know"):
        strip(time)
    pi.exit.run()  # the mock raises Crash
    assert not pi.sent
    assert pi.structures == 0  # or SWIG complains of it to whoever reads the refusal


def test_a_failing_strip_tells_and_can_be_opened_again(pi: Pi, time: Time) -> None:
    driver = strip(time)
    pi.failing = 2
    with pytest.raises(HardwareError, match=r"DMA error.*check"):
        driver.show(np.zeros((4, 3), np.uint8))
    with pytest.raises(HardwareError):
        driver.close()
    assert (pi.cleaned, pi.exit.handlers) == (1, [])
    again = strip(time)
    again.show(np.full((4, 3), 7, np.uint8))
    again.close()
    assert pi.sent[-2].tolist() == [[7, 7, 7]] * 4


def test_one_that_fails_at_the_first_frame_leaves_nothing_behind(pi: Pi, time: Time) -> None:
    pi.failing = 1
    with pytest.raises(HardwareError):
        strip(time)
    assert (pi.cleaned, pi.exit.handlers) == (1, [])


def test_without_the_library_it_says_how_to_get_it(time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rpi_ws281x", None)
    with pytest.raises(HardwareError, match=r"lampyris\[pi\]"):
        strip(time)


@pytest.mark.parametrize(
    "frame", [np.zeros((3, 3), np.uint8), np.zeros((4, 4), np.uint8), np.zeros((4, 3)), np.zeros(12, np.uint8)]
)
def test_another_frame_is_refused(pi: Pi, time: Time, frame: np.ndarray) -> None:
    with pytest.raises(ValueError, match="frame"):
        strip(time).show(frame)


@pytest.mark.parametrize("pin", [18, 19, 20, 21])
def test_the_pins_of_the_microphone_are_refused_while_there_is_one(pin: int) -> None:
    with pytest.raises(HardwareError, match=r"I2S microphone.*strip\.pin = 12"):
        check_wiring(pin, 10, True)


@given(pin=st.integers(0, 53), dma=st.integers(0, 15), i2s=st.booleans())
def test_only_safe_wiring_is_taken(pin: int, dma: int, i2s: bool) -> None:
    safe = pin in ((12, 13) if i2s else (12, 13, 18, 19)) and dma not in (5, 15)
    if safe:
        check_wiring(pin, dma, i2s)
    else:
        with pytest.raises(HardwareError) as refusal:
            check_wiring(pin, dma, i2s)
        assert str(refusal.value).endswith(".")


def test_dma_5_says_why() -> None:
    with pytest.raises(HardwareError, match="SD card"):
        check_wiring(12, 5, True)


def test_boards_without_this_pwm_are_refused() -> None:
    check_board(PI_4)
    with pytest.raises(HardwareError, match=r'driver = "pio"'):
        check_board(PI_5)
    with pytest.raises(HardwareError, match="not a Raspberry Pi"):
        check_board(Board())


def test_root_and_analog_audio_are_looked_at_before_the_library(tmp_path: Path) -> None:
    (tmp_path / "mem").touch()
    ws281x._check_access(str(tmp_path / "mem"), str(tmp_path / "snd_bcm2835"))
    (tmp_path / "snd_bcm2835").mkdir()
    with pytest.raises(HardwareError, match="dtparam=audio=off"):
        ws281x._check_access(str(tmp_path / "mem"), str(tmp_path / "snd_bcm2835"))
    with pytest.raises(HardwareError, match="can't be opened"):
        ws281x._check_access(str(tmp_path / "nothing"), "")


def test_the_settings_choose_pin_and_channels(pi: Pi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ws281x, "read_board", lambda: PI_4)
    monkeypatch.setattr(ws281x, "_check_access", lambda *_: None)
    driver = ws281x.open_strip(StripSettings(pixels=5, order="GRBW", pin=13))
    assert (driver.pixels, driver.channels) == (5, 4)
    assert pi.sent[0].shape == (5, 4)
