"""Shell and Root: what they do to a system, and refuse."""

import errno
import os
import sys
from pathlib import Path

import pytest

from hardware.appliance.root import Root
from hardware.appliance.shell import Shell
from hardware.errors import HardwareError


@pytest.fixture
def shell() -> Shell:
    return Shell(Root("/"))


def test_a_command_that_fails_is_one_sentence_with_its_own_words(shell: Shell) -> None:
    with pytest.raises(HardwareError, match=r"'sh -c .* failed \(E: no such package\); .* it carries on\."):
        shell.run("sh", "-c", "echo 'Reading lists'; echo 'E: no such package.' >&2; echo done >&2; exit 100")
    with pytest.raises(HardwareError, match="exit code 3"):
        shell.run("sh", "-c", "exit 3")
    with pytest.raises(HardwareError, match="can't be run"):
        shell.run("no-such-command-as-this")


def test_a_command_without_room_is_an_error_of_the_disk(shell: Shell) -> None:
    with pytest.raises(OSError, match="No space left") as caught:
        shell.run("sh", "-c", "echo 'tar: x: No space left on device' >&2; exit 2")
    assert caught.value.errno == errno.ENOSPC


def test_asking_gives_what_is_printed_or_none(shell: Shell) -> None:
    assert shell.ask("echo", "yes") == "yes\n"
    assert shell.ask("sh", "-c", "echo no; exit 3") is None
    assert shell.ask("sh", "-c", "echo sick; exit 3", codes=(0, 3)) == "sick\n"
    assert shell.ask("no-such-command-as-this") is None


def test_commands_see_nothing_of_the_workstations_python(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV"):
        monkeypatch.setenv(name, "mine")
    said = shell.run(sys.executable, "-c", "import os; print(sorted(os.environ), os.environ['TOLD'])", TOLD="yes")
    assert "PYTHON" not in said
    assert "VIRTUAL_ENV" not in said
    assert said.strip().endswith("yes")


def test_another_root_is_reached_by_chroot(tmp_path: Path) -> None:
    assert Shell(Root(tmp_path)).ask("/bin/echo", "x") is None  # there is none in it, and ours is not taken


def test_a_dry_run_refuses_every_change(tmp_path: Path) -> None:
    root = Root(tmp_path, frozen=True)
    with pytest.raises(RuntimeError):
        Shell(root).run("true")
    for change in (
        lambda: root.write("/x", b""),
        lambda: root.link("/x", "y"),
        lambda: root.make_folder("/x"),
        lambda: root.copy(tmp_path, "/x"),
        lambda: root.remove("/x"),
        lambda: root.remove_empty("/x"),
        root.settle,
    ):
        with pytest.raises(RuntimeError):
            change()
    assert os.listdir(tmp_path) == []


def test_a_file_is_whole_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    real_sync, real_replace = os.fsync, os.replace

    def sync(handle: int) -> None:
        said.append(f"sync {os.readlink(f'/proc/self/fd/{handle}').removeprefix(str(tmp_path))}")
        real_sync(handle)

    def replace(one: Path, other: Path) -> None:
        said.append(f"rename {other.name}")
        real_replace(one, other)

    (tmp_path / "etc").mkdir()
    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(os, "replace", replace)
    Root(tmp_path).write("/etc/x", b"hello", 0o600)
    assert said == ["sync /etc/.x.part", "rename x", "sync /etc"]
    assert (tmp_path / "etc/x").read_bytes() == b"hello"
    assert (tmp_path / "etc/x").stat().st_mode & 0o777 == 0o600


def test_links_and_folders(tmp_path: Path) -> None:
    root = Root(tmp_path)
    root.link("/a/b/link", "../nowhere")
    assert root.exists("/a/b/link")
    assert root.target("/a/b/link") == "../nowhere"
    assert root.read("/a/b/link") is None
    root.link("/a/b/link", "else")
    assert root.target("/a/b/link") == "else"
    assert root.missing_folders("/a/x/y/file") == ["/a/x/y", "/a/x"]
    root.remove("/a/b/link")
    root.remove("/a/b/link")
    root.remove_empty("/a/b")
    root.remove_empty("/a/b")
    assert root.names("/a") == []
    assert root.names("/a/none") == []
