"""DDP as its specification has it, to a receiver on this machine."""

import socket
import struct
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.errors import HardwareError
from hardware.light.drivers.wled import Packets, WledStrip, open_strip, parse_address
from hardware.light.settings import StripSettings


class Controller:
    """Puts packets together as a controller does, and refuses what the specification doesn't know."""

    def __init__(self, pixels: int) -> None:
        self.buffer = bytearray(3 * pixels)
        self.frames: list[bytes] = []
        self.sequence = 0

    def take(self, packet: bytes) -> None:
        flags, sequence, kind, destination, offset, length = struct.unpack(">BBBBIH", packet[:10])
        assert flags & 0xC0 == 0x40  # version 1
        assert not flags & 0x3E  # no time code, no storage, no reply, no query
        assert sequence == self.sequence % 15 + 1
        assert (kind, destination) == (0b00_001_011, 1)  # red, green, blue of 8 bits, for the display
        assert 0 < length == len(packet) - 10 <= 1440
        assert offset + length <= len(self.buffer)
        self.sequence = sequence
        self.buffer[offset : offset + length] = packet[10:]
        if flags & 1:
            assert offset + length == len(self.buffer)
            self.frames.append(bytes(self.buffer))


@pytest.fixture
def receiver() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.setblocking(False)
        yield receiver


def received(receiver: socket.socket) -> Iterator[bytes]:
    while True:
        try:
            yield receiver.recv(2048)
        except BlockingIOError:
            return


@given(pixels=st.integers(1, 1000), count=st.integers(1, 12))
def test_frames_of_any_length_come_back_whole(pixels: int, count: int) -> None:
    packets, controller = Packets(), Controller(pixels)
    generator = np.random.default_rng(pixels)
    frames = [generator.integers(0, 256, (pixels, 3), dtype=np.uint8) for _ in range(count)]
    for frame in frames:
        cut = packets.process(frame)
        assert len(cut) == -(-pixels // 480)
        for packet in cut:
            controller.take(packet)
    assert controller.frames == [frame.tobytes() for frame in frames]


def test_over_a_network_it_begins_and_ends_dark(receiver: socket.socket) -> None:
    host, port = receiver.getsockname()
    strip = open_strip(StripSettings(driver="wled", address=f"{host}:{port}", pixels=500))
    assert strip.order == "RGB"
    strip.show(np.full((500, 3), 7, np.uint8))
    strip.close()
    strip.close()
    controller = Controller(500)
    for packet in received(receiver):
        controller.take(packet)
    first, lit, *last = controller.frames
    assert not any(first)
    assert lit == bytes([7]) * 1500
    assert len(last) == 3
    assert not any(b"".join(last))
    with pytest.raises(ValueError, match="closed"):
        strip.show(np.zeros((500, 3), np.uint8))


def test_a_closed_port_is_told(receiver: socket.socket) -> None:
    host, port = receiver.getsockname()
    strip = WledStrip(1, host, port)
    receiver.close()
    with pytest.raises(HardwareError, match=r"can't be reached .* check strip\.address"):
        for _ in range(3):  # the kernel reports a packet that was refused at a later one
            strip.show(np.zeros((1, 3), np.uint8))
    with pytest.raises(HardwareError):
        for _ in range(3):
            strip.close()
            strip = WledStrip(1, host, port)


def test_a_name_that_is_not_known_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(HardwareError, match=r"wled\.local isn't known"):
        WledStrip(1, "wled.local")


def test_without_an_address_nothing_is_sent() -> None:
    with pytest.raises(HardwareError, match=r"set strip\.address"):
        open_strip(StripSettings(driver="wled"))


@pytest.mark.parametrize(
    ("address", "host", "port"),
    [
        ("wled.local", "wled.local", 4048),
        ("192.168.1.20:4050", "192.168.1.20", 4050),
        ("[fe80::1]", "fe80::1", 4048),
        ("[::1]:5000", "::1", 5000),
    ],
)
def test_addresses(address: str, host: str, port: int) -> None:
    assert parse_address(address) == (host, port)


@pytest.mark.parametrize(
    "address", ["wled:0", "wled:65536", "wled:", "a b", "http://wled", "::1", "wled:port", ":4048"]
)
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(HardwareError, match="is no address"):
        parse_address(address)


def test_white_is_for_the_controller_to_make(receiver: socket.socket) -> None:
    strip = WledStrip(2, *receiver.getsockname())
    with pytest.raises(ValueError, match="frame"):
        strip.show(np.zeros((2, 4), np.uint8))
    strip.close()


def test_a_name_is_looked_up_once(receiver: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    host, port = receiver.getsockname()
    asked: list[object] = []
    real = socket.getaddrinfo

    def found(name: object, *rest: object, **more: object) -> object:
        asked.append(name)
        return real(host, port, type=socket.SOCK_DGRAM)

    monkeypatch.setattr(socket, "getaddrinfo", found)
    for _ in range(3):  # as the keeper opens it again and again
        WledStrip(1, "once.local", port).close()
    assert asked == ["once.local"]
