"""Which board it is, from files as the kernel writes them."""

from pathlib import Path

import pytest

from hardware.board import Board, read_board


def proc(folder: Path, model: str = "", code: int | None = None, cpuinfo: str = "") -> Path:
    (folder / "device-tree/system").mkdir(parents=True)
    if model:
        (folder / "device-tree/model").write_bytes(model.encode() + b"\0")
    if code is not None:
        (folder / "device-tree/system/linux,revision").write_bytes(code.to_bytes(4, "big"))
    (folder / "cpuinfo").write_text(cpuinfo)
    return folder


def test_a_pi_4_by_its_device_tree(tmp_path: Path) -> None:
    board = read_board(proc(tmp_path, "Raspberry Pi 4 Model B Rev 1.5", 0xB03115))
    assert board == Board("Raspberry Pi 4 Model B Rev 1.5", 0xB03115)
    assert (board.raspberry, board.rp1) == (True, False)
    assert str(board) == "Raspberry Pi 4 Model B Rev 1.5 (revision b03115)"


def test_an_old_pi_by_cpuinfo(tmp_path: Path) -> None:
    text = "Hardware\t: BCM2835\nRevision\t: 000e\nSerial\t\t: 00000000\n"
    board = read_board(proc(tmp_path, cpuinfo=text))
    assert board == Board("", 0xE)
    assert (board.raspberry, board.rp1) == (True, False)
    assert str(board) == "this Raspberry Pi (revision e)"


@pytest.mark.parametrize("code", [0xC04170, 0xD04171, 0xC04180, 0xD04190, 0xC041A0])
def test_the_pi_5_and_its_kin_by_their_chip(code: int) -> None:
    assert Board("", code).rp1


@pytest.mark.parametrize("code", [0xC03111, 0xC03130, 0xA020D3, 0x902120, 0xA03140, 0x9000C1, 0x10])
def test_all_older_ones_by_theirs(code: int) -> None:
    assert not Board("Raspberry Pi 5", code).rp1


@pytest.mark.parametrize(
    ("model", "rp1"),
    [
        ("Raspberry Pi 5 Model B Rev 1.0", True),
        ("Raspberry Pi 500 Rev 1.0", True),
        ("Raspberry Pi Compute Module 5 Rev 1.0", True),
        ("Raspberry Pi Compute Module 4 Rev 1.0", False),
        ("Raspberry Pi 400 Rev 1.0", False),
        ("Raspberry Pi Zero 2 W Rev 1.0", False),
    ],
)
def test_without_a_code_by_its_name(model: str, rp1: bool) -> None:
    assert Board(model).rp1 is rp1


def test_another_computer_is_none(tmp_path: Path) -> None:
    text = "processor\t: 0\nmodel name\t: A CPU @ 2.00GHz\n"
    board = read_board(proc(tmp_path, cpuinfo=text))
    assert board == Board()
    assert not board.raspberry
    assert not board.rp1
    assert str(board) == "this computer"


def test_nothing_to_read_is_none_either(tmp_path: Path) -> None:
    assert read_board(tmp_path / "nowhere") == Board()
