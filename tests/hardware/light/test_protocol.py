"""Messages on the socket: there and back, and every way in which they can be wrong."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from hardware.light.protocol import (
    HEADER,
    LONGEST,
    ProtocolError,
    check_frame,
    decode_answer,
    encode_frame,
    encode_refusal,
    encode_welcome,
    frame_light,
)

pictures = st.integers(1, 1000).flatmap(lambda pixels: arrays(np.uint16, (pixels, 3)))


@given(light=pictures, sequence=st.integers(0, 2**32 - 1))
def test_a_frame_comes_back_as_it_was(light: NDArray[np.uint16], sequence: int) -> None:
    message = memoryview(encode_frame(light, sequence))
    assert check_frame(message) == sequence
    np.testing.assert_array_equal(frame_light(message), light)
    assert len(message) <= LONGEST


def test_the_bytes_are_as_written_down() -> None:
    light = np.array([[0x0102, 3, 4]], np.uint16)
    assert encode_frame(light, 0x0A0B) == b"LAMP\x01\x01\x01\x00\x0b\x0a\x00\x00" + b"\x02\x01\x03\x00\x04\x00"


GOOD = encode_frame(np.zeros((2, 3), np.uint16), 7)


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (b"", "0 bytes is too short"),
        (GOOD[:11], "11 bytes is too short"),
        (b"LAMB" + GOOD[4:], "does not begin"),
        (GOOD[:4] + b"\2" + GOOD[5:], "version 2, and this is 1"),
        (GOOD[:5] + b"\2" + GOOD[6:], "kind 2"),
        (GOOD[:6] + b"\0\0" + GOOD[8:], "0 pixels"),
        (HEADER.pack(b"LAMP", 1, 1, 1001, 0) + bytes(6006), "1001 pixels"),
        (GOOD[:-1], "2 pixels has 24 bytes, not 23"),
        (GOOD + b"\0", "2 pixels has 24 bytes, not 25"),
    ],
)
def test_a_wrong_message_is_named(message: bytes, words: str) -> None:
    with pytest.raises(ProtocolError, match=words):
        check_frame(memoryview(message))


@given(st.binary(max_size=64))
def test_noise_is_no_frame_and_no_answer(message: bytes) -> None:
    for decode in (lambda: check_frame(memoryview(message)), lambda: decode_answer(message)):
        with pytest.raises(ProtocolError):
            decode()


def test_answers() -> None:
    assert decode_answer(encode_welcome(60)) == 60
    assert decode_answer(encode_refusal("no")) == "no"
    assert decode_answer(encode_refusal("no\n\x1b[2J")) == "no??[2J"
    with pytest.raises(ProtocolError, match="kind 1"):
        decode_answer(GOOD)
