"""Progress: systemd is told of samples and frames, not of being alive."""

import pytest

from device.progress import Progress


class Systemd:
    def __init__(self) -> None:
        self.now_s = 100.0
        self.told: list[str] = []

    def progress(self, every_s: float | None = 5.0) -> Progress:
        return Progress(self.told.append, lambda: self.now_s, every_s)


@pytest.fixture
def systemd(monkeypatch: pytest.MonkeyPatch) -> Systemd:
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    return Systemd()


def test_it_is_ready_with_the_first_frame_and_not_before(systemd: Systemd) -> None:
    progress = systemd.progress()
    progress.process(4800, 0)
    assert systemd.told == []
    progress.process(9600, 3)
    assert systemd.told == ["READY=1", "WATCHDOG=1"]


def test_the_watchdog_is_fed_as_often_as_it_asks(systemd: Systemd) -> None:
    progress = systemd.progress()
    for hop in range(1, 601):  # 30 s
        systemd.now_s = 100 + hop * 0.05
        progress.process(hop * 2400, hop * 3)
    assert systemd.told.count("WATCHDOG=1") == 6


@pytest.mark.parametrize("stuck", ["samples", "frames"])
def test_it_is_not_fed_by_one_of_them_alone(systemd: Systemd, stuck: str) -> None:
    progress = systemd.progress()
    progress.process(2400, 3)
    del systemd.told[:]
    for hop in range(2, 1000):
        systemd.now_s += 0.05
        progress.process(2400 if stuck == "samples" else hop * 2400, 3 if stuck == "frames" else hop * 3)
    assert systemd.told == []
    progress.process(9_999_999, 9_999)
    assert systemd.told == ["WATCHDOG=1"]


def test_without_a_watchdog_it_only_says_that_it_is_ready(systemd: Systemd) -> None:
    progress = systemd.progress(None)
    for hop in range(1, 100):
        systemd.now_s += 1
        progress.process(hop, hop)
    assert systemd.told == ["READY=1"]
