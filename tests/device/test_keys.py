"""Keys on a real pseudo-terminal."""

import os
import pty
import re
import select
import signal
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from device.keys import Keys

ROOT = Path(__file__).parents[2]
BUNDLE = ROOT / "tests" / "golden" / "tiny_bundle"


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    master, slave = pty.openpty()
    yield master, slave
    for end in (master, slave):
        with suppress(OSError):
            os.close(end)


def local(slave: int) -> int:
    return termios.tcgetattr(slave)[3]


def typed(keys: Keys, master: int, text: bytes) -> list[str]:
    os.write(master, text)
    deadline = time.monotonic() + 5
    select.select([keys._terminal], [], [], 1)
    events: list[str] = []
    while not events and time.monotonic() < deadline:
        events = keys.events()
        if text.startswith(b"\x1b") or text == b"x":
            break
    return events


def test_keys_become_events_in_order(terminal: tuple[int, int]) -> None:
    master, slave = terminal
    with Keys(slave) as keys:
        assert keys.events() == []
        assert typed(keys, master, b"sp qS") == ["next_scene", "next_palette", "toggle", "quit", "next_scene"]
        assert typed(keys, master, b"x") == []
        assert typed(keys, master, b"\x1b[15;2s") == []  # a function key, not an s
        assert typed(keys, master, b"s") == ["next_scene"]


def test_the_terminal_is_as_before(terminal: tuple[int, int]) -> None:
    _, slave = terminal
    before = termios.tcgetattr(slave)
    with pytest.raises(RuntimeError), Keys(slave) as keys:
        keys.events()
        assert not local(slave) & (termios.ECHO | termios.ICANON)
        assert local(slave) & termios.ISIG  # Ctrl-C is still Ctrl-C
        raise RuntimeError
    assert termios.tcgetattr(slave) == before
    keys.close()


def test_nothing_is_touched_before_the_first_question(terminal: tuple[int, int]) -> None:
    _, slave = terminal
    before = termios.tcgetattr(slave)
    with Keys(slave):
        assert termios.tcgetattr(slave) == before


def test_a_terminal_that_is_gone_has_no_keys(terminal: tuple[int, int]) -> None:
    master, slave = terminal
    with Keys(slave) as keys:
        keys.events()
        os.close(master)
        assert keys.events() == []
        assert keys.events() == []


def test_a_stop_happens_within_events_and_gives_the_terminal_back(
    terminal: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, slave = terminal
    left: list[int] = []
    modes: list[bool] = []
    monkeypatch.setattr("os.kill", lambda pid, number: modes.append(bool(local(slave) & termios.ECHO)))
    with Keys(slave, lambda: left.append(1)) as keys:
        keys.events()
        signal.raise_signal(signal.SIGTSTP)
        assert not left
        keys.events()
        assert (left, modes) == ([1], [True])
        assert not local(slave) & termios.ECHO
    assert local(slave) & termios.ECHO


class Session:
    """A shell with job control on a pseudo-terminal."""

    def __init__(self, script: str) -> None:
        self.shown = b""
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            environment = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONPATH": str(ROOT)}
            environment.pop("NO_COLOR", None)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.execvpe("bash", ["bash", "--norc", "-m", "-c", script], environment)

    def until(self, pattern: bytes, start: int = 0, count: int = 1) -> int:
        """Wait for the pattern; where it ended."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            found = list(re.finditer(pattern, self.shown[start:]))
            if len(found) >= count:
                return start + found[count - 1].end()
            if select.select([self.master], [], [], 0.2)[0]:
                try:
                    self.shown += os.read(self.master, 65_536)
                except OSError:  # Linux says so when the other end is closed
                    break
        raise AssertionError(f"{pattern!r} never came; the end is {self.shown[-600:]!r}")

    def end(self) -> int:
        while True:
            try:
                data = os.read(self.master, 65_536)
            except OSError:
                break
            if not data:
                break
            self.shown += data
        _, status = os.waitpid(self.pid, 0)
        os.close(self.master)
        return os.waitstatus_to_exitcode(status)


LISTEN = f"{sys.executable} -m device listen --bundle {BUNDLE}"
DRAWN = rb"\x1b\[\?2026l"
LEFT = rb"\x1b\[\?1049l"


def test_the_demo_is_played_with_keys() -> None:
    session = Session(f"cd {ROOT}; {LISTEN}; echo code $?; stty -a")
    at = session.until(DRAWN, count=5)
    os.write(session.master, b"s")
    at = session.until(rb"trail in lampyris", at)
    os.write(session.master, b"p")
    at = session.until(rb"trail in pastel", at)
    os.write(session.master, b" ")
    at = session.until(rb"off", at)
    os.write(session.master, b"q")
    at = session.until(LEFT, at)
    session.end()
    after = session.shown[at:]
    assert b"code 0" in after
    assert b" echo " in after
    assert b" icanon" in after
    assert b"Traceback" not in session.shown


def test_ctrl_z_gives_the_terminal_back_and_fg_goes_on() -> None:
    session = Session(f"cd {ROOT}; {LISTEN}; echo STOPPED; stty -a; sleep 0.3; fg %1; echo code $?; stty -a")
    at = session.until(DRAWN, count=5)
    os.write(session.master, b"\x1a")
    at = session.until(LEFT, at)
    at = session.until(rb"STOPPED", at)
    again = session.until(rb"\x1b\[\?1049h", at)
    stopped = session.shown[at:again]
    assert b" echo " in stopped
    assert b" icanon" in stopped
    session.until(DRAWN, again, count=5)
    os.write(session.master, b"s")
    session.until(rb"trail in lampyris", again)
    os.write(session.master, b"\x03")
    at = session.until(LEFT, again)
    session.end()
    after = session.shown[at:]
    assert b"code 130" in after
    assert b" echo " in after
    assert b"Traceback" not in session.shown


def test_in_the_background_it_leaves_the_keys_alone() -> None:
    session = Session(f"cd {ROOT}; {LISTEN} --speed max & stty -a; wait; echo done $?")
    session.until(rb"done")
    session.end()
    assert b" icanon" in session.shown
    assert b"heard" in session.shown
