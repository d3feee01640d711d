"""The comparison of two wires: it takes what is near, and refuses what is not."""

from pathlib import Path

import numpy as np
import pytest

from tests.appliance.lamp_to_wire import PIXELS
from tests.appliance.report import Failed, Report
from tests.appliance.wire import SECONDS, compare

FRAMES = int(60 * SECONDS)
HOPS = int(20 * SECONDS)


def played(frames: np.ndarray, valence: float = 0.5) -> tuple[str, list[dict]]:
    """What a lamp says, and what fakepi.c would write down of these bytes, [frames, 3 * PIXELS]."""
    said = "".join(f"{hop / 20:.2f} {valence:.6f} 0.250000\n" for hop in range(HOPS))
    log = []
    for frame in frames:
        bits = np.zeros((len(frame) * 8, 3), np.uint8)
        bits[:, 0], bits[:, 1] = 1, np.unpackbits(frame)
        words = np.packbits(np.pad(bits.ravel(), (0, -bits.size % 32))).view(">u4").astype("<u4")
        log.append({"kind": "pwm", "hex": np.stack([words, np.zeros_like(words)], axis=1).tobytes().hex()})
    return said, log


@pytest.fixture
def light() -> np.ndarray:
    return np.random.default_rng(3).integers(0, 200, (FRAMES, 3 * PIXELS)).astype(np.uint8)


def test_the_same_is_the_same(light: np.ndarray) -> None:
    assert "0 of 255 apart at most" in compare(played(light), played(light))


def test_a_byte_within_the_tolerance_is_taken(light: np.ndarray) -> None:
    other = light.copy()
    other[100, 7] += 3
    assert "3 of 255 apart at most" in compare(played(other), played(light))


@pytest.mark.parametrize("amount", [4, 50])
def test_a_single_byte_beyond_it_is_refused(light: np.ndarray, amount: int) -> None:
    other = light.copy()
    other[100, 7] += amount
    with pytest.raises(Failed, match="too far apart"):
        compare(played(other), played(light))


def test_all_of_them_a_little_apart_are_refused(light: np.ndarray) -> None:
    with pytest.raises(Failed, match="too far apart"):
        compare(played(light + 1), played(light))


def test_another_emotion_is_refused(light: np.ndarray) -> None:
    with pytest.raises(Failed, match="too far apart"):
        compare(played(light, valence=0.52), played(light))


def test_a_frame_that_is_missing_and_a_dark_lamp_are_refused(light: np.ndarray) -> None:
    with pytest.raises(Failed, match="frames on the wire"):
        compare(played(light[1:]), played(light))
    with pytest.raises(Failed, match="stays dark"):
        compare(played(light * 0), played(light * 0))


def test_what_fails_is_told_in_a_line_and_in_the_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = Report("trixie", tmp_path / "log")
    report.step("something good", lambda: report.run(["echo", "well"]).strip())
    with pytest.raises(Failed, match=r"exit code 3 instead of 0: a \| b"):
        report.step("something bad", lambda: report.run(["sh", "-c", "echo a; echo b; exit 3"]))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("trixie    something good")
    assert lines[0].endswith("well")
    assert "FAILED: exit code 3" in lines[1]
    assert "$ sh -c echo a; echo b; exit 3\na\nb\n" in (tmp_path / "log").read_text()
