"""The power goes while setup.sh install is at work: kill -9 between any two changes of the disk, and run again."""

import os
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from hardware.appliance.place import CURRENT, JOURNAL
from hardware.appliance.release import linked
from hardware.appliance.root import Root
from tests.hardware.appliance.lamps import Lamp, be_quick, make_lamp
from tests.hardware.appliance.pi import tree

CHANGES = ("replace", "mkdir", "unlink", "rmdir", "symlink", "write")
"""Of the module os: what all that is changed goes through. A write that is cut leaves half of its bytes."""
EVERY = 7
"""Beside all changes of the journal and of links, each seventh of the others; they are the copying of files."""


def count_changes(go: Callable[[], object]) -> list[int]:
    """Which changes of a run to cut: the numbers of those that matter, in a child process that does it all."""
    report, to_report = os.pipe()
    child = os.fork()
    if child == 0:
        telling: list[str] = []
        real = {name: getattr(os, name) for name in CHANGES}

        def wrap(name: str) -> Callable[..., Any]:
            def change(*arguments: Any, **more: Any) -> Any:
                telling.append(" ".join(str(each) for each in arguments if isinstance(each, str | Path)))
                return real[name](*arguments, **more)

            return change

        for name in CHANGES:
            setattr(os, name, wrap(name))
        silence()
        go()
        marks = ("journal", "current", "previous", "incomplete", "config.txt", "cmdline", "lamp.toml", "wants")
        cuts = [n for n, said in enumerate(telling) if n % EVERY == 0 or any(mark in said for mark in marks)]
        real["write"](to_report, ",".join(map(str, cuts)).encode())
        os._exit(0)
    os.close(to_report)
    with os.fdopen(report) as told:
        cuts = [int(number) for number in told.read().split(",")]
    assert os.waitpid(child, 0)[1] == 0
    return cuts


def cut(go: Callable[[], object], number: int) -> None:
    """Run it in a child process that is killed when it is about to make the change of this number."""
    child = os.fork()
    if child == 0:
        left = number
        real = {name: getattr(os, name) for name in CHANGES}

        def wrap(name: str) -> Callable[..., Any]:
            def change(*arguments: Any, **more: Any) -> Any:
                nonlocal left
                if left == 0:
                    if name == "write":
                        real["write"](arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])
                    os.kill(os.getpid(), signal.SIGKILL)
                left -= 1
                return real[name](*arguments, **more)

            return change

        for name in CHANGES:
            setattr(os, name, wrap(name))
        silence()
        go()
        os._exit(3)  # it should have been killed
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), f"not killed at change {number}"
    assert os.WTERMSIG(status) == signal.SIGKILL


def silence() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)


def at_any_time(lamp: Lamp, *words: object, check: Callable[[Lamp], None]) -> int:
    """Kill `install words` at its changes, one after the other; after each, run it again. Gives how many there were.

    check: of the lamp just after the power cut, as it would start then.
    """
    before = Snapshot(lamp.root)
    cuts = count_changes(lambda: lamp.install(*words))
    wanted = settled(lamp.root)
    for number in cuts:
        before.restore()
        cut(lambda: lamp.install(*words), number)
        check(lamp)
        assert lamp.install(*words) == 0
        assert settled(lamp.root) == wanted, f"after change {number}"
    return len(cuts)


class Snapshot:
    """What a root holds, to be put there again."""

    def __init__(self, root: Root) -> None:
        self._root = root
        self._kept = root.folder.with_name(f"{root.folder.name}-kept")
        os.system(f"cp -a '{root.folder}' '{self._kept}'")

    def restore(self) -> None:
        """Make the root what it was."""
        folder = self._root.folder
        os.system(f"rm -rf '{folder}' && cp -a '{self._kept}' '{folder}'")


def settled(root: Root) -> dict[str, str]:
    """What counts in the end; the order in which steps were first done doesn't."""
    found = tree(root.folder)
    if JOURNAL.lstrip("/") in found:
        found[JOURNAL.lstrip("/")] = "".join(sorted(found[JOURNAL.lstrip("/")].replace(",\n", "\n").splitlines()))
    return found


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Lamp]:
    be_quick(monkeypatch)
    return partial(make_lamp, tmp_path)


def test_while_a_pi_is_made_a_lamp(make: Callable[..., Lamp]) -> None:
    def never_half(lamp: Lamp) -> None:
        if lamp.root.target(CURRENT) is not None:  # what starts is whole
            assert linked(lamp.root, CURRENT) is not None

    assert at_any_time(make(), "--button", 3, "--name", "glow", "--read-only", check=never_half) > 40


def test_while_it_is_updated(make: Callable[..., Lamp]) -> None:
    old = make()
    old.install()

    def always_a_lamp(lamp: Lamp) -> None:
        assert linked(lamp.root, CURRENT) is not None

    assert at_any_time(make("newer", old.root), "--strip-pixels", 99, check=always_a_lamp) > 15


def test_while_it_goes_back(make: Callable[..., Lamp]) -> None:
    old = make()
    old.install()
    newer = make("newer", old.root)
    newer.install()

    def always_a_lamp(lamp: Lamp) -> None:
        assert linked(lamp.root, CURRENT) is not None

    # Run again, it would go forward; a cut one is finished by the same command, an ended one is undone by it.
    before = Snapshot(old.root)
    one, two = old.root.target("/opt/lampyris/previous"), old.root.target(CURRENT)
    ends = []
    for number in count_changes(lambda: newer.install("--rollback")):
        before.restore()
        cut(lambda: newer.install("--rollback"), number)
        always_a_lamp(newer)
        newer.install("--rollback")
        ends.append((old.root.target(CURRENT), old.root.target("/opt/lampyris/previous")))
    assert len(ends) > 5
    assert set(ends) == {(one, two)}


def test_while_it_is_taken_away(make: Callable[..., Lamp]) -> None:
    lamp = make()
    fresh = tree(lamp.root.folder)
    lamp.install("--button", 3, "--name", "glow", "--read-only")
    assert at_any_time(lamp, "--uninstall", check=lambda lamp: None) > 30
    assert tree(lamp.root.folder) == fresh
