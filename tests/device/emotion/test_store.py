"""Whatever happens to an install, the lamp has a bundle that works."""

import errno
import fcntl
import os
import re
import shutil
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.emotion import store as store_module
from device.emotion import trial
from device.emotion.bundle import CARD_FILE, MODEL_FILE, load_bundle, write_bundle
from device.emotion.card import card_text, seal, seal_for
from device.emotion.place import default_store
from device.emotion.self_test import self_test
from device.emotion.shipped import SHIPPED
from device.emotion.store import Store, id_of
from device.errors import InputError
from tests.bundles import TINY, name_in_use, variant
from tests.power import cuts, failing

CARD = load_bundle(TINY).card


@pytest.fixture(scope="module", name="bundles")
def _bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("bundles")
    return {name: variant(folder, name) for name in ("a", "b", "c", "d")}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No waiting for the disk, nor for a process: what is tested is that the calls are made."""
    monkeypatch.setattr(os, "fsync", lambda _handle: None)
    monkeypatch.setattr(store_module, "self_test_apart", lambda folder: self_test(load_bundle(folder)))


@pytest.fixture(name="store")
def _store(tmp_path: Path) -> Store:
    return Store(tmp_path / "deep" / "store")


def refusal(action: Callable[[], object]) -> str:
    with pytest.raises(InputError) as caught:
        action()
    text = str(caught.value)
    assert "\n" not in text
    assert text.endswith(".")
    return text


def attempt(action: Callable[[], object]) -> str:
    """What the action refuses with, nothing if it works."""
    try:
        action()
    except InputError as error:
        return str(error)
    return ""


def names(store: Store) -> tuple[str | None, str | None]:
    """What the cards of the current and the previous bundle are called; both must load and pass their self-tests."""
    found = []
    for bundle_id in (store.current(), store.previous()):
        if bundle_id is not None:
            bundle = store.load(bundle_id)
            self_test(bundle)
        found.append(None if bundle_id is None else bundle.card.name)
    return found[0], found[1]


def always(store: Store, *installed: Path) -> Callable[[], None]:
    """Makes the store one into which these were installed, again and again."""
    for folder in installed:
        store.install(folder)
    copy = store.folder.with_name("copy")
    shutil.copytree(store.folder, copy, symlinks=True)

    def prepare() -> None:
        shutil.rmtree(store.folder)
        shutil.copytree(copy, store.folder, symlinks=True)

    return prepare


def assert_tidy(store: Store) -> None:
    """Nothing but the two bundles, their trials and the links."""
    kept = {bundle_id for bundle_id in (store.current(), store.previous()) if bundle_id}
    links = {link for link in ("current", "previous") if os.path.lexists(store.folder / link)}
    trials = {name for name in os.listdir(store.folder) if name.removesuffix(".trial") in kept and "trial" in name}
    assert set(os.listdir(store.folder)) == kept | links | trials


def test_an_installed_bundle_is_the_one_in_use(store: Store, bundles: dict[str, Path]) -> None:
    assert store.current() is None
    assert store.ids() == []
    bundle_id, difference = store.install(bundles["a"])
    assert difference < 0.02
    assert store.current() == bundle_id
    assert store.load(bundle_id) == load_bundle(bundles["a"])
    assert os.readlink(store.folder / "current") == bundle_id  # relative: the store can be moved
    assert store.previous() is None
    assert trial.starts(store.folder, bundle_id) == 0
    assert_tidy(store)


def test_the_one_before_is_kept_and_the_one_before_that_is_not(store: Store, bundles: dict[str, Path]) -> None:
    for name in "abc":
        store.install(bundles[name])
    assert names(store) == ("c", "b")
    assert len(store.ids()) == 2
    assert_tidy(store)


def test_a_rollback_swaps_and_the_next_swaps_back(store: Store, bundles: dict[str, Path]) -> None:
    store.install(bundles["a"])
    store.install(bundles["b"])
    for expected in (("a", "b"), ("b", "a"), ("a", "b")):
        store.rollback()
        assert names(store) == expected
    assert_tidy(store)


def test_a_rollback_of_the_first_goes_to_the_one_that_ships_and_back(store: Store, bundles: dict[str, Path]) -> None:
    store.install(bundles["a"])
    assert store.rollback() is None
    assert names(store) == (None, "a")
    store.rollback()
    assert names(store) == ("a", None)
    store.rollback()
    store.install(bundles["b"])
    assert names(store) == ("b", None)
    assert_tidy(store)


def test_nothing_to_roll_back(store: Store, bundles: dict[str, Path]) -> None:
    assert "Nothing is installed: the lamp already runs" in refusal(store.rollback)
    assert not store.folder.exists()
    store.folder.mkdir(parents=True)
    assert "Nothing is installed" in refusal(store.rollback)


def test_installing_again_is_no_change_but_a_new_trial(store: Store, bundles: dict[str, Path]) -> None:
    store.install(bundles["a"])
    bundle_id, _ = store.install(bundles["b"])
    trial.end(store.folder, bundle_id)
    before = (store.folder / bundle_id).stat().st_ino
    assert store.install(bundles["b"])[0] == bundle_id
    assert names(store) == ("b", "a")
    assert (store.folder / bundle_id).stat().st_ino == before
    assert trial.starts(store.folder, bundle_id) == 0
    store.install(bundles["a"])
    assert names(store) == ("a", "b")
    assert_tidy(store)


@pytest.mark.parametrize("harm", ["cut", "flip", "remove"])
def test_installing_again_replaces_a_damaged_one(store: Store, bundles: dict[str, Path], harm: str) -> None:
    store.install(bundles["a"])
    bundle_id, _ = store.install(bundles["b"])
    model = store.folder / bundle_id / MODEL_FILE
    data = model.read_bytes()
    model.unlink()
    if harm != "remove":
        model.write_bytes(data[:-1] if harm == "cut" else bytes([data[0] ^ 1]) + data[1:])
    store.install(bundles["b"])
    assert names(store) == ("b", "a")
    assert_tidy(store)


def test_a_damaged_one_is_not_kept_as_the_previous(store: Store, bundles: dict[str, Path]) -> None:
    store.install(bundles["a"])
    bundle_id, _ = store.install(bundles["b"])
    shutil.rmtree(store.folder / bundle_id)
    store.install(bundles["c"])
    assert names(store) == ("c", "a")
    store.rollback()
    shutil.rmtree(store.folder / str(store.current()))
    store.rollback()
    assert names(store) == ("c", None)


def test_a_damaged_previous_is_not_gone_back_to(store: Store, bundles: dict[str, Path]) -> None:
    store.install(bundles["a"])
    store.install(bundles["b"])
    (store.folder / str(store.previous()) / MODEL_FILE).write_bytes(b"")
    assert "bytes" in refusal(store.rollback)
    assert name_in_use(store) == "b"


BAD_CARDS: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "a later schema": (lambda card: card.update(schema=99), "has schema 99"),
    "a field more": (lambda card: card.update(color="blue"), "color"),
    "a field less": (lambda card: card.pop("version"), "version"),
    "another number": (lambda card: card.update(seed=card["seed"] + 1), "altered"),
}


@pytest.mark.parametrize("case", BAD_CARDS)
def test_a_bad_card_is_not_installed(case: str, store: Store, bundles: dict[str, Path], tmp_path: Path) -> None:
    store.install(bundles["a"])
    change, word = BAD_CARDS[case]
    bad = variant(tmp_path, "bad")
    card = msgspec.json.decode((bad / CARD_FILE).read_bytes())
    change(card)
    (bad / CARD_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(card), indent=2) + b"\n")
    assert word in refusal(lambda: store.install(bad))
    assert names(store) == ("a", None)
    assert_tidy(store)


def test_altered_and_truncated_models_are_not_installed(store: Store, tmp_path: Path) -> None:
    bad = variant(tmp_path, "bad")
    data = (bad / MODEL_FILE).read_bytes()
    (bad / MODEL_FILE).write_bytes(data[:-1])
    assert "bytes instead of" in refusal(lambda: store.install(bad))
    (bad / MODEL_FILE).write_bytes(data[:-1] + bytes([data[-1] ^ 4]))
    assert "damaged" in refusal(lambda: store.install(bad))
    assert not store.folder.exists()


def test_a_bundle_that_fails_its_self_test_is_not_installed(store: Store, bundles: dict[str, Path]) -> None:
    store.install(bundles["a"])
    test = load_bundle(TINY).card.self_test
    assert test is not None
    wrong = msgspec.structs.replace(test, expected=tuple((v + 0.1, a, s) for v, a, s in test.expected))
    bad = variant(bundles["a"].parent, "wrong", self_test=wrong)
    assert "fails its self-test" in refusal(lambda: store.install(bad))
    untested = variant(bundles["a"].parent, "untested", self_test=None)
    assert "no self-test" in refusal(lambda: store.install(untested))
    assert names(store) == ("a", None)
    assert_tidy(store)


def test_a_model_that_the_runtime_refuses_is_not_installed(store: Store, tmp_path: Path) -> None:
    bad = variant(tmp_path, "bad")
    card = load_bundle(bad).card
    model = bytes(card.model_bytes)
    (bad / MODEL_FILE).write_bytes(model)
    (bad / CARD_FILE).write_bytes(card_text(seal_for(card, model)))
    assert "cannot load the model" in refusal(lambda: store.install(bad))
    assert store.current() is None


# ---- names


@given(st.text(max_size=200), st.text(max_size=60))
def test_any_name_becomes_a_plain_folder(name: str, version: str) -> None:
    card = seal(msgspec.structs.replace(CARD, name=name, version=version))
    bundle_id = id_of(card)
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,93}", bundle_id)
    assert bundle_id not in ("current", "previous", "trusted.pub")
    assert not bundle_id.endswith((".part", ".trial"))
    assert bundle_id.endswith(card.card_sha256[:12])


@pytest.mark.parametrize(
    "name", ["../../../etc", "/", "..", "", "current", "previous", ".part", "a\nb\x1b[2J", "ü" * 300]
)
def test_odd_names_are_installed(store: Store, tmp_path: Path, name: str) -> None:
    source = variant(tmp_path, "x")
    bundle = load_bundle(source)
    shutil.rmtree(source)
    write_bundle(source, msgspec.structs.replace(bundle.card, name=name, version=name), bundle.model)
    store.install(source)
    assert names(store) == (name, None)
    assert [path for path in tmp_path.iterdir() if path.name not in ("x", "deep")] == []
    assert_tidy(store)


def test_the_store_s_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAMPYRIS_STORE", "/there")
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert default_store() == Path("/there")
    monkeypatch.setenv("LAMPYRIS_STORE", "")
    assert default_store() == Path("/data/lampyris/bundles")
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    monkeypatch.setenv("HOME", "/home/firefly")
    assert default_store() == Path("/home/firefly/.local/share/lampyris/bundles")
    monkeypatch.setenv("LAMPYRIS_STORE", "~/bundles")
    assert default_store() == Path("/home/firefly/bundles")


# ---- what is at the store's place


def test_a_store_that_is_a_file(tmp_path: Path, bundles: dict[str, Path]) -> None:
    (tmp_path / "file").write_text("dear")
    store = Store(tmp_path / "file")
    assert store.current() is None
    assert store.ids() == []
    for action in (store.check, lambda: store.install(bundles["a"])):
        assert "it is a file, not a folder" in refusal(action)
    below = Store(tmp_path / "file" / "below")
    for action in (below.check, lambda: below.install(bundles["a"])):
        assert f"{tmp_path / 'file'} is a file, not a folder" in refusal(action)
    assert (tmp_path / "file").read_text() == "dear"


@pytest.mark.parametrize(("number", "word"), [(errno.EACCES, "right"), (errno.EROFS, "writable"), (errno.EIO, "disk")])
def test_a_store_without_a_way_to_it(store: Store, number: int, word: str) -> None:
    with mock.patch.object(os, "listdir", side_effect=OSError(number, os.strerror(number))):
        for action in (store.check, store.ids):
            text = refusal(action)
            assert word in text
            assert os.strerror(number) in text
            assert "--store" in text


def test_any_installed_one_can_be_used_and_nothing_is_removed_by_that(store: Store, bundles: dict[str, Path]) -> None:
    a, _ = store.install(bundles["a"])
    b, _ = store.install(bundles["b"])
    store.use(None)
    assert names(store) == (None, "b")
    assert store.ids() == [a, b]
    store.use(a)
    assert names(store) == ("a", None)
    store.use(b)
    assert names(store) == ("b", "a")
    store.use(b)
    assert names(store) == ("b", "a")
    assert "There is no c" in refusal(lambda: store.use("c"))
    (store.folder / a / MODEL_FILE).write_bytes(b"")
    assert "install it again" in refusal(lambda: store.use(a))
    assert store.current() == b
    store.install(bundles["c"])
    assert_tidy(store)


def test_the_one_that_ships_needs_no_install(store: Store) -> None:
    assert "use built-in" in refusal(lambda: store.install(SHIPPED))
    assert not store.folder.exists()


def test_links_that_are_none_of_the_store_s(store: Store, bundles: dict[str, Path]) -> None:
    store.folder.mkdir(parents=True)
    (store.folder / "current").symlink_to("/etc")
    assert "leads to '/etc'" in refusal(store.current)
    assert "leads to '/etc'" in refusal(lambda: store.install(bundles["a"]))
    (store.folder / "current").unlink()
    (store.folder / "current").write_text("dear")
    assert "not a link" in refusal(lambda: store.install(bundles["a"]))
    assert (store.folder / "current").read_text() == "dear"


def test_what_is_not_the_store_s_is_left_alone(store: Store, bundles: dict[str, Path]) -> None:
    store.folder.mkdir(parents=True)
    (store.folder / "movie.part").write_text("dear")
    (store.folder / "thesis-0123456789ab").mkdir()
    (store.folder / "thesis-0123456789ab" / "chapter.tex").write_text("dear")
    for name in "abc":
        store.install(bundles[name])
    assert (store.folder / "movie.part").read_text() == "dear"
    assert (store.folder / "thesis-0123456789ab" / "chapter.tex").read_text() == "dear"


def test_a_dangling_current_link(store: Store, bundles: dict[str, Path]) -> None:
    bundle_id, _ = store.install(bundles["a"])
    shutil.rmtree(store.folder / bundle_id)
    assert store.current() == bundle_id
    assert "no model bundle" in refusal(lambda: store.load(bundle_id))
    store.install(bundles["a"])
    assert names(store) == ("a", None)


# ---- two at once


def test_a_second_command_waits_and_then_says_so(
    store: Store, bundles: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    store.install(bundles["a"])
    monkeypatch.setattr(store_module, "LOCK_S", 0.1)
    handle = os.open(store.folder, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        assert "Another command" in refusal(lambda: store.install(bundles["b"]))
        assert "Another command" in refusal(store.rollback)
    finally:
        os.close(handle)
    assert names(store) == ("a", None)


def test_many_installs_at_once(store: Store, bundles: dict[str, Path]) -> None:
    children = []
    for name in "abcdabcd":
        pid = os.fork()
        if pid == 0:
            try:
                store.install(bundles[name])
            except BaseException:  # noqa: BLE001  the child must not run on as a second pytest
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        children.append(pid)
    assert [os.waitpid(pid, 0)[1] for pid in children] == [0] * len(children)
    current, previous = names(store)
    assert current
    assert previous
    assert current != previous
    assert_tidy(store)


# ---- power cuts


def test_a_power_cut_in_a_first_install(store: Store, bundles: dict[str, Path]) -> None:
    seen = set()
    for _ in cuts(lambda: store.install(bundles["a"]), lambda: shutil.rmtree(store.folder.parent, ignore_errors=True)):
        seen.add(names(store))
        store.install(bundles["b"])
        assert name_in_use(store) == "b"
        assert_tidy(store)
    assert seen == {(None, None), ("a", None)}
    assert names(store) == ("a", None)


def test_a_power_cut_in_an_install_over_another(store: Store, bundles: dict[str, Path]) -> None:
    prepare = always(store, bundles["a"], bundles["b"])
    seen = []
    for _ in cuts(lambda: store.install(bundles["c"]), prepare):
        state = names(store)
        seen.append(state)
        assert state[0] == "b" or trial.starts(store.folder, str(store.current())) == 0
        # Whichever half it was left in, one rollback leads to what was in use before.
        store.rollback()
        assert name_in_use(store) == {"b": "a", "c": "b"}[str(state[0])]
        store.install(bundles["d"])
        assert name_in_use(store) == "d"
        assert_tidy(store)
    assert set(seen) == {("b", "a"), ("c", "a"), ("c", "b")}
    assert len(seen) > 25
    assert seen == sorted(seen, key=[("b", "a"), ("c", "a"), ("c", "b")].index)
    assert names(store) == ("c", "b")
    assert_tidy(store)


def test_a_power_cut_in_a_rollback(store: Store, bundles: dict[str, Path]) -> None:
    prepare = always(store, bundles["a"], bundles["b"])
    seen = set()
    for _ in cuts(store.rollback, prepare):
        seen.add(names(store))
        # Both are still there: two more rollbacks lead to the one and to the other.
        assert {name_in_use(store) for _ in range(2) if store.rollback()} == {"a", "b"}
        assert_tidy(store)
    assert seen == {("b", "a"), ("a", None), ("a", "b")}


def test_a_power_cut_in_the_repair_of_a_cut(store: Store, bundles: dict[str, Path]) -> None:
    """The moment between the two links, then another cut at each step of the next command."""

    before = always(store, bundles["a"], bundles["b"])

    def prepare() -> None:
        before()
        a, b = str(store.previous()), str(store.current())
        (store.folder / ".previous-next.part").symlink_to(b)
        (store.folder / "current").unlink()
        (store.folder / "current").symlink_to(a)

    for _ in cuts(store.rollback, prepare):
        assert names(store)[0] in ("a", "b")
        assert {name_in_use(store) for _ in range(2) if store.rollback()} == {"a", "b"}
        assert_tidy(store)
    assert names(store) == ("b", "a")


# ---- what the disk does not take


@pytest.mark.parametrize("for_good", [False, True])
@pytest.mark.parametrize("call", ["open", "write", "fsync", "mkdir", "symlink", "chmod"])
def test_a_full_disk_leaves_all_as_it_was(call: str, for_good: bool, store: Store, bundles: dict[str, Path]) -> None:
    for name in "ab":
        store.install(bundles[name])
    before = sorted(os.listdir(store.folder))
    for first in range(1, 100):
        with failing(call, first, for_good=for_good) as came:
            text = attempt(lambda: store.install(bundles["c"]))
        if not came():
            break
        assert "No space left on device" in text
        assert "make room" in text
        assert names(store) == ("b", "a")
        assert sorted(os.listdir(store.folder)) == before
    assert first > 1
    assert names(store) == ("c", "b")


@pytest.mark.parametrize("call", ["rename", "replace"])
def test_a_rename_that_fails(call: str, store: Store, bundles: dict[str, Path]) -> None:
    for name in "ab":
        store.install(bundles[name])
    before = sorted(os.listdir(store.folder))
    for first in range(1, 100):
        with failing(call, first, errno.EIO) as came:
            text = attempt(lambda: store.install(bundles["c"]))
        if not came():
            break
        assert "Input/output error" in text
        assert names(store) == ("b", "a")
        assert sorted(os.listdir(store.folder)) == before
    assert first > 1


@pytest.mark.parametrize("call", ["symlink", "replace", "fsync"])
def test_a_rollback_that_fails(call: str, store: Store, bundles: dict[str, Path]) -> None:
    for name in "ab":
        store.install(bundles[name])
    for first in range(1, 100):
        with failing(call, first) as came:
            text = attempt(store.rollback)
        if not came():
            break
        assert "No space left" in text
        assert names(store) == ("b", "a")
    assert names(store) == ("a", "b")


def test_a_read_only_store(store: Store, bundles: dict[str, Path]) -> None:
    store.install(bundles["a"])
    with failing("mkdir", 1, errno.EROFS, for_good=True), failing("open", 1, errno.EROFS, for_good=True):
        assert "Read-only file system" in refusal(lambda: store.install(bundles["b"]))
        assert names(store) == ("a", None)


# ---- what is on the disk when the link is switched


def test_all_is_on_the_disk_before_the_link_is_switched(store: Store, bundles: dict[str, Path]) -> None:
    """Follows each file and folder: written or changed, it must be synced before `current` leads to it."""
    store.install(bundles["a"])
    dirty: set[str] = set()
    switched = []
    real = {name: getattr(os, name) for name in ("open", "write", "fsync", "mkdir", "rename", "replace", "symlink")}

    def path_of(handle: int) -> str:
        return os.readlink(f"/proc/self/fd/{handle}")

    def opened(path: Any, flags: int, *rest: Any, **options: Any) -> int:
        handle: int = real["open"](path, flags, *rest, **options)
        if flags & os.O_CREAT:
            dirty.update((path_of(handle), os.path.dirname(path_of(handle))))
        return handle

    def wrote(handle: int, data: Any) -> int:
        dirty.add(path_of(handle))
        return int(real["write"](handle, data))

    def synced(handle: int) -> None:
        real["fsync"](handle)
        dirty.discard(path_of(handle))

    def made(path: Any, *rest: Any, **options: Any) -> None:
        real["mkdir"](path, *rest, **options)
        dirty.update((str(path), os.path.dirname(path)))

    def linked(target: str, path: Path) -> None:
        real["symlink"](target, path)
        if not path.name.startswith(".current"):  # the very link that is renamed next, in the same folder
            dirty.add(str(path.parent))

    def renamed(name: str) -> Callable[[Path, Path], None]:
        def call(source: Path, target: Path) -> None:
            if Path(target).name == "current":
                assert not dirty
                switched.append(os.readlink(source))
            assert str(source) not in dirty
            real[name](source, target)
            dirty.add(os.path.dirname(target))

        return call

    fakes = {"open": opened, "write": wrote, "fsync": synced, "mkdir": made, "symlink": linked}
    fakes |= {name: renamed(name) for name in ("rename", "replace")}
    with mock.patch.multiple(os, **fakes):
        bundle_id, _ = store.install(bundles["b"])
    assert switched == [bundle_id]
    assert not dirty  # and when it says that it is done, it is
