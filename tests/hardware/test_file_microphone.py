"""Sound files as microphones: every format, odd shapes, and every way a file can be bad."""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hardware.errors import HardwareError
from hardware.file_microphone import FileMicrophone

Samples = NDArray[np.float32]
# Name, format, subtype, and the largest error of a sample that the format may make.
FORMATS = [
    ("a.wav", "WAV", "PCM_16", 1e-4),
    ("a.wav", "WAV", "FLOAT", 0.0),
    ("a.flac", "FLAC", "PCM_24", 1e-6),
    ("a.ogg", "OGG", "VORBIS", 0.1),
    ("a.opus", "OGG", "OPUS", 0.1),
    ("a.mp3", "MP3", "MPEG_LAYER_III", 0.1),
]


def song(rate: int, slots: int, seconds: float = 1.0) -> Samples:
    time_s = np.arange(round(rate * seconds)) / rate
    return np.stack([0.3 * np.sin(2 * np.pi * (300 + 200 * slot) * time_s) for slot in range(slots)], 1).astype("f4")


def written(path: Path, samples: Samples, rate: int, kind: str = "WAV", subtype: str = "PCM_16") -> Path:
    soundfile.write(path, samples, rate, format=kind, subtype=subtype)
    return path


def everything(microphone: FileMicrophone) -> list[Samples]:
    blocks = []
    while block := microphone.read():
        assert block.lost == 0
        blocks.append(block.samples)
    return blocks


@pytest.mark.parametrize(("name", "kind", "subtype", "error"), FORMATS)
@pytest.mark.parametrize("slots", [1, 2])
def test_every_format_is_read_whole_in_blocks(
    tmp_path: Path, name: str, kind: str, subtype: str, error: float, slots: int
) -> None:
    samples = song(48_000, slots)
    path = written(tmp_path / name, samples, 48_000, kind, subtype)
    with FileMicrophone(path, block_s=0.02) as microphone:
        assert (microphone.rate, microphone.slots, microphone.name) == (48_000, slots, name)
        assert microphone.duration_s == pytest.approx(1.0)
        assert microphone.position == 0
        blocks = everything(microphone)
        assert microphone.read() is None
        assert microphone.position == 48_000
        assert microphone.position_s == pytest.approx(1.0)
    assert {block.shape for block in blocks} == {(960, slots)}
    assert all(block.dtype == np.float32 for block in blocks)
    assert np.abs(np.concatenate(blocks) - samples)[2_000:-2_000].max() <= error


@settings(max_examples=25, deadline=None)
@given(
    rate=st.integers(4_000, 100_000),
    slots=st.integers(1, 6),
    length=st.integers(5_000, 12_000),
    block_s=st.floats(0.001, 1.0),
)
def test_odd_rates_and_blocks(
    tmp_path_factory: pytest.TempPathFactory, rate: int, slots: int, length: int, block_s: float
) -> None:
    samples = np.random.default_rng(length).uniform(-1, 1, (length, slots)).astype(np.float32)
    path = written(tmp_path_factory.mktemp("odd") / "odd.wav", samples, rate, "WAV", "FLOAT")
    with FileMicrophone(path, block_s) as microphone:
        assert (microphone.rate, microphone.slots) == (rate, slots)
        blocks = everything(microphone)
    assert {len(block) for block in blocks[:-1]} <= {max(round(rate * block_s), 1)}
    np.testing.assert_array_equal(np.concatenate(blocks), samples)


def test_exactly_one_feature_window_is_enough(tmp_path: Path) -> None:
    for rate in (8_000, 11_025, 22_050, 44_100):
        path = written(tmp_path / "short.wav", song(rate, 1, 0.05), rate)
        with FileMicrophone(path) as microphone:
            assert sum(map(len, everything(microphone))) == round(rate * 0.05)


def test_close_can_be_repeated_and_ends_reading(tmp_path: Path) -> None:
    microphone = FileMicrophone(written(tmp_path / "a.wav", song(8_000, 1), 8_000))
    microphone.read()
    microphone.close()
    microphone.close()
    with pytest.raises(ValueError, match="closed"):
        microphone.read()


def test_blocks_need_a_length(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav", song(8_000, 1), 8_000)
    for block_s in (0.0, -1.0, float("nan")):
        with pytest.raises(ValueError, match="longer than 0"):
            FileMicrophone(path, block_s)


def refusal(path: Path | str) -> str:
    with pytest.raises(HardwareError) as caught:
        FileMicrophone(path)
    text = str(caught.value)
    assert text.endswith(".")
    assert "\n" not in text
    return text


def test_missing_files_and_folders_are_refused(tmp_path: Path) -> None:
    assert "no file" in refusal(tmp_path / "nope.mp3")
    assert "nope.mp3" in refusal(tmp_path / "nope.mp3")
    assert "is a folder" in refusal(tmp_path)
    (tmp_path / "file").write_bytes(b"x")
    assert "no file" in refusal(tmp_path / "file" / "song.wav")
    assert "cannot be read" in refusal(tmp_path / ("x" * 300 + ".wav"))
    assert "no file" in refusal("a\0b.wav")
    os.mkfifo(tmp_path / "pipe.wav")
    assert "not a regular file" in refusal(tmp_path / "pipe.wav")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_files_without_permission_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "mine.wav", song(8_000, 1), 8_000)
    path.chmod(0)
    assert "mine.wav cannot be read" in refusal(path)


@pytest.mark.parametrize("name", ["a.wav", "a.mp3", "a.ogg", "a.flac", "a.txt", "a.raw"])
@pytest.mark.parametrize("content", [b"no music at all, " * 500, bytes(range(256)) * 40, b"RIFF", b"fLaC", b"OggS\0"])
def test_what_is_not_sound_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    text = refusal(tmp_path / name)
    assert name in text
    assert "cannot be decoded; wav, flac, ogg, opus and mp3 files can" in text


@pytest.mark.parametrize(("name", "kind", "subtype", "_error"), FORMATS)
def test_empty_and_very_short_sounds_are_refused(
    tmp_path: Path, name: str, kind: str, subtype: str, _error: float
) -> None:
    (tmp_path / name).write_bytes(b"")
    assert f"{name} is empty" in refusal(tmp_path / name)
    # Some formats cannot tell "no samples" from "no sound file".
    nothing = refusal(written(tmp_path / name, song(48_000, 1, 0.0), 48_000, kind, subtype))
    assert any(reason in nothing for reason in ("holds no sound", "cannot be decoded", "is empty"))
    assert "holds only 10 ms" in refusal(written(tmp_path / name, song(48_000, 1, 0.01), 48_000, kind, subtype))


@pytest.mark.parametrize(("name", "kind", "subtype", "_error"), FORMATS)
def test_a_file_that_breaks_off_ends_or_says_so(
    tmp_path: Path, name: str, kind: str, subtype: str, _error: float
) -> None:
    noise = np.random.default_rng(0).standard_normal((48_000 * 3, 1)).astype(np.float32) * 0.1
    path = written(tmp_path / name, noise, 48_000, kind, subtype)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    microphone = FileMicrophone(path)
    if kind == "FLAC":
        with pytest.raises(HardwareError, match=rf"{name} is damaged or incomplete after 1\.\d s"):
            everything(microphone)
    else:
        everything(microphone)
    assert 0.5 < microphone.position_s < 2.0
    microphone.close()


@settings(max_examples=60, deadline=None)
@given(
    which=st.sampled_from(FORMATS),
    position=st.floats(0, 1),
    damage=st.binary(min_size=1, max_size=400),
    cut=st.floats(0.0, 1.0),
)
def test_damage_anywhere_never_shows_another_error(
    tmp_path_factory: pytest.TempPathFactory,
    which: tuple[str, str, str, float],
    position: float,
    damage: bytes,
    cut: float,
) -> None:
    name, kind, subtype, _ = which
    path = written(tmp_path_factory.mktemp("damage") / name, song(48_000, 1, 0.3), 48_000, kind, subtype)
    content = bytearray(path.read_bytes())
    start = round(position * len(content))
    content[start : start + len(damage)] = damage
    path.write_bytes(content[: round(cut * len(content))])
    # Whatever happens, it is a HardwareError or nothing.
    with suppress(HardwareError), FileMicrophone(path) as microphone:
        everything(microphone)


def test_names_that_cannot_be_shown_are_made_to(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/s\xff\x1b[31m\n.wav"))
    written(tmp_path / "a.wav", song(8_000, 1), 8_000).rename(path)
    with FileMicrophone(path) as microphone:
        assert microphone.name == "s\ufffd\ufffd[31m\ufffd.wav"
        assert microphone.read() is not None


def test_a_missing_soundfile_package_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "a.wav", song(8_000, 1), 8_000)
    monkeypatch.setitem(sys.modules, "soundfile", None)
    text = refusal(path)
    assert "a.wav" in text
    assert "./setup.sh demo" in text


def test_soundfile_is_only_imported_when_used() -> None:
    code = "import sys, hardware.file_microphone; sys.exit('soundfile' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_decoders_own_notes_stay_out_of_the_terminal(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "a.mp3", song(48_000, 1, 3.0), 48_000, "MP3", "MPEG_LAYER_III")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with soundfile.SoundFile(path) as file:
        file.read()
    assert "Warning" in capfd.readouterr().err  # The note is there …
    with FileMicrophone(path) as microphone:
        everything(microphone)
    os.write(2, b"still open")
    assert capfd.readouterr().err == "still open"  # … and not through us.
