"""Settings that someone broke by hand."""

import errno
import os
from pathlib import Path

import pytest

from hardware.errors import HardwareError
from hardware.last_good import last_good


def load(path: str) -> int:
    try:
        return int(Path(path).read_text())
    except (OSError, ValueError) as error:
        raise HardwareError(f"{path} is no number; correct it.") from error


@pytest.fixture
def told() -> list[str]:
    return []


def read(tmp_path: Path, told: list[str]) -> int:
    return last_good(tmp_path / "etc", tmp_path / "kept", load, (HardwareError,), told.append)


def test_good_ones_are_kept_and_stand_in_for_broken_ones_which_is_told(tmp_path: Path, told: list[str]) -> None:
    (tmp_path / "etc").write_text("1")
    assert read(tmp_path, told) == 1
    assert told == []
    for broken in ("x", "", "\0"):
        (tmp_path / "etc").write_text(broken)
        assert read(tmp_path, told) == 1
        assert f"{tmp_path / 'etc'} is no number" in told[-1]
        assert f"last good settings count, {tmp_path / 'kept'}" in told[-1]
    (tmp_path / "etc").unlink()
    assert read(tmp_path, told) == 1
    (tmp_path / "etc").write_text("2")
    assert read(tmp_path, told) == 2
    assert (tmp_path / "kept").read_text() == "2"


def test_the_error_is_of_the_file_that_was_asked_for_when_none_are_good(tmp_path: Path, told: list[str]) -> None:
    (tmp_path / "etc").write_text("x")
    with pytest.raises(HardwareError, match="etc is no number"):
        read(tmp_path, told)
    (tmp_path / "kept").write_text("y")
    with pytest.raises(HardwareError, match="etc is no number"):
        read(tmp_path, told)


def test_what_is_kept_already_is_not_written_again(tmp_path: Path, told: list[str]) -> None:
    (tmp_path / "etc").write_text("1")
    read(tmp_path, told)
    before = (tmp_path / "kept").stat()
    read(tmp_path, told)
    after = (tmp_path / "kept").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_full_disk_stops_nothing(tmp_path: Path, told: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    (tmp_path / "kept").write_text("1")
    (tmp_path / "etc").write_text("2")
    monkeypatch.setattr("os.write", full)
    assert read(tmp_path, told) == 2
    assert "No space left on device" in told[-1]
    assert (tmp_path / "kept").read_text() == "1"
