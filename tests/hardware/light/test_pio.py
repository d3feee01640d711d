"""The Pi 5's driver, on a file that behaves as the kernel's."""

import errno
import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from hardware.errors import HardwareError
from hardware.light.drivers import pio
from hardware.light.drivers.pio import PioStrip, check_kernel


class Leds:
    """Takes one frame for each opening, and a lone byte as brightness.

    shown: records [leds, 4]: red, green, blue, white. trouble: the error of the next opening.
    """

    def __init__(self, leds: int) -> None:
        self.room = 4 * leds
        self.brightness = 255
        self.shown: list[np.ndarray] = []
        self.trouble = 0
        self.places: dict[int, int] = {}

    def open(self, path: str, flags: int) -> int:
        if self.trouble:
            raise OSError(self.trouble, os.strerror(self.trouble))
        file = 1000 + len(self.places)
        self.places[file] = 0
        return file

    def write(self, file: int, data: bytes) -> int:
        place = self.places[file]
        if place == 0 and len(data) == 1:
            self.brightness = data[0]
            return 1
        if len(data) > self.room:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        if place + len(data) > self.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.places[file] = place + len(data)
        self.shown.append(np.frombuffer(data.ljust(self.room, b"\0"), np.uint8).reshape(-1, 4))
        return len(data)


@pytest.fixture
def leds(monkeypatch: pytest.MonkeyPatch) -> Leds:
    leds = Leds(3)
    monkeypatch.setattr(pio, "open_device", lambda path: leds.open(path, os.O_WRONLY))
    # Of this module only: others need the real ones.
    monkeypatch.setattr(pio, "os", SimpleNamespace(write=leds.write, close=lambda file: None))
    return leds


def test_the_kernel_passes_the_values_on_as_they_are(leds: Leds) -> None:
    PioStrip(3, 3)
    assert leds.brightness == 0
    assert not leds.shown[-1].any()


@pytest.mark.parametrize("channels", [3, 4])
def test_records_are_turned_so_that_the_wire_has_the_order_of_the_settings(leds: Leds, channels: int) -> None:
    strip = PioStrip(3, channels)
    frame = np.arange(3 * channels, dtype=np.uint8).reshape(3, channels)
    for _ in range(3):  # each is an opening of its own, or the kernel would refuse it
        strip.show(frame)
    red, green, blue, white = leds.shown[-1].T
    np.testing.assert_array_equal(np.stack([green, red, blue, white])[:channels], frame.T)
    assert white.any() == (channels == 4)
    strip.close()
    assert not leds.shown[-1].any()


@pytest.mark.parametrize("pixels", [2, 4, 30])
def test_another_number_of_leds_is_refused(leds: Leds, pixels: int) -> None:
    with pytest.raises(HardwareError, match=f"num_leds={pixels} "):
        PioStrip(pixels, 3)


@pytest.mark.parametrize(
    ("trouble", "says"), [(errno.ENOENT, "dtoverlay=ws2812-pio"), (errno.EACCES, "udev"), (errno.EIO, "Input/output")]
)
def test_trouble_is_one_sentence_with_a_way_out(leds: Leds, trouble: int, says: str) -> None:
    strip = PioStrip(3, 3)
    leds.trouble = trouble
    with pytest.raises(HardwareError, match=says):
        PioStrip(3, 3)
    with pytest.raises(HardwareError, match=says):
        strip.show(np.zeros((3, 3), np.uint8))
    leds.trouble = 0
    strip.show(np.zeros((3, 3), np.uint8))


@pytest.mark.parametrize("release", ["6.12.55+rpt-rpi-2712", "6.6.31", "5.15", "6.1.0-rpi7-rpi-2712"])
def test_kernels_that_would_keep_it_dark_are_refused(release: str) -> None:
    with pytest.raises(HardwareError, match="full-upgrade"):
        check_kernel(release)


@pytest.mark.parametrize("release", ["6.12.56", "6.12.62+rpt-rpi-2712", "6.18.0", "7.0", "unknown"])
def test_newer_ones_are_taken(release: str) -> None:
    check_kernel(release)


def test_no_file_of_its_own_is_touched(tmp_path: Path) -> None:
    with pytest.raises(HardwareError, match="There is no"):
        PioStrip(3, 3, str(tmp_path / "leds0"))


def test_what_is_no_device_is_not_written_to(tmp_path: Path) -> None:
    precious = tmp_path / "leds0"
    precious.write_text("precious", encoding="utf-8")
    with pytest.raises(HardwareError, match="is no device, so nothing is written to it"):
        PioStrip(3, 3, str(precious))
    assert precious.read_text(encoding="utf-8") == "precious"
