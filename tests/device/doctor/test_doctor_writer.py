"""The writer that is asked: a real one over a real socket, and sockets where there is none."""

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event, Thread

import numpy as np
import pytest

from device.doctor import writer
from device.doctor.finding import State
from tests.light_rig import Rig, Sender, rig

UID = 1000


@contextmanager
def at_work(made: Rig) -> Iterator[None]:
    """Let the writer answer who knocks, in the background, while its clock stands still."""
    stop = Event()

    def run() -> None:
        while not stop.wait(0.002):
            made.server.accept(made.now_s)

    thread = Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@contextmanager
def listener(path: Path, answer: bytes | None) -> Iterator[Path]:
    """A socket where something answers, or where nobody does."""
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)) as server:
        server.bind(str(path))
        server.listen(1)

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.send(answer or b"")

        thread = Thread(target=serve) if answer else None
        if thread:
            thread.start()
        yield path
        if thread:
            thread.join()


def test_a_free_writer(tmp_path: Path) -> None:
    with rig(tmp_path) as made, at_work(made):
        told = writer.check(made.path, 4, True, UID)
    assert told.state is State.OK
    assert "4 pixels, free" in told.found
    assert told.values["pixels"] == 4


def test_a_lamp_that_sends_light_keeps_its_place(tmp_path: Path) -> None:
    with rig(tmp_path) as made, closing(Sender(made.path)) as lamp:
        made.play(lamp, np.full((4, 3), 0.5), 1.0)
        shown = made.shown.copy()
        with at_work(made):
            told = writer.check(made.path, 4, True, UID)
        assert told.state is State.OK
        assert "a lamp sends it light" in told.found
        made.play(lamp, np.full((4, 3), 0.5), 1.0)
        np.testing.assert_allclose(made.shown.astype(int), shown, atol=1)  # it is dithered
        assert made.server.refused == 1


def test_asking_shows_nothing(tmp_path: Path) -> None:
    with rig(tmp_path) as made:
        with at_work(made):
            assert writer.check(made.path, 4, True, UID).state is State.OK
        made.pass_s(3.0)
        assert not np.any(made.driver.frames)
        assert made.server.client is None


def test_another_number_of_pixels(tmp_path: Path) -> None:
    with rig(tmp_path) as made, at_work(made):
        told = writer.check(made.path, 60, True, UID)
    assert told.state is State.WARN
    assert "4 pixels" in told.found
    assert "strip.pixels" in told.next_step


def test_a_writer_for_others(tmp_path: Path) -> None:
    with rig(tmp_path, users=frozenset({54_321})) as made, at_work(made):
        told = writer.check(made.path, 4, True, UID)
    assert told.state is State.FAIL
    assert "may not send light" in told.found
    assert "--user" in told.next_step


def test_none_where_one_is_needed_and_where_not(tmp_path: Path) -> None:
    told = writer.check(tmp_path / "light.sock", 4, True, 0)
    assert told.state is State.FAIL
    assert "sudo lampyris light --user root" in told.next_step
    assert writer.check(tmp_path / "light.sock", 4, False, 0).state is State.SKIP


def test_a_socket_that_a_killed_writer_left(tmp_path: Path) -> None:
    with listener(tmp_path / "s", None):
        pass
    told = writer.check(tmp_path / "s", 4, True, UID)
    assert told.state is State.FAIL
    assert "none listens" in told.found


def test_one_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "PATIENCE_S", 0.05)
    with listener(tmp_path / "s", None) as path:
        told = writer.check(path, 4, True, UID)
    assert told.state is State.FAIL
    assert "does not answer" in told.found
    assert "restart" in told.next_step


def test_something_else_at_the_socket(tmp_path: Path) -> None:
    with listener(tmp_path / "s", b"HELLO, WHO IS THERE") as path:
        told = writer.check(path, 4, True, UID)
    assert told.state is State.FAIL
    assert "isn't the writer" in told.found
    assert told.next_step


def test_a_socket_that_this_user_may_not_reach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: object) -> writer.Answer:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(writer, "ask", refuse)  # whoever runs the tests may be root, whom nothing refuses
    told = writer.check(tmp_path / "s", 4, False, 0)
    assert told.state is State.FAIL
    assert "user root may not reach" in told.found
    assert "--user root" in told.next_step


def test_a_path_that_is_too_long(tmp_path: Path) -> None:
    told = writer.check(tmp_path / ("x" * 200), 4, True, UID)
    assert told.state is State.FAIL
    assert "too long" in told.found
    assert told.next_step
