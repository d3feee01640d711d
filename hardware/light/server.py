"""Server: lets one client in and gives its newest frame."""

import socket
from contextlib import suppress
from typing import Any

from numpy.typing import NDArray

from hardware.light.peer import has_left, peer_of
from hardware.light.presence import QUIET_S
from hardware.light.protocol import (
    LONGEST,
    SEQUENCES,
    ProtocolError,
    check_frame,
    encode_refusal,
    encode_welcome,
    frame_light,
)
from hardware.light.teller import Teller

_MOST_ACCEPTS = 8
_FULL_REST_S = 1.0
"""So long nobody is let in when the system has no room for another connection."""
_MOST_MESSAGES = 512
"""More don't fit into a socket, so that it is empty afterwards; a client that fills it meanwhile can't hold us."""


class Server:
    """Accepts clients at a listening socket, and reads what the one that was let in sends.

    users: the user ids that are let in. pixels: what the client is told that the strip has.
    A client that is no such user, or comes while another is there, is refused with the reason. So is one that was
    silent for QUIET_S when another comes, and one that breaks the protocol: its message is not shown, and it may come
    again.
    received, dropped, lost: frames that came, that a newer one overtook, that the client itself left out.
    refused: clients that were sent away. rests_until_s: when it can let somebody in again.
    """

    def __init__(self, listener: socket.socket, users: frozenset[int], pixels: int, teller: Teller) -> None:
        self._listener = listener
        self._users, self._pixels, self._teller = users, pixels, teller
        self.client: socket.socket | None = None
        self._pid = 0
        self._heard_s = 0.0
        self.rests_until_s = 0.0
        self._length = 0
        self._sequence: int | None = None
        self._buffers = bytearray(LONGEST + 1), bytearray(LONGEST + 1)
        self.received = self.dropped = self.lost = self.refused = 0
        self.burst = 0

    def accept(self, now_s: float) -> None:
        """Answer whoever wants to come in; what the client sent must have been read."""
        for _ in range(_MOST_ACCEPTS):
            try:
                connection, _ = self._listener.accept()
            except (BlockingIOError, ConnectionError):
                return
            except OSError as error:  # too many open files, no memory: who knocks waits
                self.rests_until_s = now_s + _FULL_REST_S
                self._teller.complain("full", f"Nobody can be let in ({error.strerror}); end other programs.")
                return
            connection.setblocking(False)
            peer = peer_of(connection)
            if peer.uid not in self._users:
                self._refuse(connection, f"user {peer.uid} may not send light; start the writer with --user for it")
                continue
            if self.client is not None and now_s - self._heard_s > QUIET_S:
                self._refuse(self.client, f"it was silent for {QUIET_S:g} s and another client came")
                self.client = None
            if self.client is not None:
                self._refuse(connection, f"another client, process {self._pid}, is sending light; stop it first")
            else:
                self.client, self._pid, self._length, self._sequence = connection, peer.pid, 0, None
                self._heard_s = now_s
                with suppress(OSError):  # it left already: reading will tell
                    connection.send(encode_welcome(self._pixels))
                self._teller.complain("came", f"Process {peer.pid} sends light.")

    def newest(self, now_s: float) -> NDArray[Any] | None:
        """The newest frame that came since the last call, uint16 [n, 3], valid until the next call; None without one.

        burst: how many came. self.client is None afterwards if it left or was sent away.
        """
        self.burst = 0
        newest: memoryview | None = None
        filled, spare = (memoryview(buffer) for buffer in self._buffers)
        for _ in range(_MOST_MESSAGES):
            if self.client is None:
                break
            try:
                size = self.client.recv_into(spare)
            except BlockingIOError:
                break
            except OSError:  # it died
                self.hang_up()
                break
            if size == 0 and has_left(self.client):
                self.hang_up()
                break
            message = spare[:size]
            try:
                self._follow(check_frame(message))
            except ProtocolError as error:
                self._refuse(self.client, str(error))
                self.hang_up()
                break
            self.burst += 1
            newest = message
            filled, spare = spare, filled
        if self.burst:
            self._heard_s = now_s
        self.received += self.burst
        self.dropped += max(0, self.burst - 1)
        return None if newest is None else self._light(newest)

    def hang_up(self) -> None:
        """Be without a client."""
        if self.client is not None:
            self.client.close()
            self.client = None

    def _follow(self, sequence: int) -> None:
        if self._sequence is not None:
            step = (sequence - self._sequence) % SEQUENCES
            if not 0 < step < SEQUENCES // 2:
                raise ProtocolError(f"frame {sequence} came after frame {self._sequence}")
            self.lost += step - 1
        self._sequence = sequence

    def _light(self, message: memoryview) -> NDArray[Any]:
        light = frame_light(message)
        if len(light) != self._length:
            self._length = len(light)
            if self._length != self._pixels:
                self._teller.complain(
                    "length",
                    f"The light that comes is for {self._length} pixels and the strip has {self._pixels}, so it is "
                    "stretched; start both with the same strip.pixels.",
                )
        return light

    def _refuse(self, connection: socket.socket, reason: str) -> None:
        self.refused += 1
        self._teller.complain("refused", f"A client was refused: {reason}.")
        with suppress(OSError):  # it doesn't listen
            connection.send(encode_refusal(reason))
        connection.close()
