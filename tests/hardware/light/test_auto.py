"""Which driver fits which board."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.board import Board
from hardware.errors import HardwareError
from hardware.light.drivers import auto
from hardware.light.drivers.auto import choose
from hardware.light.settings import StripSettings

PI_3 = Board("Raspberry Pi 3 Model B Rev 1.2", 0xA02082)
PI_5 = Board("Raspberry Pi 5 Model B Rev 1.0", 0xC04170)


@pytest.mark.parametrize(
    ("board", "pin", "name", "because"),
    [
        (PI_3, None, "ws281x", "GPIO12"),
        (PI_3, 13, "ws281x", "GPIO13"),
        (PI_3, 10, "spi", "GPIO10"),
        (PI_5, None, "pio", "Raspberry Pi 5"),
        (PI_5, 10, "spi", "GPIO10"),
        (Board("", 0xE), None, "ws281x", "revision e"),
    ],
)
def test_the_driver_follows_from_board_and_wiring(board: Board, pin: int | None, name: str, because: str) -> None:
    chosen, why = choose(board, pin)
    assert chosen == name
    assert because in why
    assert why.endswith(".")


@given(
    model=st.sampled_from(["", "Raspberry Pi 4 Model B", "Raspberry Pi 5", "Rock Pi 4"]),
    revision=st.none() | st.integers(0, 0xFFFFFF),
    pin=st.none() | st.integers(0, 53),
)
def test_it_never_chooses_the_network(model: str, revision: int | None, pin: int | None) -> None:
    board = Board(model, revision)
    if board.raspberry:
        assert choose(board, pin)[0] in ("ws281x", "spi", "pio")
    else:
        with pytest.raises(HardwareError, match="not a Raspberry Pi"):
            choose(board, pin)


def test_the_reason_is_told_before_it_is_tried(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(auto, "read_board", lambda: PI_3)
    with pytest.raises(HardwareError, match="dev/nothing"):
        auto.open_strip(StripSettings(pin=10, address="/dev/nothing"))
    assert "GPIO10" in capsys.readouterr().err
