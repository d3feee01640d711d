"""Crashes: counted in two minutes, forgotten with an orderly end."""

from pathlib import Path

import pytest

from hardware.crashes import LONGEST_PAUSE_S, MOST, WINDOW_S, Crashes, safe_mode


class Clock:
    """Seconds since the machine was started."""

    def __init__(self) -> None:
        self.now_s = 10.0

    def __call__(self) -> float:
        return self.now_s


def start(path: Path, clock: Clock, why: str | None = None, lived_s: float = 1.0) -> Crashes:
    """A start that dies after lived_s: for a reason, or, where there is none, as by kill -9."""
    crashes = Crashes(path, clock)
    crashes.begin()
    clock.now_s += crashes.pause_s + lived_s
    if why is not None:
        crashes.end(why)
    return crashes


def test_five_crashes_in_two_minutes_are_safe_mode_and_it_says_why(tmp_path: Path) -> None:
    path, clock = tmp_path / "starts.json", Clock()
    pauses = []
    for _ in range(MOST):
        crashes = start(path, clock, "The strip is on fire.")
        assert not crashes.safe
        pauses.append(crashes.pause_s)
        assert safe_mode(path) is None
    assert pauses == [0.0, 0.5, 1.0, 2.0, 4.0]
    safe = Crashes(path, clock)
    safe.begin()
    assert (safe.safe, safe.count, safe.why, safe.pause_s) == (True, 5, "The strip is on fire.", 0.0)
    assert safe_mode(path) == "The strip is on fire."
    assert path.stat().st_mode & 0o777 == 0o644


def test_safe_mode_that_crashes_too_waits_ever_longer(tmp_path: Path) -> None:
    path, clock = tmp_path / "starts.json", Clock()
    pauses = [start(path, clock, lived_s=0.1).pause_s for _ in range(14)]
    assert pauses[5:12] == [0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0]
    assert max(pauses) <= LONGEST_PAUSE_S
    assert safe_mode(path) == "it was killed, or did not answer"


def test_a_service_that_hangs_each_time_comes_to_safe_mode(tmp_path: Path) -> None:
    path, clock = tmp_path / "starts.json", Clock()
    # 10 s until the watchdog bites, 6 s to start on a slow board, 2 s of RestartSec.
    assert [start(path, clock, lived_s=18.0).safe for _ in range(MOST + 1)] == [False] * MOST + [True]


def test_crashes_that_are_far_apart_count_for_nothing(tmp_path: Path) -> None:
    path, clock = tmp_path / "starts.json", Clock()
    for _ in range(20):
        assert not start(path, clock, "bad luck", lived_s=WINDOW_S / (MOST - 1)).safe


def test_an_orderly_end_forgets_all(tmp_path: Path) -> None:
    path, clock = tmp_path / "starts.json", Clock()
    for _ in range(MOST):
        last = start(path, clock, "again")
    last = Crashes(path, clock)
    last.begin()
    assert last.safe
    last.end(None)
    assert safe_mode(path) is None
    assert start(path, clock).count == 0


@pytest.mark.parametrize("text", ["", "{", "[]", '{"starts": [{"at_s": "soon", "why": ""}]}', '{"starts": 3}'])
def test_a_damaged_file_is_no_crash(tmp_path: Path, text: str) -> None:
    path = tmp_path / "starts.json"
    path.write_text(text)
    assert start(path, Clock()).count == 0
    path.write_text(text)
    assert safe_mode(path) is None


def test_starts_of_a_time_to_come_are_of_another_boot(tmp_path: Path) -> None:
    path, clock = tmp_path / "starts.json", Clock()
    clock.now_s = 5000.0
    for _ in range(MOST):
        start(path, clock, "before the restart")
    clock.now_s = 3.0
    assert start(path, clock).count == 0


def test_a_clock_that_is_set_by_ten_years_is_not_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "starts.json"
    for year in range(MOST + 1):
        monkeypatch.setattr("time.time", lambda year=year: 1.8e9 + year * 3.15e8)
        crashes = Crashes(path)
        crashes.begin()
    assert crashes.safe
