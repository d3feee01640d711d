"""What goes over the socket of the writer: one message of a SOCK_SEQPACKET socket each, little-endian.

4 bytes   "LAMP"
uint8     version, 1
uint8     kind
uint16    pixels
uint32    sequence, of frames, from any number on; a gap tells how many the client left out
rest      FRAME, to the writer: pixels x 3 uint16, linear red, green, blue, full is 65535
          WELCOME, from the writer: nothing; pixels is what the strip shows
          REFUSED, from the writer, before it hangs up: the reason, UTF-8; pixels is 0
"""

import struct
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hardware.light.settings import MOST_LEDS
from hardware.words import printable

MAGIC = b"LAMP"
VERSION = 1
FULL = 65535
SEQUENCES = 2**32
HEADER = struct.Struct("<4sBBHI")
LONGEST = HEADER.size + 6 * MOST_LEDS
"""Bytes of the longest message."""


class Kind(IntEnum):
    """What a message is."""

    FRAME = 1
    WELCOME = 2
    REFUSED = 3


class ProtocolError(ValueError):
    """A message is not as the protocol says; the text tells what is wrong, without a full stop."""


def encode_frame(light: NDArray[Any], sequence: int) -> bytes:
    """A message with a frame, uint16 [pixels, 3]."""
    return HEADER.pack(MAGIC, VERSION, Kind.FRAME, len(light), sequence) + light.astype("<u2", copy=False).tobytes()


def check_frame(message: memoryview) -> int:
    """The sequence number of a message with a frame. Raises ProtocolError for anything else."""
    kind, pixels, sequence = _header(message)
    if kind != Kind.FRAME:
        raise ProtocolError(f"a message of kind {kind} came instead of a frame")
    if not 1 <= pixels <= MOST_LEDS:
        raise ProtocolError(f"a frame has {pixels} pixels, and 1 to {MOST_LEDS} are allowed")
    if len(message) != HEADER.size + 6 * pixels:
        raise ProtocolError(f"a frame of {pixels} pixels has {HEADER.size + 6 * pixels} bytes, not {len(message)}")
    return sequence


def frame_light(message: memoryview) -> NDArray[np.uint16]:
    """The light, uint16 [pixels, 3], of a message that was checked; a view of it."""
    return np.frombuffer(message, "<u2", offset=HEADER.size).reshape(-1, 3)


def encode_welcome(pixels: int) -> bytes:
    """The writer's greeting."""
    return HEADER.pack(MAGIC, VERSION, Kind.WELCOME, pixels, 0)


def encode_refusal(reason: str) -> bytes:
    """The writer's last word."""
    return HEADER.pack(MAGIC, VERSION, Kind.REFUSED, 0, 0) + reason.encode()


def decode_answer(message: bytes) -> int | str:
    """What the writer says: the pixels of its strip, or the reason of a refusal. Raises ProtocolError."""
    kind, pixels, _ = _header(memoryview(message))
    if kind == Kind.WELCOME and len(message) == HEADER.size:
        return pixels
    if kind == Kind.REFUSED:
        text = message[HEADER.size :].decode(errors="replace")
        return printable(text)
    raise ProtocolError(f"an answer of kind {kind} came")


def _header(message: memoryview) -> tuple[int, int, int]:
    """Kind, pixels and sequence."""
    if len(message) < HEADER.size:
        raise ProtocolError(f"a message of {len(message)} bytes is too short")
    magic, version, kind, pixels, sequence = HEADER.unpack_from(message)
    if magic != MAGIC:
        raise ProtocolError("a message does not begin as one of Lampyris")
    if version != VERSION:
        raise ProtocolError(
            f"a message has version {version}, and this is {VERSION}: use the same release on both sides"
        )
    return kind, pixels, sequence
