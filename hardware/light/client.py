"""SocketStrip: a strip at the other end of the writer's socket."""

import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from hardware.light.address import client_socket
from hardware.light.frame import checked_frame, checked_pixels
from hardware.light.protocol import FULL, HEADER, SEQUENCES, ProtocolError, decode_answer, encode_frame
from hardware.light.settings import MOST_LEDS
from hardware.light.teller import to_stderr

RETRY_S = 1.0
_ANSWER = HEADER.size + 1024


class SocketStrip:
    """Sends frames to the writer ('lampyris light') and never waits for it: one that it can't take is left out.

    While the writer is away, or refuses, the lamp goes on without light and asks again every second; that is told once,
    until it comes back. The writer keeps to the current limit.

    path: of the socket; by default of the user's own writer, else of the system's. tell: takes a sentence.
    clock: seconds. left_out: frames that nobody took. Raises HardwareError for no pixels or too many.
    """

    keeps_limit = True

    def __init__(
        self,
        pixels: int,
        path: str | Path | None = None,
        *,
        tell: Callable[[str], None] = to_stderr,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.pixels = checked_pixels(pixels, MOST_LEDS)
        self.left_out = 0
        self._path = path
        self._tell, self._clock = tell, clock
        self._socket: socket.socket | None = None
        self._retry_s: float | None = None
        self._told = False
        self._sequence = 0
        self._closed = False

    def show(self, frame: NDArray[Any]) -> None:
        """Send a frame, [pixels, 3] in [0, 1]. Raises ValueError for any other and after close."""
        if self._closed:
            raise ValueError("The strip was used after it was closed.")
        frame = checked_frame(frame, self.pixels)
        self._sequence = (self._sequence + 1) % SEQUENCES
        if self._socket is None:
            self._connect()
        if self._socket is None or not self._send(np.rint(frame * np.float32(FULL)).astype(np.uint16)):
            self.left_out += 1

    @property
    def away(self) -> bool:
        """Whether the last frame found no writer that takes it."""
        return self._socket is None

    def close(self) -> None:
        """Hang up, upon which the writer goes dark; calling it again does nothing."""
        self._closed = True
        self._hang_up()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _connect(self) -> None:
        now_s = self._clock()
        if self._retry_s is not None and now_s < self._retry_s:
            return
        self._retry_s = now_s + RETRY_S
        path = self._path or client_socket()
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_NONBLOCK)
        try:
            connection.connect(str(path))
        except BlockingIOError:  # it is there, and busy
            connection.close()
        except OSError as error:
            connection.close()
            reason = error.strerror or error
            self._away(f"No light: the writer can't be reached at {path} ({reason}); start 'lampyris light'.")
        else:
            self._socket = connection

    def _send(self, light: NDArray[np.uint16]) -> bool:
        assert self._socket is not None
        try:
            self._listen(self._socket)
            if self._socket is None:
                return False
            self._socket.send(encode_frame(light, self._sequence))
        except BlockingIOError:  # it is busy: this frame will be old by then
            return False
        except OSError:
            self._gone()
            return False
        return True

    def _listen(self, connection: socket.socket) -> None:
        """Hear what the writer says, if anything."""
        try:
            message = connection.recv(_ANSWER)
        except BlockingIOError:
            return
        if not message:
            self._gone()
            return
        try:
            answer = decode_answer(message)
        except ProtocolError as error:
            self._hang_up()
            self._away(f"No light: what answers at the socket isn't the writer of this release ({error}); restart it.")
            return
        if isinstance(answer, str):
            self._hang_up()
            self._away(f"No light: the writer refused ({answer}).")
        else:
            self._told = False

    def _gone(self) -> None:
        """The connection broke; why may still lie in it."""
        connection = self._socket
        if connection is not None:
            try:
                answer = decode_answer(connection.recv(_ANSWER))
            except (OSError, ProtocolError):
                answer = 0
            reason = f"refused ({answer})" if isinstance(answer, str) else "has ended; start 'lampyris light' again"
            self._hang_up()
            self._away(f"No light: the writer {reason}.")

    def _away(self, sentence: str) -> None:
        if not self._told:
            self._told = True
            self._tell(sentence)

    def _hang_up(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
