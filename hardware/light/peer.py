"""Who is at the other end of a Unix socket, and who may be."""

import os
import pwd
import select
import socket
import struct
from typing import NamedTuple

from hardware.errors import HardwareError

_CREDENTIALS = struct.Struct("3i")


class Peer(NamedTuple):
    """A process as the kernel knew it when it connected."""

    pid: int
    uid: int
    gid: int


def peer_of(connection: socket.socket) -> Peer:
    """The process that connected."""
    return Peer(*_CREDENTIALS.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)))


def has_left(connection: socket.socket) -> bool:
    """Whether the other end sends no more; reading gives nothing then, but it does for an empty message too."""
    poll = select.poll()
    poll.register(connection, select.POLLRDHUP)
    return bool(poll.poll(0))


def account(name: str) -> pwd.struct_passwd:
    """A user of this machine, by name. Raises HardwareError for one that doesn't exist."""
    try:
        return pwd.getpwnam(name)
    except (KeyError, ValueError):
        raise HardwareError(f"There is no user {name!r} on this machine; check --user.") from None


def allowed_users(name: str | None) -> frozenset[int]:
    """The user ids that may send light: the writer's own, root, and the user of this name. Raises HardwareError."""
    return frozenset({0, os.geteuid()} | ({account(name).pw_uid} if name else set()))
