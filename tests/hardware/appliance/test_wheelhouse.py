"""setup.sh wheelhouse: what it asks for, and that a wheelhouse is whole or not there. Nothing is emulated here."""

import argparse
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hardware.appliance import wheelhouse
from hardware.appliance.emulate import Chroot
from hardware.appliance.manifest import check_files, read_manifest
from hardware.appliance.requirements import fingerprint, requirements
from hardware.appliance.systems import SYSTEMS
from hardware.errors import HardwareError
from tests.hardware.appliance.images import make_wheelhouse

STAGES = ("make_root", "prepare", "gather", "gather_debs", "deb_copyright", "prove", "write_manifest", "check_files")


def options(*arguments: str | Path) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    wheelhouse.add(parser.add_subparsers())
    return parser.parse_args(["wheelhouse", *map(str, arguments)])


@dataclass
class Stages:
    """done: the names of what was done. lost: the one in which the power is lost."""

    done: list[str] = field(default_factory=list)
    lost: str = ""


@pytest.fixture
def stages(monkeypatch: pytest.MonkeyPatch) -> Stages:
    """What an emulated root would do, by files of its own."""
    kept = Stages()

    def make_root(system: object, folder: Path, cache: Path) -> None:
        if not folder.exists():
            folder.mkdir(parents=True)

    def gather(build: Chroot, project: Path, folder: Path) -> list[Path]:
        assert build.network
        wheel = next(make_wheelhouse(folder.with_name("got")).glob("*.whl"))
        wheel.rename(folder / wheel.name)
        shutil.rmtree(folder.with_name("got"))
        return [folder / wheel.name]

    def gather_debs(clean: Chroot, system: object, folder: Path) -> list[Path]:
        folder.mkdir()
        (folder / "libfirefly_1.0_arm64.deb").write_bytes(b"deb")
        return list(folder.iterdir())

    def prove(fresh: Chroot, folder: Path, project: Path) -> str:
        assert not fresh.network
        return "firefly==1.0\n"

    doers = {
        "make_root": make_root,
        "prepare": lambda build, system: None,
        "gather": gather,
        "gather_debs": gather_debs,
        "deb_copyright": lambda clean, deb: b"copyright",
        "prove": prove,
        "write_manifest": wheelhouse.write_manifest,
        "check_files": wheelhouse.check_files,
    }
    for name, doer in doers.items():

        def stage(*arguments: object, name: str = name, doer: object = doer) -> object:
            if name == kept.lost:
                raise KeyboardInterrupt
            kept.done.append(name)
            return doer(*arguments)  # type: ignore[operator]

        monkeypatch.setattr(wheelhouse, name, stage)
    monkeypatch.setattr(wheelhouse, "check_machine", lambda system: None)
    return kept


def test_it_asks_for_all_that_a_lamp_needs_and_pins_what_pip_would_get_wrong() -> None:
    asked = requirements(wheelhouse.PROJECT)
    names = {line.split(">")[0].split("=")[0].split("<")[0].split(";")[0] for line in asked}
    assert {"numpy", "scipy", "msgspec", "soundfile", "pyaudio", "gpiozero", "rpi-ws281x", "lgpio", "pynacl"} <= names
    assert "lgpio==0.2.2.0" in asked
    assert not {"tensorflow", "keras", "pytest"} & names


def test_a_wheelhouse_is_built_proved_and_listed(stages: Stages, tmp_path: Path) -> None:
    out = tmp_path / "wheels"
    assert wheelhouse.run(options("--out", out, "--work", tmp_path / "work")) == 0
    assert [name for name in STAGES if name in stages.done] == list(STAGES)
    manifest = read_manifest(out)
    check_files(out, manifest)
    assert [(entry.path, entry.origin) for entry in manifest.files] == [
        ("firefly-1.0-py3-none-any.whl", "downloaded"),
        ("debs/libfirefly_1.0_arm64.deb", "debian"),
    ]
    assert (out / "licenses/firefly-LICENSE").read_text() == "text\n"
    assert (out / "licenses/libfirefly-copyright").read_text() == "copyright"
    assert (out / "installed.txt").read_text() == "firefly==1.0\n"
    assert sorted(path.name for path in (tmp_path / "work").iterdir()) == [
        "build-bookworm",
        "cache",
        "debs-bookworm",
        "root-bookworm",
    ]


def test_it_is_not_built_again_unless_something_changed(
    stages: Stages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = options("--out", tmp_path / "wheels", "--work", tmp_path / "work")
    wheelhouse.run(chosen)
    stages.done.clear()
    wheelhouse.run(chosen)
    assert "up to date" in capsys.readouterr().out
    assert stages.done == ["check_files"]
    monkeypatch.setattr(wheelhouse, "fingerprint", lambda project: "1" * 64)
    wheelhouse.run(chosen)
    assert "prove" in stages.done


@pytest.mark.parametrize("stage", STAGES)
def test_the_power_may_be_lost_at_every_stage(stage: str, stages: Stages, tmp_path: Path) -> None:
    out = make_wheelhouse(tmp_path / "wheels", wanted="0" * 64)  # an older one, of other requirements
    before = read_manifest(out)
    chosen = options("--out", out, "--work", tmp_path / "work")
    stages.lost = stage
    with pytest.raises(KeyboardInterrupt):
        wheelhouse.run(chosen)
    stages.lost = ""
    assert read_manifest(out) == before
    wheelhouse.run(chosen)
    assert read_manifest(out).wanted == fingerprint(wheelhouse.PROJECT)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["wheels", "work"]


def test_a_proof_that_fails_leaves_no_wheelhouse(
    stages: Stages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(fresh: Chroot, folder: Path, project: Path) -> str:
        raise HardwareError("pip could not")

    monkeypatch.setattr(wheelhouse, "prove", fails)
    with pytest.raises(HardwareError, match="pip could not"):
        wheelhouse.run(options("--out", tmp_path / "wheels", "--work", tmp_path / "work"))
    assert not (tmp_path / "wheels").exists()


def test_too_little_room_is_told_before_anything_is_begun(
    stages: Stages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wheelhouse, "ROOM", 1 << 60)
    with pytest.raises(HardwareError, match="--work DIR"):
        wheelhouse.run(options("--out", tmp_path / "wheels", "--work", tmp_path / "work"))
    assert not stages.done


def test_the_systems_are_those_of_the_facts() -> None:
    assert {name: system.python for name, system in SYSTEMS.items()} == {"bookworm": "3.11", "trixie": "3.13"}
