"""No space left while setup.sh install is at work."""

import errno
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from hardware.appliance import __main__ as program
from hardware.appliance import install
from hardware.appliance.place import CURRENT
from hardware.appliance.release import linked
from tests.hardware.appliance.lamps import Lamp, be_quick, make_lamp
from tests.hardware.appliance.pi import make_root
from tests.hardware.appliance.test_power_cut import Snapshot, settled


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Lamp]:
    be_quick(monkeypatch)
    return partial(make_lamp, tmp_path)


class Filling:
    """Stands in for what writes, and has no room from the write of the number `full_at` on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.writes = 0
        self.full_at: int | None = None
        monkeypatch.setattr(os, "write", partial(self._write, os.write))
        monkeypatch.setattr(shutil, "copyfile", partial(self._write, shutil.copyfile))

    def _write(self, real: Callable[..., Any], *arguments: Any) -> Any:
        if self.full_at is not None and self.writes >= self.full_at:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.writes += 1
        return real(*arguments)


def test_at_any_write_it_says_so_and_carries_on_when_there_is(
    make: Callable[..., Lamp], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    old = make()
    old.install()
    newer = make("newer", old.root)
    before = Snapshot(old.root)
    fill = Filling(monkeypatch)
    newer.install("--strip-pixels", 99)
    writes = fill.writes
    wanted = settled(old.root)
    monkeypatch.setattr(program.install, "run", lambda options: newer.install("--strip-pixels", 99))
    for full_at in range(0, writes, 3):
        before.restore()
        fill.writes, fill.full_at = 0, full_at
        assert program.main(["install"]) == 2
        assert "There is no room left" in capsys.readouterr().err
        assert linked(old.root, CURRENT) is not None
        fill.full_at = None
        assert program.main(["install"]) == 0
        assert settled(old.root) == wanted, f"after write {full_at}"
    assert writes > 20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("A disk that is really full is NOT tested: that needs root.")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_is_really_full(
    small_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lamp = make_lamp(tmp_path, root=make_root(small_disk))
    monkeypatch.setattr("hardware.appliance.checks.SPARE_BYTES", 0)  # which would have told it before
    monkeypatch.setattr(install, "run", lambda options: lamp.install())
    assert program.main(["install"]) == 2
    assert "There is no room left" in capsys.readouterr().err
    assert lamp.root.target(CURRENT) is None
    assert lamp.root.names("/opt/lampyris/releases") == []
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    assert program.main(["install"]) == 0
    assert linked(lamp.root, CURRENT) is not None
