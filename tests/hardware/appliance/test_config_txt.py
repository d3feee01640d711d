"""The block in config.txt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.appliance.config_txt import BEGIN, lines, with_block, without_block
from hardware.errors import HardwareError

LINES = lines("i2s", 12, 60)
texts = st.lists(st.sampled_from([b"a=1", b"", b"[all]", b"\n", b"\r\n", b"# x", b"\xff", b"\r"])).map(b"".join)


@given(texts)
def test_it_is_taken_away_to_the_byte_and_never_doubled(text: bytes) -> None:
    once = with_block(text, LINES)
    assert without_block(once) == text
    assert with_block(once, LINES) == once
    other = with_block(once, lines("usb", 10, 300))
    assert other.count(BEGIN) == 1
    assert without_block(other) == text
    assert without_block(text) == text


@given(texts, texts)
def test_what_is_written_after_it_stays(text: bytes, more: bytes) -> None:
    changed = without_block(with_block(text, LINES) + more)
    assert changed.endswith(more)
    assert changed.startswith(text)


def test_lines_of_windows_get_a_block_of_windows() -> None:
    text = b"dtparam=audio=on\r\n"
    block = with_block(text, LINES).removeprefix(text)
    assert block.count(b"\n") == block.count(b"\r\n") == len(LINES) + 2


@pytest.mark.parametrize(
    "text",
    [
        b"# >>> lampyris\n",
        b"# <<< lampyris\n",
        b"# <<< lampyris\n# >>> lampyris\n",
        2 * b"# >>> lampyris\n# <<< lampyris\n",
    ],
)
def test_marks_that_do_not_belong_together_are_left_alone(text: bytes) -> None:
    with pytest.raises(HardwareError, match="don't belong together"):
        with_block(text, LINES)
    with pytest.raises(HardwareError, match="by hand"):
        without_block(text)


def test_each_wire_gets_what_it_needs() -> None:
    assert "dtoverlay=googlevoicehat-soundcard" in LINES
    assert "dtoverlay=ws2812-pio,gpio=12,num_leds=60" in LINES
    assert "dtoverlay=googlevoicehat-soundcard" not in lines("usb", 12, 60)
    spi = lines("i2s", 10, 60)
    assert "dtparam=spi=on" in spi
    assert not any("ws2812-pio" in line for line in spi)
    for each in (LINES, spi):  # what comes after our block is for all boards again
        assert each[0] == each[-1] == "[all]"
