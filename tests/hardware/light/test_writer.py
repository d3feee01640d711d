"""The writer's loop under every fault, on a clock of the test's own."""

from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hardware.errors import HardwareError
from hardware.light.drivers.recording import RecordingDriver
from hardware.light.keeper import Keeper
from hardware.light.settings import StripSettings
from hardware.light.teller import Teller
from tests.light_rig import PLENTY_MA, Rig, Sender, rig

RED = np.array([[1.0, 0.0, 0.0]] * 4)
BLUE = np.array([[0.0, 0.0, 1.0]] * 4)


def brightness(lamp: Rig) -> list[int]:
    return [int(frame.max()) for frame in lamp.driver.frames]


def test_light_comes_up_softly_and_is_what_was_sent(tmp_path: Path) -> None:
    with rig(tmp_path) as lamp, closing(Sender(lamp.path)) as sender:
        lamp.pass_s(0.1)
        lamp.play(sender, RED, 1.0)
        rise = brightness(lamp)
        assert rise[0] == 0
        assert rise == sorted(rise)
        assert (lamp.shown == [255, 0, 0]).all()


def test_it_fades_to_black_when_no_frame_comes_for_two_seconds_and_comes_back(tmp_path: Path) -> None:
    with rig(tmp_path) as lamp, closing(Sender(lamp.path)) as sender:
        lamp.play(sender, RED, 1.0)
        lamp.pass_s(1.9)
        assert (lamp.shown == [255, 0, 0]).all()
        before = len(lamp.driver.frames)
        lamp.pass_s(0.8)
        fall = brightness(lamp)[before:]
        assert fall == sorted(fall, reverse=True)
        assert len(set(fall)) > 20
        assert fall[-1] == 0
        lamp.play(sender, BLUE, 1.0)
        assert (lamp.shown == [0, 0, 255]).all()


def test_a_dark_strip_costs_little_and_is_kept_dark(tmp_path: Path) -> None:
    with rig(tmp_path) as lamp:
        lamp.pass_s(0.1)
        waits, frames = lamp.waits, len(lamp.driver.frames)
        lamp.pass_s(20)
        assert lamp.waits - waits <= 21
        assert 19 <= len(lamp.driver.frames) - frames <= 21
        assert lamp.beat.late == 0


def test_it_goes_dark_when_the_client_dies(tmp_path: Path) -> None:
    with rig(tmp_path) as lamp:
        sender = Sender(lamp.path)
        lamp.play(sender, RED, 1.0)
        sender.close()
        lamp.pass_s(0.6)
        assert not lamp.shown.any()
        with closing(Sender(lamp.path)) as again:
            before = len(lamp.driver.frames)
            lamp.play(again, BLUE, 1.0)
            assert (lamp.shown == [0, 0, 255]).all()
            # Nothing of the picture before flashes up.
            assert not np.array(lamp.driver.frames[before:])[..., 0].any()


def test_asked_to_end_it_fades_out_and_is_done(tmp_path: Path) -> None:
    with rig(tmp_path) as lamp, closing(Sender(lamp.path)) as sender:
        lamp.play(sender, RED, 1.0)
        before = len(lamp.driver.frames)
        lamp.writer.end()
        lamp.writer.run()
        fall = brightness(lamp)[before:]
        assert 25 <= len(fall) <= 35
        assert fall == sorted(fall, reverse=True)
        assert fall[-1] == 0


def test_flooding_costs_nothing_but_drops(tmp_path: Path) -> None:
    with rig(tmp_path) as lamp, closing(Sender(lamp.path)) as sender:
        lamp.play(sender, RED, 1.0)
        waits, frames, start_s = lamp.waits, len(lamp.driver.frames), lamp.now_s
        sent = 0
        for _ in range(1000):  # of which it needs about 120
            if lamp.now_s >= start_s + 1.0:
                break
            for _ in range(100):  # in as many parts as the test's clock has moments: 10,000 a second and more
                try:
                    sender.send(BLUE if sent % 2 else RED)
                except BlockingIOError:
                    break
                sent += 1
            lamp.writer.step()
        assert lamp.now_s >= start_s + 1.0
        shown = np.array(lamp.driver.frames[frames:])
        assert sent > 5000
        assert len(shown) == pytest.approx(60, abs=2)
        assert lamp.waits - waits <= 2 * len(shown) + 2
        assert lamp.server.dropped > 0.9 * sent
        assert set(map(tuple, shown[3:].reshape(-1, 3).tolist())) <= {(255, 0, 0), (0, 0, 255)}


def test_light_stays_within_the_current_and_dimmed_frames_are_counted(tmp_path: Path) -> None:
    with rig(tmp_path, pixels=60, budget_ma=850.0) as lamp, closing(Sender(lamp.path)) as sender:
        lamp.play(sender, np.ones((60, 3)), 1.0)
        for frame in lamp.driver.frames:
            assert 60 + frame.sum(dtype=int) / 255 * 20 <= 850
        assert lamp.driver.frames[-1].mean() == pytest.approx(255 * (850 - 60) / 3600, rel=0.01)
        dimmed = lamp.renderer.limiter.limited_frames
        assert dimmed > 40
        lamp.play(sender, np.zeros((60, 3)), 1.0)
        assert lamp.renderer.limiter.limited_frames - dimmed <= 2


@pytest.mark.parametrize("sent", [2, 3, 8])
def test_a_client_for_another_strip_is_stretched_and_told_of(tmp_path: Path, sent: int) -> None:
    with rig(tmp_path) as lamp, closing(Sender(lamp.path)) as sender:
        lamp.play(sender, np.array([[1.0, 0.0, 0.0]] * sent), 1.0)
        assert (lamp.shown == [255, 0, 0]).all()
        lines = [line for line in lamp.told if "pixels" in line]
        assert lines == [
            f"The light that comes is for {sent} pixels and the strip has 4, so it is stretched; start both with the "
            "same strip.pixels."
        ]
        lamp.play(sender, BLUE, 1.0)  # and it may change while it runs
        assert (lamp.shown == [0, 0, 255]).all()


def test_slow_frames_are_interpolated(tmp_path: Path) -> None:
    with rig(tmp_path) as lamp, closing(Sender(lamp.path)) as sender:
        lamp.play(sender, RED * 0, 1.0, per_s=15)
        before = len(lamp.driver.frames)
        for i in range(1, 31):
            lamp.play(sender, RED * i / 30, 1 / 15, per_s=15)
        rise = brightness(lamp)[before:]
        assert rise == sorted(rise)
        assert max(np.diff(rise)) <= 6  # of 8.5 between two frames that were sent


class Fragile(RecordingDriver):
    """Fails while `broken`, also to be opened. opened, tried: how often."""

    broken = False
    opened = 0

    def __init__(self) -> None:
        super().__init__(4)
        self.tried = 0

    def open(self) -> "Fragile":
        self.opened += 1
        if self.broken:
            raise HardwareError("There is no strip; plug it in.")
        self._closed = False
        return self

    def _send(self, frame: Any) -> None:
        self.tried += 1
        if self.broken:
            raise HardwareError("The strip is gone; plug it in.")
        super()._send(frame)


def test_a_driver_that_fails_is_tried_again_and_told_once(tmp_path: Path) -> None:
    driver = Fragile()
    settings = StripSettings(pixels=4, budget_ma=PLENTY_MA)
    with (
        closing(Rig(tmp_path / "light.sock", settings, open_strip=driver.open)) as lamp,
        closing(Sender(lamp.path)) as sender,
    ):
        lamp.play(sender, RED, 1.0)
        driver.broken = True
        opened = driver.opened
        lamp.play(sender, RED, 60.0)
        assert 6 <= driver.opened - opened <= 8  # after 0.5, 1, 2, 4, 8, 16 and 30 s
        troubles = [line for line in lamp.told if "strip" in line]
        assert troubles == ["The strip is gone; plug it in. It is tried again until it works."]
        assert lamp.keeper.failures == driver.opened - opened + 1
        driver.broken = False
        for _ in range(310):
            if driver.frames[-1][0, 2] == 255:
                break
            lamp.play(sender, BLUE, 0.1)
        assert (driver.frames[-1] == [0, 0, 255]).all()
        lamp.play(sender, BLUE, 10.0)
        assert lamp.told[-1] == troubles[0]  # the pause was 30 s, so it has to last as long
        lamp.play(sender, BLUE, 31.0)
        assert lamp.told[-1] == "The strip works again."


class Flickering(Fragile):
    """Fails at every second frame."""

    def _send(self, frame: Any) -> None:
        self.tried += 1
        if self.tried % 2 == 0:
            raise HardwareError("The strip is gone; plug it in.")


def test_a_driver_that_fails_at_every_second_frame_is_no_driver_that_works() -> None:
    told: list[str] = []
    driver = Flickering()
    keeper = Keeper(driver.open, Teller(told.append))
    for i in range(3600):
        keeper.show(np.zeros((4, 3), np.uint8), i / 60)
    assert keeper.failures <= 8
    assert told == ["The strip is gone; plug it in. It is tried again until it works."]


def test_after_a_short_failure_it_works_again_when_it_did_for_five_seconds() -> None:
    told: list[str] = []
    driver = Fragile()
    keeper = Keeper(driver.open, Teller(told.append))
    driver.broken = True
    assert not keeper.show(np.zeros((4, 3), np.uint8), 10.0)
    driver.broken = False
    for now_s, lines in [(10.5, 1), (15.4, 1), (15.6, 2)]:
        assert keeper.show(np.zeros((4, 3), np.uint8), now_s)
        assert len(told) == lines
    assert told[-1] == "The strip works again."


def test_of_a_client_that_left_at_once_in_the_dark_nothing_is_left(tmp_path: Path) -> None:
    with rig(tmp_path) as lamp:
        lamp.pass_s(2.5)  # idle
        hasty = Sender(lamp.path)
        lamp.writer.step()
        hasty.send(RED)
        hasty.close()
        lamp.writer.step()
        with closing(Sender(lamp.path)) as sender:
            start_s, before = lamp.now_s, len(lamp.driver.frames)
            lamp.writer.step()
            sender.send(BLUE)
            lamp.pass_s(0.2)
            assert lamp.now_s - start_s < 0.3
            shown = np.array(lamp.driver.frames[before:])
            assert len(shown) > 5  # heard at once, not at the next look at a dark strip
            assert shown[..., 2].any()
            assert not shown[..., 0].any()


def test_a_strip_that_failed_while_lit_is_made_dark_at_the_end(tmp_path: Path) -> None:
    driver = Fragile()
    keeper = Keeper(driver.open, Teller(lambda sentence: None))
    assert keeper.show(np.full((4, 3), 9, np.uint8), 0.0)
    driver.broken = True
    assert not keeper.show(np.full((4, 3), 9, np.uint8), 1.0)
    driver.broken = False
    keeper.close()
    assert not driver.frames[-1].any()
    keeper.close()


def test_a_strip_that_can_not_be_made_dark_is_told_of() -> None:
    driver = Fragile()
    keeper = Keeper(driver.open, Teller(lambda sentence: None))
    driver.broken = True
    with pytest.raises(HardwareError, match="is gone"):
        keeper.close()


def test_a_driver_that_fails_at_the_start_is_not_hidden() -> None:
    driver = Fragile()
    driver.broken = True
    with pytest.raises(HardwareError, match="no strip"):
        Keeper(driver.open, Teller(lambda sentence: None))


def test_a_strip_that_comes_back_as_another_one_is_not_used() -> None:
    told: list[str] = []
    first, other = Fragile(), RecordingDriver(5)
    drivers = [first, other]
    keeper = Keeper(lambda: drivers.pop(0), Teller(told.append))
    first.broken = True
    keeper.show(np.zeros((4, 3), np.uint8), 0.0)
    assert not keeper.show(np.zeros((4, 3), np.uint8), 10.0)
    assert len(other.frames) == 1  # dark, as it was closed
    assert keeper.failures == 2
