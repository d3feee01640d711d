"""Who is let in, and what comes of messages that are wrong."""

import errno
import os
import select
import socket
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hardware.errors import HardwareError
from hardware.light.address import SYSTEM_SOCKET, Address, client_socket, writer_socket
from hardware.light.peer import account, allowed_users, peer_of
from hardware.light.presence import QUIET_S
from hardware.light.protocol import HEADER, MAGIC, decode_answer
from hardware.light.server import Server
from hardware.light.teller import Teller
from tests.light_rig import Rig, Sender, rig

RED = np.array([[1.0, 0.0, 0.0]] * 4)
BLUE = np.array([[0.0, 0.0, 1.0]] * 4)

names = st.one_of(st.just(MAGIC), st.binary(min_size=4, max_size=4))
versions = st.one_of(st.just(1), st.integers(0, 255))
kinds = st.one_of(st.just(1), st.integers(0, 255))
pixel_counts = st.one_of(st.just(4), st.integers(0, 65535))
sequences = st.one_of(st.just(2), st.integers(0, 2**32 - 1))
sizes = st.one_of(st.just(24), st.integers(0, 6100))
messages = st.tuples(names, versions, kinds, pixel_counts, sequences, sizes, st.integers(0, 2**32 - 1))


def is_malformed(name: bytes, version: int, kind: int, pixels: int, sequence: int, size: int) -> bool:
    """By the words of the protocol, after a frame number 2."""
    shape = name == MAGIC and version == 1 and kind == 1 and 1 <= pixels <= 1000 and size == 6 * pixels
    return not shape or sequence == 2 or (sequence - 2) % 2**32 >= 2**31


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(batch=st.lists(messages, min_size=55, max_size=55))
def test_eleven_thousand_malformed_messages_show_nothing(
    batch: list[tuple[bytes, int, int, int, int, int, int]], tmp_path: Path
) -> None:
    with rig(tmp_path) as lamp:
        wrong = 0
        for *fields, seed in batch:
            name, version, kind, pixels, sequence, size = fields
            if not is_malformed(name, version, kind, pixels, sequence, size):
                sequence = 2  # the number of the frame before
            sender = Sender(lamp.path)
            lamp.play(sender, RED, 2 / 60)
            # What a mistake would show: anything but red.
            body = np.random.default_rng(seed).integers(1, 256, size, np.uint8).tobytes()
            sender.socket.send(HEADER.pack(name, version, kind, pixels, sequence) + body)
            lamp.pass_s(0.02)
            assert lamp.server.client is None
            wrong += 1
            assert lamp.server.refused == wrong
            sender.close()
        assert wrong == 55
        shown = np.array(lamp.driver.frames)
        assert shown[..., 0].any()
        assert not shown[..., 1:].any()


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(noise=st.binary(max_size=8000))
def test_noise_is_refused(noise: bytes, tmp_path: Path) -> None:
    with rig(tmp_path) as lamp, closing(Sender(lamp.path)) as sender:
        sender.socket.send(noise)
        lamp.pass_s(0.1)
        assert lamp.server.client is None
        assert not np.array(lamp.driver.frames).any()


def answers(connection: socket.socket) -> list[int | str]:
    found = []
    while True:
        try:
            message = connection.recv(2048)
        except ConnectionResetError:  # comes first when it hung up on something unread
            continue
        except BlockingIOError:
            return found
        if not message:
            return [*found, "hung up"]
        found.append(decode_answer(message))


def test_a_second_client_is_refused_while_the_first_lives(tmp_path: Path) -> None:
    with rig(tmp_path) as lamp, closing(Sender(lamp.path)) as first:
        lamp.play(first, RED, 0.5)
        second = Sender(lamp.path)
        second.send(BLUE)
        lamp.play(first, RED, 0.5)
        assert answers(first.socket) == [4]
        reason, end = answers(second.socket)
        assert reason == f"another client, process {os.getpid()}, is sending light; stop it first"
        assert end == "hung up"
        assert (lamp.shown == [255, 0, 0]).all()
        assert not np.array(lamp.driver.frames)[..., 2].any()
        first.close()
        lamp.pass_s(0.1)
        with closing(Sender(lamp.path)) as third:
            lamp.play(third, BLUE, 1.0)
            assert answers(third.socket) == [4]
            assert (lamp.shown == [0, 0, 255]).all()


def test_another_user_is_refused_with_the_reason(tmp_path: Path) -> None:
    nobody = frozenset({os.getuid() + 1})
    with rig(tmp_path, users=nobody) as lamp, closing(Sender(lamp.path)) as sender:
        sender.send(RED)
        lamp.pass_s(0.5)
        reason = f"user {os.getuid()} may not send light; start the writer with --user for it"
        assert answers(sender.socket)[0] == reason
        assert lamp.told == [f"A client was refused: {reason}."]
        assert not np.array(lamp.driver.frames).any()


def test_who_may_send_light() -> None:
    assert allowed_users(None) == {0, os.geteuid()}
    assert allowed_users("nobody") == {0, os.geteuid(), account("nobody").pw_uid}
    with pytest.raises(HardwareError, match="no user 'nobody-at-all'"):
        allowed_users("nobody-at-all")
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        assert peer_of(ours) == (os.getpid(), os.getuid(), os.getgid())


def test_frames_that_a_client_left_out_and_that_were_overtaken_are_counted(tmp_path: Path) -> None:
    with rig(tmp_path) as lamp, closing(Sender(lamp.path)) as sender:
        lamp.pass_s(0.1)
        sender.send(RED)
        sender.sequence += 4
        sender.send(BLUE)
        lamp.pass_s(0.5)
        assert (lamp.server.received, lamp.server.dropped, lamp.server.lost) == (2, 1, 4)
        assert (lamp.shown == [0, 0, 255]).all()


def test_the_sequence_goes_round(tmp_path: Path) -> None:
    with rig(tmp_path) as lamp, closing(Sender(lamp.path)) as sender:
        sender.sequence = 2**32 - 2
        sender.send(RED)
        sender.sequence = -1
        sender.send(BLUE)
        lamp.pass_s(0.5)
        assert (lamp.server.refused, lamp.server.lost) == (0, 0)
        assert (lamp.shown == [0, 0, 255]).all()


def test_refusals_are_told_once_a_minute(tmp_path: Path) -> None:
    with rig(tmp_path) as lamp:
        for _ in range(1000):
            sender = Sender(lamp.path)
            sender.socket.send(b"hello")
            lamp.pass_s(0.1)
            sender.close()
        assert lamp.server.refused == 1000
        refusals = [line for line in lamp.told if "refused" in line]
        assert len(refusals) <= 1 + (lamp.now_s - 100) / 60
        assert "5 bytes is too short" in refusals[0]
        assert "more like this" in refusals[1]


def test_a_client_that_comes_back_quickly_is_let_in(tmp_path: Path) -> None:
    with rig(tmp_path) as lamp:
        first = Sender(lamp.path)
        lamp.play(first, RED, 1.0)
        first.close()
        with closing(Sender(lamp.path)) as again:  # both before the writer looks
            lamp.play(again, BLUE, 1.0)
            assert answers(again.socket) == [4]
            assert (lamp.shown == [0, 0, 255]).all()
        assert lamp.server.refused == 0


def test_a_silent_client_loses_its_place_when_another_knocks(tmp_path: Path) -> None:
    with rig(tmp_path) as lamp, closing(Sender(lamp.path)) as silent:
        lamp.play(silent, RED, 0.5)
        lamp.pass_s(QUIET_S - 0.2)
        with closing(Sender(lamp.path)) as early:
            lamp.pass_s(0.1)
            assert answers(early.socket)[-1] == "hung up"
        lamp.pass_s(0.2)
        assert answers(silent.socket) == [4]  # as long as nobody else comes, it may stay
        with closing(Sender(lamp.path)) as other:
            lamp.play(other, BLUE, 1.0)
            assert answers(other.socket) == [4]
        assert answers(silent.socket) == ["it was silent for 2 s and another client came", "hung up"]
        assert (lamp.shown == [0, 0, 255]).all()


class Full:
    """A listener on a system that has no room for a connection."""

    def __init__(self) -> None:
        self.tried = 0

    def accept(self) -> None:
        self.tried += 1
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))


def test_too_many_open_files_end_nothing(tmp_path: Path) -> None:
    with rig(tmp_path) as lamp:
        lamp.pass_s(0.5)
        full, listener = Full(), lamp.server._listener
        lamp.server._listener = full  # type: ignore[assignment]
        with closing(Sender(lamp.path)) as sender:
            waits = lamp.waits
            lamp.pass_s(10)
            assert 5 <= full.tried <= 11
            assert lamp.waits - waits <= 40
            assert lamp.told == ["Nobody can be let in (Too many open files); end other programs."]
            lamp.server._listener = listener
            lamp.pass_s(1.1)
            lamp.play(sender, RED, 1.0)
            assert (lamp.shown == [255, 0, 0]).all()


def test_an_empty_message_is_refused_as_any_other_that_is_too_short(tmp_path: Path) -> None:
    with rig(tmp_path) as lamp, closing(Sender(lamp.path)) as sender:
        lamp.pass_s(0.1)
        sender.socket.send(b"")
        lamp.pass_s(0.1)
        assert answers(sender.socket) == [4, "a message of 0 bytes is too short", "hung up"]


def test_changing_lengths_are_told_once_a_minute(tmp_path: Path) -> None:
    with rig(tmp_path) as lamp, closing(Sender(lamp.path)) as sender:
        for i in range(120):
            lamp.play(sender, np.ones((5 + i, 3)), 0.1, per_s=10)
        assert len([line for line in lamp.told if "stretched" in line]) == 1


def test_where_the_socket_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "lampyris" / "light.sock"
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert writer_socket() == own
    assert client_socket() == SYSTEM_SOCKET  # as long as the user has no writer
    own.parent.mkdir()
    own.touch()
    assert client_socket() == own
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert writer_socket() == SYSTEM_SOCKET
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    assert client_socket() == SYSTEM_SOCKET
    with pytest.raises(HardwareError, match="choose one with --socket"):
        writer_socket()


def modes(path: Path) -> tuple[int, int]:
    return path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777


def test_the_socket_is_for_its_user_and_group(tmp_path: Path) -> None:
    path = tmp_path / "lampyris" / "light.sock"
    with closing(Address(path, os.getgid())):
        assert modes(path) == (0o660, 0o750)
    assert not path.exists()
    with closing(Address(path)) as address:
        address.close()


def test_the_umask_takes_nothing_from_the_group(tmp_path: Path) -> None:
    path = tmp_path / "lampyris" / "light.sock"
    before = os.umask(0o077)
    try:
        with closing(Address(path, os.getgid())):
            assert modes(path) == (0o660, 0o750)
    finally:
        os.umask(before)


def test_ownership_is_never_given_through_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    through_links: list[bool] = []

    def chown(path: Path, uid: int, gid: int, follow_symlinks: bool = True) -> None:
        through_links.append(follow_symlinks)

    monkeypatch.setattr(os, "chown", chown)
    (tmp_path / "lampyris").mkdir()  # a folder that is made is opened, without following
    path = tmp_path / "lampyris" / "light.sock"
    with closing(Address(path, os.getgid())):
        assert through_links == []  # it has that group already
    with closing(Address(path, os.getgid() + 1)):
        assert through_links == [False]


def test_a_link_for_a_lock_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "light.sock.lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(HardwareError, match=r"can't be made \(.*\); choose another with --socket"):
        Address(tmp_path / "light.sock")
    assert not (tmp_path / "elsewhere").exists()


def said_to(uid: int, gid: int, path: Path, answer_it: Callable[[], object]) -> str:
    """What the writer answers to a user, or what the system does. answer_it: called when the user has knocked."""
    out, into = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
        try:
            with closing(Sender(path)) as sender:
                sender.socket.setblocking(True)
                answer = str(decode_answer(sender.socket.recv(2048)))
        except OSError as error:
            answer = str(error.strerror)
        os.write(into, answer.encode())
        os._exit(0)
    os.close(into)
    answer_it()
    with open(out, "rb") as file:
        answer = file.read().decode()
    os.waitpid(pid, 0)
    return answer


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_the_named_user_reaches_the_writer_and_no_other_does() -> None:
    nobody = account("nobody")
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        path = Path(name) / "run" / "light.sock"
        with closing(Address(path, nobody.pw_gid)) as address:
            server = Server(address.listener, allowed_users("nobody"), 4, Teller(lambda sentence: None))

            def let_in() -> None:
                select.select([address.listener], [], [], 30)
                server.accept(0.0)

            assert said_to(nobody.pw_uid, nobody.pw_gid, path, let_in) == "4"
            assert said_to(nobody.pw_uid + 1, nobody.pw_gid + 1, path, lambda: None) == "Permission denied"
            server.hang_up()


def test_a_living_writer_is_left_alone_and_a_dead_one_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "light.sock"
    with (
        closing(Address(path)),
        pytest.raises(HardwareError, match=r"Another writer already listens at .*; stop it first"),
    ):
        Address(path)
    pid = os.fork()
    if pid == 0:
        Address(path)
        os._exit(9)  # without a word, as a killed one
    os.waitpid(pid, 0)
    assert path.exists()
    with closing(Address(path)):
        assert path.is_socket()


def test_what_is_no_socket_is_not_removed(tmp_path: Path) -> None:
    path = tmp_path / "light.sock"
    path.write_text("precious", encoding="utf-8")
    with pytest.raises(HardwareError, match="is no socket"):
        Address(path)
    assert path.read_text(encoding="utf-8") == "precious"


@pytest.mark.parametrize("name", ["missing/folder/light.sock", "x" * 120, "nul\0"])
def test_a_path_that_does_not_work_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(HardwareError, match=r"can't be made \(.*\); choose another with --socket"):
        Address(tmp_path / name)


def test_a_rig_is_dark_at_the_start(tmp_path: Path) -> None:
    with rig(tmp_path) as lamp:
        assert isinstance(lamp, Rig)
        lamp.pass_s(1.5)
        assert len(lamp.driver.frames) >= 2
        assert not np.array(lamp.driver.frames).any()
