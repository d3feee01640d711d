"""Power cuts and full disks, at every step that a program takes on the disk."""

import errno
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

_CUT = 77
_CHANGES = {"os.mkdir", "os.rename", "os.symlink", "os.link", "os.remove", "os.rmdir", "os.chmod", "os.truncate"}


def cuts(action: Callable[[], object], prepare: Callable[[], object]) -> Iterator[int]:
    """Do `action` again and again, the power cut before its first, second, … step; yields the step after each cut.

    A step is a change that Python announces (so none is overlooked), a write, of which half happens, or an fsync.
    prepare: called before each. Ends when `action` comes to its end.
    """
    for step in range(1, 1000):
        prepare()
        if not _cut(step, action):
            return
        yield step


def _cut(last: int, action: Callable[[], object]) -> bool:
    pid = os.fork()
    if pid == 0:
        try:
            _cut_before(last)
            action()
        except BaseException:  # noqa: BLE001  the child must not run on as a second pytest
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert code in (0, _CUT), "the child failed, see its standard error"
    return code == _CUT


def _cut_before(last: int) -> None:
    steps = 0
    write, fsync = os.write, os.fsync

    def step() -> bool:
        nonlocal steps
        steps += 1
        return steps == last

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        writes = event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if (writes or event in _CHANGES) and step():
            os._exit(_CUT)

    def half(handle: int, data: Any) -> int:
        if step():
            write(handle, data[: len(data) // 2])
            os._exit(_CUT)
        return write(handle, data)

    def synced(handle: int) -> None:
        if step():
            os._exit(_CUT)
        fsync(handle)

    os.write, os.fsync = half, synced
    sys.addaudithook(audit)


@contextmanager
def failing(name: str, first: int, error: int = errno.ENOSPC, for_good: bool = False) -> Iterator[Callable[[], bool]]:
    """os.NAME raises OSError at its call number `first`, for good at all later ones too; yields whether it has come.

    Of os.open only the calls that write count.
    """
    real = getattr(os, name)
    calls = 0

    def call(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        if name == "open" and not arguments[1] & (os.O_WRONLY | os.O_RDWR):
            return real(*arguments, **options)
        calls += 1
        if calls == first or (for_good and calls > first):
            raise OSError(error, os.strerror(error))
        return real(*arguments, **options)

    with mock.patch.object(os, name, call):
        yield lambda: calls >= first
