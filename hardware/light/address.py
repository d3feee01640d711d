"""Where the writer's socket is, and whose."""

import fcntl
import os
import socket
import stat
from pathlib import Path

from hardware.errors import HardwareError
from hardware.words import printable

SYSTEM_SOCKET = Path("/run/lampyris/light.sock")
"""Of a writer that runs as root."""


def writer_socket() -> Path:
    """The path for a writer of this user. Raises HardwareError when the user has no place for it."""
    if os.geteuid() == 0:
        return SYSTEM_SOCKET
    if own := _own_socket():
        return own
    raise HardwareError(
        "XDG_RUNTIME_DIR isn't set, so there is no usual place for the socket; choose one with --socket."
    )


def client_socket() -> Path:
    """The path for a client: the user's own writer if there is one, else that of the system."""
    own = _own_socket()
    return own if own is not None and own.exists() else SYSTEM_SOCKET


def _own_socket() -> Path | None:
    folder = os.environ.get("XDG_RUNTIME_DIR", "")
    return Path(folder) / "lampyris" / "light.sock" if folder.startswith("/") else None


class Address:
    """A listening SOCK_SEQPACKET socket at a path, of this process alone.

    The folder is made with mode 0750 if there is none, the socket has 0660; both belong to the group, if one is given.
    A lock beside the socket tells a living writer from one that was killed, whose socket is taken over.
    Raises HardwareError when another writer lives there, or the path can't be used.
    """

    def __init__(self, path: Path, group: int | None = None) -> None:
        self.path = path
        self._lock = -1
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_NONBLOCK)
        try:
            self._take(group)
        except (OSError, ValueError) as error:
            self.close()
            reason = getattr(error, "strerror", None) or str(error)
            raise HardwareError(
                f"The socket {printable(str(path))} can't be made ({reason}); choose another with --socket."
            ) from error
        except HardwareError:
            self.close()
            raise

    def close(self) -> None:
        """Remove the socket; calling it again does nothing."""
        self.listener.close()
        if self._lock >= 0:
            self.path.unlink(missing_ok=True)
            os.close(self._lock)
            self._lock = -1

    def _take(self, group: int | None) -> None:
        folder = self.path.parent
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            pass
        else:
            _give(folder, group)
        lock = os.open(f"{self.path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise HardwareError(
                f"Another writer already listens at {self.path}; stop it first, or choose another --socket."
            ) from None
        if os.path.lexists(self.path) and not stat.S_ISSOCK(self.path.lstat().st_mode):
            os.close(lock)
            raise HardwareError(f"{self.path} is no socket, so it isn't replaced; choose another with --socket.")
        self._lock = lock  # from here on the path is ours to remove
        self.path.unlink(missing_ok=True)
        before = os.umask(0o117)
        try:
            self.listener.bind(str(self.path))
        finally:
            os.umask(before)
        if group is not None and self.path.lstat().st_gid != group:  # a unit of that group may not, and need not
            os.chown(self.path, -1, group, follow_symlinks=False)
        self.listener.listen(4)


def _give(folder: Path, group: int | None) -> None:
    """Mode 0750 whatever the umask, and to the group; the folder itself, not what a link in its place points to."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if group is not None:
            os.fchown(opened, -1, group)
        os.fchmod(opened, 0o750)
    finally:
        os.close(opened)
