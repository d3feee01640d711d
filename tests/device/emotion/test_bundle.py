"""A bundle is whole, unaltered and made for these features, or it does not load."""

import os
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from device.emotion.bundle import CARD_FILE, MODEL_FILE, check_target, load_bundle, write_bundle
from device.emotion.card import Card, Corpus, SelfTest, Tensor, card_text, seal, seal_for
from device.errors import InputError
from device.features.spec import FeatureSpec

MODEL = bytes(range(256)) * 3
SPEC = FeatureSpec()
CARD = Card(
    kind="step",
    name='glow \\ "ünïcode" / \u2028',
    version="1",
    features=SPEC,
    fingerprint=SPEC.fingerprint,
    pool_hops=4,
    members=2,
    state_sizes=(3, 5),
    window=None,
    inputs=(Tensor("frame", (1, 2 * SPEC.width)), Tensor("state", (1, 8))),
    outputs=(Tensor("va", (1, 4)), Tensor("state", (1, 8))),
    arena_bytes=640,
    operators={"FULLY_CONNECTED": 1},
    gate=(),
    self_test=SelfTest(((0.1, -0.2, 0.3),), 0.02),
    quantization="float32",
    model_sha256="0" * 64,
    model_bytes=1,
    model={"kind": "parallel", "dense": [30, 30], "dropout": 0.25, "none": None},
    corpora=(Corpus("songs", 3, 90.0, "research use"),),
    scores={"4qaed_f1_artist": 0.61, "tiny": 1e-300, "whole": 1.0},
    protocol={"folds": 10, "grouped": True},
    parity_frames="made up",
    parity={"largest": 3.1e-7},
    limits=("Knows music only.",),
    created="2025-01-01",
    commit="0" * 40,
    command="python -m trainer fit",
    seed=-1,
    runtimes=("tflite-runtime 2.14.0",),
)


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    write_bundle(tmp_path / "bundle", CARD, MODEL)
    return tmp_path / "bundle"


def _refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        load_bundle(path)
    text = str(caught.value)
    assert "\n" not in text
    assert text.endswith(".")
    return text


def test_round_trip(folder: Path) -> None:
    bundle = load_bundle(folder)
    assert bundle.model == MODEL
    assert bundle.card == seal_for(CARD, MODEL)
    assert bundle.card.model_bytes == len(MODEL)
    assert sorted(path.name for path in folder.iterdir()) == [CARD_FILE, MODEL_FILE]


def test_a_string_path_will_do(folder: Path) -> None:
    assert load_bundle(str(folder)).model == MODEL


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), name=st.sampled_from([CARD_FILE, MODEL_FILE]))
def test_any_flipped_bit_is_found(folder: Path, data: Any, name: str) -> None:
    path = folder / name
    good = path.read_bytes()
    position = data.draw(st.integers(0, 8 * len(good) - 1))
    bad = bytearray(good)
    bad[position // 8] ^= 1 << position % 8
    path.write_bytes(bad)
    try:
        _refusal(folder)
    finally:
        path.write_bytes(good)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), name=st.sampled_from([CARD_FILE, MODEL_FILE]))
def test_any_truncation_is_found(folder: Path, data: Any, name: str) -> None:
    path = folder / name
    good = path.read_bytes()
    path.write_bytes(good[: data.draw(st.integers(0, len(good) - 1))])
    try:
        _refusal(folder)
    finally:
        path.write_bytes(good)


def test_same_content_in_other_bytes_is_refused(folder: Path) -> None:
    path = folder / CARD_FILE
    path.write_bytes(msgspec.json.encode(msgspec.json.decode(path.read_bytes())))
    assert "altered" in _refusal(folder)


def test_edited_card_is_refused(folder: Path) -> None:
    card = msgspec.structs.replace(load_bundle(folder).card, scores={"4qaed_f1_artist": 0.99})
    (folder / CARD_FILE).write_bytes(card_text(card))
    assert "altered" in _refusal(folder)


def test_missing_folder_and_files(tmp_path: Path, folder: Path) -> None:
    assert "no model bundle" in _refusal(tmp_path / "nowhere")
    assert "name its folder" in _refusal(folder / CARD_FILE)
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "run.json").write_text("{}")
    assert "is a trained run, not a bundle: 'python -m convert " in _refusal(tmp_path / "run")
    (folder / MODEL_FILE).unlink()
    assert "model.tflite is missing" in _refusal(folder)
    (folder / CARD_FILE).unlink()
    assert "card.json is missing" in _refusal(folder)


@pytest.mark.parametrize("name", [CARD_FILE, MODEL_FILE])
def test_folder_in_place_of_a_file(folder: Path, name: str) -> None:
    (folder / name).unlink()
    (folder / name).mkdir()
    assert "not a plain file" in _refusal(folder)


@pytest.mark.parametrize("name", [CARD_FILE, MODEL_FILE])
def test_a_device_or_a_pipe_is_not_read(folder: Path, name: str) -> None:
    (folder / name).unlink()
    (folder / name).symlink_to("/dev/zero")
    assert "not a plain file" in _refusal(folder)
    (folder / name).unlink()
    os.mkfifo(folder / name)
    assert "not a plain file" in _refusal(folder)


@pytest.mark.parametrize("name", [CARD_FILE, MODEL_FILE])
def test_a_giant_file_is_not_read_into_memory(folder: Path, name: str) -> None:
    os.truncate(folder / name, 1 << 40)  # sparse
    assert "more than" in _refusal(folder)


def test_a_card_nested_without_end(folder: Path) -> None:
    (folder / CARD_FILE).write_text('{"schema":' + 100_000 * "[" + 100_000 * "]" + "}")
    assert CARD_FILE in _refusal(folder)


def test_a_stop_between_the_two_renames_keeps_the_old_bundle(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = load_bundle(folder)
    rename, calls = Path.rename, []

    def stop_at_the_second(self: Path, target: Path) -> Path:
        calls.append(self)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", stop_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        write_bundle(folder, bundle.card, bundle.model)
    assert load_bundle(folder).card == bundle.card
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_a_linked_bundle_is_replaced_behind_its_link(folder: Path) -> None:
    bundle = load_bundle(folder)
    link = folder.parent / "link"
    link.symlink_to(folder)
    write_bundle(link, bundle.card, bundle.model)
    assert link.is_symlink()
    assert sorted(path.name for path in folder.parent.iterdir()) == sorted([folder.name, "link"])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"lamp", "not JSON"),
        (b"[]", "not a bundle's card"),
        (b"{}", "not a bundle's card"),
        (b'{"schema": 1}', "schema 1"),
        (b'{"schema": 3}', "schema 3"),
        (b'{"schema": 2}', "not a bundle's card"),
    ],
)
def test_what_is_no_card(folder: Path, text: bytes, why: str) -> None:
    (folder / CARD_FILE).write_bytes(text)
    assert why in _refusal(folder)


def _with(folder: Path, **changes: Any) -> None:
    """A card with other fields whose hash is right."""
    fields = msgspec.to_builtins(load_bundle(folder).card) | changes
    (folder / CARD_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(fields), indent=2) + b"\n")


def test_unknown_field_is_refused(folder: Path) -> None:
    _with(folder, colour="blue")
    assert "colour" in _refusal(folder)


def test_unknown_kind_is_refused(folder: Path) -> None:
    _with(folder, kind="cloud")
    assert "cloud" in _refusal(folder)


def test_unknown_feature_block_is_refused(folder: Path) -> None:
    _with(folder, features=msgspec.to_builtins(SPEC) | {"blocks": ["smell"]})
    text = _refusal(folder)
    assert "smell" in text
    assert "features that this program does not know" in text


def test_other_features_are_refused(folder: Path) -> None:
    card = seal(msgspec.structs.replace(load_bundle(folder).card, fingerprint="0123456789abcdef"))
    (folder / CARD_FILE).write_bytes(card_text(card))
    text = _refusal(folder)
    assert "made for other features" in text
    assert "0123456789abcdef" in text
    assert SPEC.fingerprint in text


def test_another_model_is_refused(folder: Path) -> None:
    (folder / MODEL_FILE).write_bytes(MODEL[::-1])
    assert "damaged" in _refusal(folder)
    (folder / MODEL_FILE).write_bytes(MODEL[:-1])
    assert f"{len(MODEL) - 1} bytes" in _refusal(folder)


def test_replaces_a_bundle(folder: Path) -> None:
    write_bundle(folder, msgspec.structs.replace(CARD, name="newer"), MODEL + b"!")
    bundle = load_bundle(folder)
    assert bundle.card.name == "newer"
    assert bundle.model == MODEL + b"!"
    assert [path.name for path in folder.parent.iterdir()] == ["bundle"]


def test_numbers_of_another_kind_are_written_as_the_card_has_them(tmp_path: Path) -> None:
    card = write_bundle(tmp_path / "b", msgspec.structs.replace(CARD, scores={"whole": 1}), MODEL)
    assert load_bundle(tmp_path / "b").card == card


@pytest.mark.parametrize("failing", [1, 2, 3])
def test_a_failed_write_leaves_the_old_bundle(folder: Path, monkeypatch: pytest.MonkeyPatch, failing: int) -> None:
    calls = 0

    def fsync(_handle: int) -> None:
        nonlocal calls
        calls += 1
        if calls == failing:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(InputError, match="No space left"):
        write_bundle(folder, CARD, b"new")
    assert load_bundle(folder).model == MODEL
    assert [path.name for path in folder.parent.iterdir()] == ["bundle"]


def test_a_failed_swap_leaves_the_old_bundle(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rename = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if self.suffix == ".part":
            raise OSError(5, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(InputError, match="Input/output error"):
        write_bundle(folder, CARD, b"new")
    assert load_bundle(folder).model == MODEL
    assert [path.name for path in folder.parent.iterdir()] == ["bundle"]


def test_never_replaces_what_is_no_bundle(tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.tex").write_text("dear")
    with pytest.raises(InputError, match=r"chapter\.tex"):
        write_bundle(tmp_path / "thesis", CARD, MODEL)
    assert (tmp_path / "thesis" / "chapter.tex").read_text() == "dear"
    (tmp_path / "file").write_text("dear")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(InputError):
            write_bundle(path, CARD, MODEL)
    assert (tmp_path / "file").read_text() == "dear"


def test_a_card_that_would_not_load_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="other features"):
        write_bundle(tmp_path / "b", msgspec.structs.replace(CARD, fingerprint="0" * 16), MODEL)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_takes_no_bundle_is_told_before_any_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    for place, why in (("file", "is a file, a bundle is a folder"), ("file/deep/er", "Nothing can be written into")):
        with pytest.raises(InputError, match=why):
            check_target(tmp_path / place)
    check_target(tmp_path / "new" / "one")
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anywhere
    with pytest.raises(InputError, match="Nothing can be written into"):
        check_target(tmp_path / "new" / "one")
