"""Which driver fits which board."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.board import Board
from hardware.errors import HardwareError
from hardware.light.drivers import open_driver, real_driver
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


def test_it_becomes_a_real_driver_and_any_other_stays_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hardware.board.read_board", lambda: PI_3)
    name, why = real_driver(StripSettings(pin=10))
    assert name == "spi"
    assert "GPIO10" in why
    assert real_driver(StripSettings(driver="null")) == ("null", "")
    with pytest.raises(HardwareError, match="no driver 'auto'; choose one of ws281x"):
        open_driver("auto", StripSettings())
