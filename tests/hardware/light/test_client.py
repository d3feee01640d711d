"""The lamp's end of the socket: it never waits, comes back, and says one sentence."""

from pathlib import Path

import numpy as np
import pytest

from hardware.errors import HardwareError
from hardware.light.client import SocketStrip
from hardware.strip import Strip
from tests.light_rig import Rig, Sender, rig

RED = np.array([[1.0, 0.0, 0.0]] * 4, np.float32)


class Lamp:
    """A client on the clock of a rig, if there is one."""

    def __init__(self, path: Path) -> None:
        self.now_s = 0.0
        self.told: list[str] = []
        self.strip = SocketStrip(4, path, tell=self.told.append, clock=lambda: self.now_s)

    def play(self, seconds: float, writer: Rig | None = None) -> None:
        for _ in range(round(seconds * 60)):
            self.strip.show(RED)
            self.now_s += 1 / 60
            if writer is not None:
                writer.pass_s(1 / 60)


def test_light_goes_through_whole(tmp_path: Path) -> None:
    light = np.linspace(0, 1, 12, dtype=np.float32).reshape(4, 3)
    with rig(tmp_path) as writer:
        lamp = Lamp(writer.path)
        for _ in range(60):
            lamp.strip.show(light)
            writer.pass_s(1 / 60)
        shown = np.mean(writer.driver.frames[-30:], axis=0)
        np.testing.assert_allclose(shown / 255, light, atol=0.5 / 255)
        assert (lamp.told, lamp.strip.left_out) == ([], 0)
        lamp.strip.close()
        writer.pass_s(1.0)
        assert not writer.shown.any()


def test_without_a_writer_it_goes_on_and_says_so_once(tmp_path: Path) -> None:
    path = tmp_path / "light.sock"
    lamp = Lamp(path)
    lamp.play(10)
    assert lamp.told == [
        f"No light: the writer can't be reached at {path} (No such file or directory); start 'lampyris light'."
    ]
    assert lamp.strip.left_out == 600


def test_it_comes_back_with_the_writer(tmp_path: Path) -> None:
    with rig(tmp_path) as writer:
        lamp = Lamp(writer.path)
        lamp.play(1, writer)
    lamp.play(3)
    assert lamp.told == ["No light: the writer has ended; start 'lampyris light' again."]
    with rig(tmp_path) as writer:
        lamp.play(2.5, writer)
        assert (writer.shown == [255, 0, 0]).all()
    lamp.play(3)
    assert len(lamp.told) == 2  # it was there in between
    lamp.strip.close()


def test_a_writer_that_comes_back_with_a_longer_strip_lights_all_of_it(tmp_path: Path) -> None:
    with rig(tmp_path) as writer:
        lamp = Lamp(writer.path)
        lamp.play(1, writer)
    lamp.play(0.1)
    with rig(tmp_path, pixels=7) as writer:
        lamp.play(2.5, writer)
        assert (writer.shown == [[255, 0, 0]] * 7).all()
        assert any("for 4 pixels and the strip has 7" in line for line in writer.told)


def test_a_writer_that_does_not_read_holds_nothing_up(tmp_path: Path) -> None:
    with rig(tmp_path) as writer:
        lamp = Lamp(writer.path)
        lamp.play(1, writer)
        lamp.play(60)  # the writer hangs
        assert lamp.strip.left_out > 3000
        lamp.play(1, writer)
        assert (writer.shown == [255, 0, 0]).all()
        assert writer.server.lost == lamp.strip.left_out
        assert lamp.told == []


def test_a_refusal_is_told_with_its_reason_once(tmp_path: Path) -> None:
    with rig(tmp_path) as writer:
        first = Sender(writer.path)
        writer.pass_s(0.1)
        lamp = Lamp(writer.path)
        lamp.play(5, writer)
        assert len(lamp.told) == 1
        assert lamp.told[0].startswith("No light: the writer refused (another client, process ")
        first.close()
        lamp.play(3, writer)
        assert (writer.shown == [255, 0, 0]).all()


def test_it_has_the_manners_of_a_strip(tmp_path: Path) -> None:
    strip: Strip
    with SocketStrip(4, tmp_path / "none", tell=lambda sentence: None) as strip:
        assert strip.keeps_limit
        for wrong in (np.zeros((3, 3), np.float32), np.full((4, 3), 1.1, np.float32), np.zeros((4, 3), np.uint8)):
            with pytest.raises(ValueError, match="A frame"):
                strip.show(wrong)
    strip.close()
    with pytest.raises(ValueError, match="closed"):
        strip.show(RED)
    for pixels in (0, 1001):
        with pytest.raises(HardwareError, match="A strip"):
            SocketStrip(pixels)
