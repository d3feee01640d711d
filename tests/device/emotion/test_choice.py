"""Whatever is wrong with an installed bundle, the lamp starts, and says what it does."""

import errno
import os
import shutil
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from device.emotion import choice, durable, shipped, signing, trial
from device.emotion.bundle import MODEL_FILE, load_bundle, write_bundle
from device.emotion.choice import Choice
from device.emotion.runner import Runner
from device.emotion.store import Store
from device.errors import InputError
from tests.bundles import TINY, name_in_use, variant
from tests.power import cuts, failing


class Lamp:
    """Starts as a lamp with a store does; keeps what was said."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = Store(folder / "store")
        self.said: list[str] = []

    def install(self, name: str) -> str:
        return self.store.install(variant(self.folder, name))[0]

    def start(self, named: Path | None = None) -> Choice:
        self.said.clear()
        chosen = Choice(None if named is None else str(named), self.store, self.said.append)
        chosen.start()
        for sentence in self.said:
            assert sentence.endswith(".")
            assert "\n" not in sentence
        return chosen

    def starts(self, bundle_id: str) -> int | None:
        return trial.starts(self.store.folder, bundle_id)


@pytest.fixture(name="lamp")
def _lamp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lamp:
    monkeypatch.setattr(shipped, "SHIPPED", variant(tmp_path, "shipped"))
    monkeypatch.setattr(os, "fsync", lambda _handle: None)
    return Lamp(tmp_path)


def damage(store: Store, bundle_id: str | None) -> None:
    (store.folder / str(bundle_id) / MODEL_FILE).write_bytes(b"")


def name(chosen: Choice) -> str:
    return chosen.bundle.card.name


def test_without_an_installed_bundle_it_is_the_one_that_ships(lamp: Lamp) -> None:
    assert name(lamp.start()) == "shipped"
    assert lamp.said == []
    assert not lamp.store.folder.exists()
    assert lamp.start().bundle_id == "built-in"
    alone = Choice(None, None, lamp.said.append)
    assert alone.start().card.name == "shipped"


def test_a_named_bundle_is_the_one(lamp: Lamp, tmp_path: Path) -> None:
    lamp.install("a")
    assert name(lamp.start(variant(tmp_path, "named"))) == "named"
    with pytest.raises(InputError, match="no model bundle"):
        lamp.start(tmp_path / "nowhere")


def test_an_installed_bundle_is_used_and_its_trial_ends_after_two_seconds(lamp: Lamp) -> None:
    bundle_id = lamp.install("a")
    with lamp.start() as chosen:
        assert name(chosen) == "a"
        assert chosen.folder == lamp.store.folder / bundle_id
        assert lamp.starts(bundle_id) == 1
        chosen.heard(1.95)
        assert lamp.starts(bundle_id) == 1
        chosen.heard(2.0)
        assert lamp.starts(bundle_id) is None
        chosen.heard(2.05)
    assert lamp.starts(bundle_id) is None
    assert lamp.said == []


def test_a_piece_that_ends_before_proves_it_too(lamp: Lamp) -> None:
    bundle_id = lamp.install("a")
    with lamp.start() as chosen:
        chosen.ended()
    assert lamp.starts(bundle_id) is None


def test_an_orderly_end_in_the_first_seconds_does_not_count(lamp: Lamp) -> None:
    bundle_id = lamp.install("a")
    for _ in range(5):
        with lamp.start() as chosen:  # the user stops it
            chosen.heard(0.5)
        with pytest.raises(InputError), lamp.start():
            raise InputError("The song is missing.")
        assert name(chosen) == "a"
    assert lamp.starts(bundle_id) == 0


def test_three_starts_that_kill_the_lamp_and_it_goes_back(lamp: Lamp) -> None:
    lamp.install("a")
    lamp.start().ended()
    bundle_id = lamp.install("b")
    for count in (1, 2, 3):
        assert name(lamp.start()) == "b"  # and never heard of again
        assert lamp.said == []
        assert lamp.starts(bundle_id) == count
    assert name(lamp.start()) == "a"
    assert len(lamp.said) == 1
    assert bundle_id in lamp.said[0]
    assert "3 starts" in lamp.said[0]
    assert name_in_use(lamp.store) == "a"
    assert name(lamp.start()) == "a"
    assert lamp.said == []


def test_an_error_in_our_own_program_counts_as_a_crash(lamp: Lamp) -> None:
    bundle_id = lamp.install("a")
    with pytest.raises(IndexError), lamp.start():
        raise IndexError
    assert lamp.starts(bundle_id) == 1


def test_a_crash_while_the_model_is_opened_counts(lamp: Lamp, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle_id = lamp.install("a")

    class Crash(Runner):
        def __init__(self, *_: object) -> None:
            raise MemoryError

    monkeypatch.setattr(choice, "Runner", Crash)
    with pytest.raises(MemoryError):
        lamp.start()
    assert lamp.starts(bundle_id) == 1


def test_three_crashes_without_a_previous_bundle(lamp: Lamp) -> None:
    bundle_id = lamp.install("a")
    for _ in range(3):
        lamp.start()
    assert name(lamp.start()) == "shipped"
    assert len(lamp.said) == 1
    assert "ships" in lamp.said[0]
    assert (lamp.store.current(), lamp.store.previous()) == (None, bundle_id)  # for good
    assert name(lamp.start()) == "shipped"
    assert lamp.said == []
    assert lamp.starts(bundle_id) == 3
    lamp.install("a")
    assert name(lamp.start()) == "a"


def test_two_bundles_that_crash_are_not_tried_in_turns_for_ever(lamp: Lamp) -> None:
    lamp.install("a")
    lamp.install("b")
    used = [name(lamp.start()) for _ in range(9)]
    assert used == 3 * ["b"] + 3 * ["a"] + 3 * ["shipped"]
    lamp.store.rollback()  # the user wants to know it: it begins anew
    assert name(lamp.start()) == "a"
    assert {bundle_id.split("-")[0] for bundle_id in lamp.store.ids()} == {"a", "b"}  # nothing is lost by this


def test_a_damaged_bundle_is_left_for_good(lamp: Lamp) -> None:
    lamp.install("a")
    damage(lamp.store, lamp.install("b"))
    assert name(lamp.start()) == "a"
    assert len(lamp.said) == 1
    assert "bytes" in lamp.said[0]
    assert name_in_use(lamp.store) == "a"
    assert name(lamp.start()) == "a"
    assert lamp.said == []


def test_a_dangling_link_is_a_damaged_bundle(lamp: Lamp) -> None:
    lamp.install("a")
    shutil.rmtree(lamp.store.folder / lamp.install("b"))
    assert name(lamp.start()) == "a"
    assert name_in_use(lamp.store) == "a"
    shutil.rmtree(lamp.store.folder / str(lamp.store.current()))
    assert name(lamp.start()) == "shipped"
    assert len(lamp.said) == 1


def test_two_damaged_bundles(lamp: Lamp) -> None:
    damage(lamp.store, lamp.install("a"))
    lamp.store.rollback()
    lamp.install("b")
    damage(lamp.store, lamp.install("c"))
    damage(lamp.store, lamp.store.previous())
    before = lamp.store.current()
    assert name(lamp.start()) == "shipped"
    assert len(lamp.said) == 1
    assert "nor does the previous one" in lamp.said[0]
    assert (lamp.store.current(), lamp.store.previous()) == (None, before)
    assert name(lamp.start()) == "shipped"
    assert lamp.said == []


def test_a_model_that_does_not_open_is_a_bundle_that_does_not_start(
    lamp: Lamp, monkeypatch: pytest.MonkeyPatch
) -> None:
    lamp.install("a")
    lamp.install("b")
    opened = []

    class Refusing(Runner):
        def __init__(self, bundle: object, *rest: object) -> None:
            opened.append(bundle)
            if len(opened) == 1:
                raise InputError("The runtime cannot load the model (no such operator); convert it again.")

    monkeypatch.setattr(choice, "Runner", Refusing)
    assert name(lamp.start()) == "a"
    assert "no such operator" in lamp.said[0]


def test_a_card_of_another_schema_after_an_upgrade(lamp: Lamp) -> None:
    lamp.install("a")
    card = lamp.store.folder / lamp.install("b") / "card.json"
    card.write_bytes(card.read_bytes().replace(b'"schema": 2', b'"schema": 3'))
    assert name(lamp.start()) == "a"
    assert "schema 3" in lamp.said[0]


def test_a_store_that_is_no_store(lamp: Lamp) -> None:
    lamp.store.folder.write_text("dear")
    assert name(lamp.start()) == "shipped"
    assert len(lamp.said) == 1
    assert "is a file, not a folder" in lamp.said[0]
    lamp.store.folder.unlink()
    lamp.store.folder.mkdir()
    (lamp.store.folder / "current").symlink_to("/etc")
    assert name(lamp.start()) == "shipped"
    assert "/etc" in lamp.said[0]


def test_a_store_that_cannot_be_read(lamp: Lamp, monkeypatch: pytest.MonkeyPatch) -> None:
    lamp.install("a")
    with failing("readlink", 1, errno.EACCES, for_good=True):
        assert name(lamp.start()) == "shipped"
    assert len(lamp.said) == 1
    assert "Permission denied" in lamp.said[0]


def test_a_trial_that_cannot_be_counted_is_not_begun(lamp: Lamp) -> None:
    """A bundle that kills the lamp would do so for ever."""
    lamp.install("a")
    with lamp.start() as chosen:
        chosen.heard(3.0)
    bundle_id = lamp.install("b")
    with failing("open", 1, errno.EROFS, for_good=True), failing("symlink", 1, errno.EROFS, for_good=True):
        assert name(lamp.start()) == "a"
    assert "its trial can't be written down (Read-only file system)" in lamp.said[0]
    assert "for this start only" in lamp.said[1]
    assert lamp.store.current() == bundle_id
    assert name(lamp.start()) == "b"
    assert lamp.starts(bundle_id) == 1


def test_a_store_that_cannot_be_written_stops_no_proven_bundle(lamp: Lamp) -> None:
    for given in ("a", "b"):
        bundle_id = lamp.install(given)
        with lamp.start() as chosen:
            chosen.heard(3.0)
    with failing("open", 1, errno.EROFS, for_good=True), failing("unlink", 1, errno.EROFS, for_good=True):
        assert name(lamp.start()) == "b"
    assert lamp.said == []
    damage(lamp.store, bundle_id)
    with failing("symlink", 1, errno.EROFS, for_good=True):
        assert name(lamp.start()) == "a"
    assert "for this start only" in lamp.said[1]
    assert lamp.store.current() == bundle_id


@pytest.mark.parametrize("text", ["", "soon", "-1", "1" * 20])
def test_a_damaged_note_of_a_trial_begins_it_anew(lamp: Lamp, text: str) -> None:
    bundle_id = lamp.install("a")
    (lamp.store.folder / f"{bundle_id}.trial").write_text(text)
    assert name(lamp.start()) == "a"
    assert len(lamp.said) == 1
    assert lamp.starts(bundle_id) == 1


def test_power_cuts_while_a_start_is_counted_and_when_the_trial_ends(lamp: Lamp, tmp_path: Path) -> None:
    bundle_id = lamp.install("a")
    counts = []
    for _ in cuts(lamp.start, lambda: trial.note(lamp.store.folder, bundle_id, 1)):
        counts.append(lamp.starts(bundle_id))
        assert name(Lamp(tmp_path).start()) == "a"
    assert counts == sorted(counts, key=[1, 2].index)
    assert set(counts) == {1, 2}

    def ended() -> None:
        lamp.start().ended()

    after = {lamp.starts(bundle_id) for _ in cuts(ended, lambda: trial.note(lamp.store.folder, bundle_id, 0))}
    assert after == {0, 1, None}
    lamp.install("b")
    assert [path.name for path in lamp.store.folder.glob(".*")] == []  # no rubbish of any of these stays


def test_a_power_cut_while_it_goes_back(lamp: Lamp, tmp_path: Path) -> None:
    lamp.install("a")
    lamp.start().ended()
    damage(lamp.store, lamp.install("b"))
    copy = tmp_path / "copy"
    shutil.copytree(lamp.store.folder, copy, symlinks=True)

    def prepare() -> None:
        shutil.rmtree(lamp.store.folder)
        shutil.copytree(copy, lamp.store.folder, symlinks=True)

    for _ in cuts(lamp.start, prepare):
        assert name(Lamp(tmp_path).start()) == "a"


# ---- Ctrl-C


def stopped_at(step: int, lamp: Lamp) -> bool:
    """Start, run and leave, with Ctrl-C before line number `step` of the modules that count; False if it ends before.

    The signal comes once, as device.cli sees to: while the lamp is stopping, further ones are ignored.
    """
    files = {module.__file__ for module in (choice, trial, durable)}
    lines = 0

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal lines
        if frame.f_code.co_filename not in files:
            return None
        if event in ("call", "line", "return"):
            lines += 1
            if lines == step:
                raise KeyboardInterrupt
        return trace

    chosen = Choice(None, lamp.store, lamp.said.append)
    before = sys.gettrace()
    try:
        with chosen, chosen:
            sys.settrace(trace)
            chosen.start()
            chosen.heard(0.5)
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
    return False


def test_ctrl_c_never_counts_wherever_it_comes(lamp: Lamp, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle_id = lamp.install("a")
    monkeypatch.setattr(choice, "Runner", lambda _bundle: None)
    step = 1
    while stopped_at(step, lamp):
        assert lamp.starts(bundle_id) == 0, step
        step += 1
    assert step > 60
    assert lamp.starts(bundle_id) == 0
    assert lamp.said == []


def test_the_trial_that_just_ended_is_told_once(lamp: Lamp) -> None:
    lamp.install("a")
    for passed in (True, False):
        with lamp.start() as chosen:
            chosen.heard(3.0)
        assert chosen.passed is passed


def test_a_store_that_cannot_be_written_is_told_of_once(lamp: Lamp) -> None:
    lamp.install("a")
    with lamp.start() as chosen, failing("unlink", 1, errno.EROFS, for_good=True):
        chosen.heard(3.0)
        chosen.heard(4.0)
    assert len(lamp.said) == 1
    assert "can't be written down (Read-only file system)" in lamp.said[0]


def test_a_named_bundle_may_be_one_of_the_store_s_or_the_one_that_ships(lamp: Lamp) -> None:
    first = lamp.install("a")
    lamp.install("b")
    assert lamp.start(Path(first)).bundle_id == first
    assert lamp.start(Path("built-in")).bundle_id == "built-in"
    assert lamp.start(shipped.SHIPPED).bundle_id == "built-in"
    assert lamp.starts(first) == 0


# ---- a trusted key


def test_a_key_holds_for_the_named_and_the_installed_but_not_for_the_one_that_ships(
    lamp: Lamp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, public = signing.new_keys()
    (tmp_path / "me.pub").write_bytes(public)
    (tmp_path / "me.key").write_bytes(secret)
    lamp.store.trust(tmp_path / "me.pub")
    good = variant(tmp_path, "good")
    with pytest.raises(InputError, match="is not signed"):
        lamp.start(good)
    signature = signing.sign(load_bundle(good).card, signing.read(tmp_path / "me.key", signing.SECRET))
    (good / "card.sig").write_bytes(signing.encode(signing.SIGNATURE, signature))
    assert name(lamp.start(good)) == "good"
    bundle_id, _ = lamp.store.install(good)
    assert name(lamp.start()) == "good"
    # What is swapped in the store behind its back is not used either.
    bundle = load_bundle(TINY)
    write_bundle(lamp.store.folder / bundle_id, bundle.card, bundle.model)
    assert name(lamp.start()) == "shipped"
    assert "is not signed" in lamp.said[0]
    (good / "card.sig").rename(tmp_path / "card.sig")
    assert name(lamp.start(shipped.SHIPPED)) == "shipped"
    (tmp_path / "card.sig").rename(good / "card.sig")
    shutil.rmtree(lamp.store.folder / bundle_id)
    lamp.store.install(good)
    for module in ("nacl", "nacl.signing", "nacl.exceptions"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(InputError, match="pip install pynacl"):
        lamp.start(good)
    for _ in range(2):  # the bundle has done nothing: it stays in use for when the library is back
        assert name(lamp.start()) == "shipped"
        assert "pip install pynacl" in lamp.said[0]
        assert lamp.store.current() == bundle_id
