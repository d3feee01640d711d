import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.errors import InputError
from tests.trainer.corpora.trees import midi
from trainer.corpora import vgmidi

Content = dict[str, Any]


def annotator(*values: float) -> Content:
    """Valence as given, arousal its opposite."""
    return {"valence": list(values), "arousal": [-value for value in values]}


@pytest.fixture
def raw() -> list[Content]:
    """A piece in each raw file."""
    return [
        {
            "pieces": {"piece0": {"midi": "Saga_NES_One_Main Theme.mid", "measures": 2, "duration": 99}},
            "annotations": {f"piece0_{i}": annotator(0.2, 0.4) for i in range(1, 6)},
        },
        {
            "pieces": {"piece0": {"midi": "Saga_NES_Two_The_End.mid", "measures": 4, "duration": 4}},
            "annotations": {f"piece0_{i}": annotator(0, 0.1, 0.2, 0.3) for i in range(1, 4)},
        },
    ]


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("midi") / "damaged.mid"


@pytest.fixture(scope="module")
def whole(damaged: Path) -> bytes:
    return midi(damaged, [(0, 1, 60), (1, 1, 62)]).read_bytes()


def save(folder: Path, raw: list[Content]) -> Path:
    for name, content in zip(vgmidi.RAW, raw, strict=True):
        (folder / name).write_text(json.dumps(content))
    # Eight beats at 120 and at 240 a minute: 4 s and 2 s, in three-four time, which doesn't matter.
    midi(folder / "midi" / "Saga_NES_One_Main Theme.mid", [(0, 8, 60)])
    midi(folder / "midi" / "Saga_NES_Two_The_End.mid", [(0, 4, 60), (4, 4, 62)], tempo=250_000)
    return folder


def test_steps_are_equal_shares_of_the_length_and_count_at_their_end(tmp_path: Path, raw: list[Content]) -> None:
    report = vgmidi.load(save(tmp_path, raw))
    one, two = report.clips
    assert one.curve is not None
    assert two.curve is not None
    assert one.curve.times == pytest.approx((2.0, 4.0))
    assert one.curve.valence == pytest.approx((0.2, 0.4))
    assert one.curve.arousal == pytest.approx((-0.2, -0.4))
    assert two.curve.times == pytest.approx((0.5, 1.0, 1.5, 2.0))
    assert (one.valence, one.arousal) == pytest.approx((0.3, -0.3))


def test_the_piece_is_the_group_and_the_series_is_kept(tmp_path: Path, raw: list[Content]) -> None:
    one, two = vgmidi.load(save(tmp_path, raw)).clips
    assert (one.id, one.group) == ("Saga_NES_One_Main Theme", "saga_nes_one_main theme")
    assert one.group != two.group
    assert one.series == two.series == "saga"


def test_annotators_who_never_moved_or_broke_off_are_dropped(tmp_path: Path, raw: list[Content]) -> None:
    raw[0]["annotations"] |= {
        "piece0_6": annotator(-1, -1),
        "piece0_7": annotator(0.9),
        "piece0_8": annotator(0.9, 5),
        "piece0_9": {"valence": [0.9, 0.9]},
        "piece0_10": annotator(0.2, 0.4, 0.6),
        "piece9_1": annotator(0.9, 0.9),
    }
    report = vgmidi.load(save(tmp_path, raw))
    assert report.clips[0].curve is not None
    assert report.clips[0].curve.valence == pytest.approx((0.2, 0.4))
    assert report.notes == (
        "annotators dropped who never moved the point: 1 of 13",
        "annotators dropped for too few or bad values: 3",
        "annotators of pieces that the raw files don't describe: 1",
    )


def test_bad_pieces_are_told(tmp_path: Path, raw: list[Content]) -> None:
    raw[1]["pieces"] |= {
        "piece1": {"midi": "Saga_NES_One_Main Theme.mid", "measures": 2},
        "piece2": {"midi": "../x.mid", "measures": 2},
        "piece3": {"midi": "a.mid", "measures": "two"},
        "piece4": {"midi": "broken.mid", "measures": 2},
        "piece5": {"midi": "lonely.mid", "measures": 2},
        "piece6": {"midi": "gone.mid", "measures": 2},
        "piece7": None,
    }
    for i in range(3):
        raw[1]["annotations"][f"piece4_{i}"] = annotator(0.1, 0.2)
    save(tmp_path, raw)
    (tmp_path / "midi" / "broken.mid").write_bytes(b"MThd\x00\x00\x00\x06\x00")
    midi(tmp_path / "midi" / "lonely.mid", [(0, 1, 60)])
    report = vgmidi.load(tmp_path)
    assert report.rows == 9
    assert len(report.clips) == 2
    assert report.missing == ("midi/gone.mid",)
    words = [
        "piece1: Saga_NES_One_Main Theme.mid is there twice",
        "piece2: midi '../x.mid' is no file name",
        "piece3: measures 'two' is no number",
        "piece4: broken.mid cannot be read as MIDI",
        "piece5: only 0 usable annotators",
        "piece7: not described",
    ]
    assert len(words) == len(report.problems)
    for word, problem in zip(words, report.problems, strict=True):
        assert str(problem).startswith(f"vgmidi_raw_2.json: {word}")


@given(data=st.data())
def test_a_damaged_midi_file_has_a_length_or_a_reason(data: st.DataObject, whole: bytes, damaged: Path) -> None:
    content = bytearray(whole)
    for place, value in data.draw(st.dictionaries(st.integers(4, len(whole) - 1), st.integers(0, 255))).items():
        content[place] = value
    damaged.write_bytes(content[: data.draw(st.integers(0, len(whole)))])
    with contextlib.suppress(ValueError):
        assert vgmidi.length_s(damaged) > 0


def test_a_missing_or_other_raw_file_is_refused(tmp_path: Path, raw: list[Content]) -> None:
    save(tmp_path, raw)
    (tmp_path / vgmidi.RAW[1]).write_text("{}")
    with pytest.raises(InputError, match="lacks pieces or annotations"):
        vgmidi.load(tmp_path)
    (tmp_path / vgmidi.RAW[1]).unlink()
    with pytest.raises(InputError, match=r"vgmidi_raw_2\.json is missing"):
        vgmidi.load(tmp_path)
