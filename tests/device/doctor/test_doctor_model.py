"""Runtime, ear and bundle: good ones, and each way in which they are not."""

import os
import shutil
from pathlib import Path

import msgspec
import numpy as np
import pytest

from device.doctor import runtime
from device.doctor.bundle import BundleCheck
from device.doctor.finding import Finding, State
from device.emotion import shipped, signing, trial
from device.emotion.bundle import MODEL_FILE, load_bundle
from device.emotion.store import Store
from device.errors import InputError
from device.hearing.sound_card import WEIGHTS_FILE
from device.hearing.sound_class import SHIPPED as EAR
from device.hearing.sound_class import SoundClass
from tests.bundles import variant
from tests.ears import write_ear


def test_the_runtime_computes_what_it_should() -> None:
    told = runtime.check()
    assert told.state is State.OK
    assert isinstance(told.values["off_by"], float)
    assert 0 <= told.values["off_by"] < 0.02


def test_a_runtime_that_computes_otherwise_or_crashes() -> None:
    def fails(folder: Path) -> float:
        assert folder == shipped.SHIPPED
        raise InputError("The bundle x crashes the TFLite runtime of this machine (SIGSEGV); convert it again.")

    told = runtime.check(fails)
    assert told.state is State.FAIL
    assert "SIGSEGV" in told.found
    assert told.next_step


def test_no_runtime(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("device.emotion.runtime.installed_runtimes", lambda: ())
    told = runtime.check()
    assert told.state is State.FAIL
    assert "No TFLite runtime" in told.found
    assert "pip install" in told.next_step


def test_what_ships_is_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(shipped.SHIPPED, tmp_path / "b")
    (tmp_path / "b" / MODEL_FILE).write_bytes(b"")
    monkeypatch.setattr(shipped, "SHIPPED", tmp_path / "b")
    told = runtime.check()
    assert told.state is State.FAIL
    assert "install Lampyris again" in told.next_step


def test_the_ear_hears() -> None:
    told = runtime.check_ear(SoundClass().card.features.fingerprint)
    assert told.state is State.OK
    assert min(told.values["music_probability"], told.values["noise_probability"]) > 0.5  # type: ignore[type-var, operator]


def test_an_ear_and_a_bundle_that_do_not_fit() -> None:
    told = runtime.check_ear("another")
    assert told.state is State.WARN
    assert "built-in" in told.next_step


def test_an_ear_that_is_damaged_or_gone(tmp_path: Path) -> None:
    shutil.copytree(EAR, tmp_path / "ear")
    with (tmp_path / "ear" / WEIGHTS_FILE).open("ab") as file:
        file.write(b"x")
    for folder, found in ((tmp_path / "ear", "damaged"), (tmp_path / "none", "can't be read")):
        told = runtime.check_ear(None, folder)
        assert told.state is State.FAIL
        assert found in told.found
        assert told.next_step


def test_an_ear_of_chance_is_found_out(tmp_path: Path) -> None:
    write_ear(tmp_path / "ear")
    told = runtime.check_ear(None, tmp_path / "ear")
    assert told.state is State.FAIL
    assert "its network takes plain" in told.found
    assert told.next_step


class Place:
    """A store with what was installed, and what the doctor says of it; it must leave it as it is."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = Store(folder / "store")

    def install(self, name: str) -> str:
        return self.store.install(variant(self.folder, name))[0]

    def check(self, named: str | None = None) -> dict[str, Finding]:
        before = self._files()
        check = BundleCheck(self.store, lambda folder: 0.001)
        told = {each.name: each for each in check.findings(named)}
        self.fingerprint = check.fingerprint
        assert self._files() == before
        return told

    def _files(self) -> dict[str, object]:
        files: dict[str, object] = {}
        for path in self.store.folder.rglob("*"):
            files[str(path)] = os.readlink(path) if path.is_symlink() else path.is_dir() or path.read_bytes()
        return files


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_what_ships_is_used_where_nothing_is_installed(place: Place) -> None:
    told = place.check()
    assert told["bundle"].state is State.OK
    assert told["bundle"].values["id"] == "built-in"
    assert "none is installed" in told["bundle"].found
    assert told["rollback"].state is State.SKIP
    assert place.fingerprint == load_bundle(shipped.SHIPPED).card.fingerprint


def test_what_is_installed_is_used_and_what_a_rollback_would_do(place: Place) -> None:
    first = place.install("first")
    told = place.check()
    assert told["bundle"].values["id"] == first
    assert "in use, on trial" in told["bundle"].found
    assert told["bundle"].state is State.OK
    assert told["rollback"].values == {"to": "built-in"}
    place.install("second")
    told = place.check()
    assert told["rollback"].state is State.OK
    assert told["rollback"].values == {"to": first}


def test_its_self_test_is_really_made(place: Place) -> None:
    place.install("mine")
    told = next(iter(BundleCheck(place.store).findings(None)))
    assert told.state is State.OK
    assert told.values["off_by"] == pytest.approx(0, abs=0.02)


@pytest.mark.parametrize("count", [1, 3])
def test_starts_that_failed(place: Place, count: int) -> None:
    name = place.install("mine")
    trial.note(place.store.folder, name, count)
    told = place.check()["bundle"]
    assert told.state is State.WARN
    assert ("goes back" in told.found) is (count == 3)
    assert "lampyris bundle rollback" in told.next_step


def test_one_that_is_damaged(place: Place) -> None:
    name = place.install("mine")
    model = place.store.folder / name / MODEL_FILE
    model.write_bytes(model.read_bytes()[:-1])
    told = place.check()["bundle"]
    assert told.state is State.FAIL
    assert "bytes instead of" in told.found
    assert "lampyris bundle rollback" in told.next_step


def test_one_that_fails_its_self_test(place: Place) -> None:
    def fails(folder: Path) -> float:
        raise InputError("The bundle 'x' fails its self-test on this machine: it is off by 1; copy it again.")

    told = next(iter(BundleCheck(place.store, fails).findings(None)))
    assert (told.state, told.next_step) == (State.FAIL, "copy it again")


def test_a_rollback_that_would_go_nowhere(place: Place) -> None:
    first = place.install("first")
    place.install("second")
    shutil.rmtree(place.store.folder / first)
    told = place.check()["rollback"]
    assert told.state is State.WARN
    assert "its folder is gone" in told.found
    assert "bundle install" in told.next_step


def test_links_that_are_none(place: Place) -> None:
    place.install("mine")
    (place.store.folder / "current").unlink()
    (place.store.folder / "current").write_text("mine")
    told = place.check()
    assert told["bundle"].state is told["rollback"].state is State.FAIL
    assert "move it away" in told["bundle"].next_step


def test_a_store_that_is_a_file(place: Place) -> None:
    place.store.folder.write_text("")
    told = place.check()["bundle"]
    assert told.state is State.FAIL
    assert "LAMPYRIS_STORE" in told.next_step


def test_signatures(place: Place) -> None:
    secret, public = signing.new_keys()
    (place.folder / "me.pub").write_bytes(public)
    (place.folder / "me.key").write_bytes(secret)
    source = variant(place.folder, "mine")
    unsigned = variant(place.folder, "unsigned")
    key = signing.read(place.folder / "me.key", signing.SECRET)
    signature = signing.sign(load_bundle(source).card, key)
    (source / "card.sig").write_bytes(signing.encode(signing.SIGNATURE, signature))
    place.store.install(source)
    assert place.check()["bundle"].values["signed"] is False  # nobody asks
    place.store.trust(place.folder / "me.pub")
    told = place.check()["bundle"]
    assert told.values["signed"] is True
    assert "signed by the trusted key" in told.found
    told = place.check(str(unsigned))["bundle"]
    assert told.state is State.FAIL
    assert "is not signed" in told.found
    assert "have its maker sign it" in told.next_step


def test_one_that_is_named(place: Place) -> None:
    told = place.check(str(variant(place.folder, "mine")))
    assert list(told) == ["bundle"]
    assert "as named by --bundle" in told["bundle"].found
    told = place.check("nowhere")
    assert told["bundle"].state is State.FAIL
    assert told["bundle"].next_step


def test_a_user_without_a_home(tmp_path: Path) -> None:
    told = list(BundleCheck(None, lambda folder: 0.0).findings(None))
    assert [finding.state for finding in told] == [State.OK, State.SKIP]
    (named,) = BundleCheck(None, lambda folder: 0.0).findings(str(variant(tmp_path, "mine")))
    assert named.state is State.OK


def test_a_name_that_would_steer_a_terminal(place: Place) -> None:
    folder = place.folder / "b\x1b[2J"
    variant(place.folder, "mine").rename(folder)
    assert "\x1b" not in place.check(str(folder))["bundle"].found
    assert msgspec.json.encode(place.check(str(folder))["bundle"].values)
    assert np.isfinite(place.check(str(folder))["bundle"].values["off_by"])  # type: ignore[arg-type]
