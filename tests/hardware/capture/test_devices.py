"""Finding a microphone by its name, and what is said when it isn't there."""

from pathlib import Path

import pytest

from hardware.capture.devices import I2S_CARD, devices, find, preferred
from hardware.errors import HardwareError
from tests.fakes.pyaudio import I2S, Card, FakeAudio

USB, WEBCAM = "USB PnP Sound Device: Audio (hw:2,0)", "HD Webcam: USB Audio (hw:3,0)"
CARDS = [Card("default"), Card(I2S), Card(USB, slots=1), Card(WEBCAM), Card("HDMI 0 (hw:0,3)", slots=0), Card("pulse")]


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    for number, card in ((1, I2S_CARD), (2, "Device"), (3, "Webcam")):
        (tmp_path / f"asound/card{number}").mkdir(parents=True)
        (tmp_path / f"asound/card{number}/id").write_text(card + "\n")
    return tmp_path


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        (I2S_CARD, I2S),
        ("voicehat", I2S),
        ("hw:1,0", I2S),
        ("PNP", USB),
        ("device", USB),
        ("webcam", WEBCAM),
        ("pulse", "pulse"),
        ("default", "default"),
    ],
)
def test_a_part_of_either_name_finds_it(wanted: str, name: str, proc: Path) -> None:
    assert find(FakeAudio(CARDS).PyAudio(), wanted, proc).name == name


def test_what_cannot_be_heard_is_not_there(proc: Path) -> None:
    assert "HDMI 0 (hw:0,3)" not in [device.name for device in devices(FakeAudio(CARDS).PyAudio(), proc)]


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("snare", ["'snare'", I2S_CARD, USB, WEBCAM, "'pulse'", "--mic"]),
        ("", ["No microphone", USB]),
        ("usb", ["More than one", USB, WEBCAM]),
    ],
)
def test_what_there_is_is_told(wanted: str, words: list[str], proc: Path) -> None:
    with pytest.raises(HardwareError) as error:
        find(FakeAudio(CARDS).PyAudio(), wanted, proc)
    assert all(word in str(error.value) for word in words)
    assert I2S in str(error.value) or wanted == "usb"


@pytest.mark.parametrize("wanted", ["default", I2S_CARD])
def test_none_at_all(wanted: str) -> None:
    with pytest.raises(HardwareError, match="wiring"):
        find(FakeAudio([]).PyAudio(), wanted)


def test_a_name_that_is_no_text() -> None:
    card = Card("x")
    card.name = b"Mikrof\xf3n\n"  # type: ignore[assignment]
    assert find(FakeAudio([card]).PyAudio(), "mikrof").shown == "Mikrof�n�"


def test_only_a_raspberry_pi_prefers_one(tmp_path: Path) -> None:
    assert preferred(tmp_path) is None
    (tmp_path / "device-tree").mkdir()
    (tmp_path / "device-tree/model").write_bytes(b"Raspberry Pi Zero 2 W Rev 1.0\0")
    assert preferred(tmp_path) == I2S_CARD


def test_a_device_that_goes_while_it_is_asked_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    portaudio = FakeAudio([Card("USB one (hw:1,0)"), Card("USB two (hw:2,0)")]).PyAudio()
    monkeypatch.setattr(portaudio, "get_device_count", lambda: 3)
    assert find(portaudio, "two", "/nowhere").index == 1
