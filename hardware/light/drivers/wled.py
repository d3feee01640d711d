"""wled: a strip at a WLED controller on the network, by DDP (http://www.3waylabs.com/ddp/) over UDP.

Only where the settings ask for it: without this driver nothing of the light goes to a network. WLED sorts the colors
for its strip itself, and returns to its own effects a few seconds after the last frame.
"""

import re
import socket
import struct
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hardware.errors import HardwareError
from hardware.light.settings import StripSettings
from hardware.light.wire import WireStrip

PORT = 4048
PACKET_BYTES = 1440
"""What the specification allows in a packet: 480 pixels, within what Ethernet carries in one piece."""
_HEADER = struct.Struct(">BBBBIH")
_VERSION_1, _PUSH = 0x40, 0x01
_RGB_8_BIT = 0x0B
_DISPLAY = 1
_DARK_FRAMES = 3  # at the end: UDP may lose one


def open_strip(settings: StripSettings) -> "WledStrip":
    """The strip behind the controller that settings.address names, as host or host:port.

    Raises HardwareError when it names none or the name isn't known.
    """
    host, port = parse_address(settings.address)
    return WledStrip(settings.leds, host, port)


def parse_address(address: str) -> tuple[str, int]:
    """Host and port of host, host:port, [IPv6] or [IPv6]:port; HardwareError for anything else."""
    if not address:
        raise HardwareError('No WLED controller is named; set strip.address, as in "wled.local" or "192.168.1.20".')
    found = re.fullmatch(r"(?:\[([0-9a-fA-F:.]+)\]|([^\s:/\[\]]+))(?::(\d{1,5}))?", address)
    if not found or not 0 < int(found[3] or PORT) < 65536:
        raise HardwareError(f'{address!r} is no address; write a host, or host and port, as in "wled.local:4048".')
    return found[1] or found[2], int(found[3] or PORT)


class Packets:
    """Cuts frames into DDP packets: 1440 bytes each at most, numbered 1 to 15, the last one with the push flag."""

    def __init__(self) -> None:
        self._sequence = 0

    def process(self, frame: NDArray[np.uint8]) -> list[bytes]:
        """The packets of one frame, uint8 [pixels, 3]."""
        data = frame.tobytes()
        packets = []
        for start in range(0, len(data), PACKET_BYTES):
            part = data[start : start + PACKET_BYTES]
            flags = _VERSION_1 | (_PUSH if start + len(part) == len(data) else 0)
            self._sequence = self._sequence % 15 + 1
            packets.append(_HEADER.pack(flags, self._sequence, _RGB_8_BIT, _DISPLAY, start, len(part)) + part)
        return packets


class WledStrip(WireStrip):
    """A strip behind a WLED controller; its frames are red, green, blue. show() returns when the packets are sent.

    An unreachable controller is noticed when the network says so, which for UDP may be never.
    """

    order = "RGB"

    def __init__(self, pixels: int, host: str, port: int = PORT) -> None:
        super().__init__(pixels, 3)
        self._name = f"{host}:{port}"
        self._packets = Packets()
        try:
            family, kind, protocol, _, address = _found(host, port)
        except (OSError, UnicodeError) as error:
            raise HardwareError(
                f"The WLED controller {host} isn't known on this network; check strip.address and that it is on."
            ) from error
        self._socket = socket.socket(family, kind, protocol)
        try:
            # So that the kernel reports a closed port.
            self._socket.connect(address)
        except OSError as error:
            self._socket.close()
            raise self._trouble(error) from error
        self._begin_dark()

    def _send(self, frame: NDArray[np.uint8]) -> None:
        try:
            for packet in self._packets.process(frame):
                self._socket.send(packet)
        except OSError as error:
            raise self._trouble(error) from error

    def _release(self) -> None:
        try:
            for _ in range(_DARK_FRAMES - 1):
                self._send(self._dark)
        finally:
            self._socket.close()

    def _trouble(self, error: OSError) -> HardwareError:
        return HardwareError(
            f"The WLED controller {self._name} can't be reached ({error.strerror}); check strip.address and its "
            "network."
        )


@cache
def _found(host: str, port: int) -> tuple[Any, ...]:
    """Where the host is, asked once: when it is opened again, the writer's loop can't wait for an answer."""
    return socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
