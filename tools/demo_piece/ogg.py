"""Writes Ogg Vorbis so that the same sound always gives the same bytes (the stream number is fixed)."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import soundfile

_SERIAL = 0x4C616D70
_BLOCK = 16384


def _crc_table() -> list[int]:
    table = []
    for byte in range(256):
        value = byte << 24
        for _ in range(8):
            value = ((value << 1) ^ 0x04C11DB7 if value & 0x80000000 else value << 1) & 0xFFFFFFFF
        table.append(value)
    return table


def fix_serial(data: bytes) -> bytes:
    """The Ogg file with its random stream serial number replaced and the page checksums made anew."""
    table, out, at = _crc_table(), bytearray(), 0
    while at < len(data):
        segments = data[at + 26]
        size = 27 + segments + sum(data[at + 27 : at + 27 + segments])
        page = bytearray(data[at : at + size])
        page[14:18] = struct.pack("<I", _SERIAL)
        page[22:26] = bytes(4)
        crc = 0
        for byte in page:
            crc = ((crc << 8) & 0xFFFFFFFF) ^ table[(crc >> 24) ^ byte]
        page[22:26] = struct.pack("<I", crc)
        out += page
        at += size
    return bytes(out)


def write_ogg(path: Path, sound: np.ndarray, rate: int, quality: float, title: str) -> None:
    """Encodes `sound` (samples, channels) beside `path` and renames it into place."""
    beside = path.with_name(path.name + ".part")
    level = {"compression_level": 1.0 - quality}
    with soundfile.SoundFile(beside, "w", rate, sound.shape[1], subtype="VORBIS", format="OGG", **level) as file:
        file.title = title
        for at in range(0, len(sound), _BLOCK):  # one large write can overflow libsndfile's stack
            file.write(sound[at : at + _BLOCK])
    beside.write_bytes(fix_serial(beside.read_bytes()))
    beside.replace(path)
