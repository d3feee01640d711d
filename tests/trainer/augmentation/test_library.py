import shutil
from pathlib import Path

import numpy as np
import pytest

from device.errors import InputError
from tests.trainer.augmentation import made_up
from trainer.augmentation import library
from trainer.augmentation.library import Library, half_of, recording

RATE = 24_000


def test_halves_share_no_recording(gate: Path) -> None:
    training, evaluation = (Library(gate / "gate", half) for half in ("training", "evaluation"))
    for first, second in (
        (training.rooms, evaluation.rooms),
        (training.noises["rain"], evaluation.noises["rain"]),
    ):
        assert first
        assert second
        assert not {recording(str(path)) for path in first} & {recording(str(path)) for path in second}
    assert len(training.rooms) + len(evaluation.rooms) == 10
    assert len(training.noises["rain"]) + len(evaluation.noises["rain"]) == 24
    assert "rooster" not in {*training.noises, *evaluation.noises}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("noise/esc50_subset/rain__4-156993-A.opus", "noise/esc50_giulbia/thunderstorm__4-156993-C.opus"),
        ("speech/librispeech/en_spk103_103-1240-0000.opus", "speech/librispeech/en_spk103_103-1241-0007.opus"),
        ("noise/household_timgrau/vacuuming__vacuuming_1.opus", "noise/household_timgrau/vacuuming__vacuuming_2.opus"),
        ("rir/chrome_webaudio/omni-35-10.flac", "rir/chrome_webaudio/cardiod-rear-35-10.flac"),
    ],
)
def test_cuts_of_one_recording_stay_together(one: str, other: str) -> None:
    assert recording(one) == recording(other)
    assert half_of(one) == half_of(other)


def test_halves_are_for_ever() -> None:
    names = [f"rir/some/room{number}.flac" for number in range(12)]
    assert "".join(half_of(name)[0] for name in names) == "eeeteeteeeet"


def test_without_the_folder_there_is_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert library.gate_folder("") is None
    assert library.gate_folder(str(tmp_path)) is None
    empty = library.library(str(tmp_path), "training")
    assert (empty.rooms, empty.noises, empty.fingerprint) == ([], {}, "")
    (tmp_path / "gate").mkdir()
    monkeypatch.setenv(library.VARIABLE, str(tmp_path))
    assert library.gate_folder("") == tmp_path / "gate"


@pytest.mark.parametrize(
    ("content", "why"),
    [(None, "cannot be read"), ("file,kind\na,b\n", "no column 'rt60_t20_s'"), (b"\xff\xfe", "read")],
)
def test_a_damaged_index_is_named(gate: Path, tmp_path: Path, content: str | bytes | None, why: str) -> None:
    shutil.copytree(gate / "gate", tmp_path / "gate")
    index = tmp_path / "gate" / "rir_index.csv"
    if content is None:
        index.unlink()
    else:
        index.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError, match=rf"rir_index\.csv.*{why}"):
        Library(tmp_path / "gate", "training")


@pytest.mark.parametrize("damage", ["missing", "text", "silent"])
def test_a_damaged_recording_is_named(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "cellar.flac"
    if damage == "text":
        path.write_text("no sound")
    elif damage == "silent":
        made_up.write(path, np.zeros(2_000))
    with pytest.raises(InputError, match=r"cellar\.flac"):
        library.response(path, RATE)
    with pytest.raises(InputError, match=r"cellar\.flac"):
        library.noise(path, RATE)


@pytest.mark.parametrize("rate", [24_000, 48_000])
def test_a_response_begins_with_its_direct_sound(tmp_path: Path, rate: int) -> None:
    sound = np.concatenate([np.zeros(2_400), 0.2 * made_up.decay(0.3, 0.4, 0)])
    sound[2_400] = 1
    made_up.write(tmp_path / "late.flac", sound)
    response = library.response(tmp_path / "late.flac", rate)
    assert np.argmax(np.abs(response)) == pytest.approx(0.001 * rate, abs=2)
    assert np.sum(np.square(response)) == pytest.approx(1, abs=1e-3)


def test_the_padding_of_a_noise_is_cut_out(tmp_path: Path) -> None:
    sound = np.zeros(2 * RATE)
    sound[:12_000] = 0.1 * np.random.default_rng(0).standard_normal(12_000)
    made_up.write(tmp_path / "short.flac", sound)
    assert 12_000 <= len(library.noise(tmp_path / "short.flac", RATE)) <= 14_400
