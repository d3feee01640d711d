"""Service: what a program does for systemd around all else."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from hardware.crashes import MOST, safe_mode
from hardware.errors import HardwareError
from hardware.service import KEPT, STARTS, Service


class Unit:
    """A unit of systemd: its folders, its clock, and what was told and slept."""

    def __init__(self, folder: Path) -> None:
        self.run, self.state = folder / "run", folder / "state"
        self.run.mkdir()
        self.state.mkdir()
        self.now_s, self.slept, self.told = 5.0, list[float](), list[str]()

    @property
    def environment(self) -> Mapping[str, str]:
        return {"RUNTIME_DIRECTORY": str(self.run), "STATE_DIRECTORY": str(self.state)}

    def service(self) -> Service:
        self.now_s += 1.0
        return Service(True, self.told.append, lambda: self.now_s, self.slept.append, self.environment)

    def crash(self, error: BaseException) -> Service:
        service = self.service()
        with pytest.raises(type(error)), service:
            raise error
        return service


@pytest.fixture
def unit(tmp_path: Path) -> Unit:
    return Unit(tmp_path)


def load(path: str) -> str:
    try:
        text = Path(path).read_text()
    except OSError as error:
        raise HardwareError(f"{path} is not there; write it.") from error
    if text == "bad":
        raise HardwareError("That is bad; make it good.")
    return text


def test_in_a_shell_nothing_of_it_happens(tmp_path: Path) -> None:
    with Service(False, print, environment={}) as service:
        assert not service.safe
    (tmp_path / "mine").write_text("mine")
    assert service.settings(str(tmp_path / "mine"), load, "none") == "mine"
    assert service.settings(None, load, "none") == "none"
    with pytest.raises(HardwareError, match="not there"):
        service.settings(str(tmp_path / "else"), load, "none")


@pytest.mark.parametrize("missing", ["RUNTIME_DIRECTORY", "STATE_DIRECTORY"])
def test_it_wants_the_folders_of_a_unit(unit: Unit, missing: str) -> None:
    environment = {key: value for key, value in unit.environment.items() if key != missing}
    with pytest.raises(HardwareError, match=missing):
        Service(True, unit.told.append, environment=environment)


def test_after_five_crashes_it_is_safe_and_says_why(unit: Unit) -> None:
    for number in range(MOST):
        service = unit.crash(ZeroDivisionError(f"number {number}"))
        assert not service.safe
    assert unit.slept == [0.0, 0.5, 1.0, 2.0, 4.0]
    assert unit.told == []
    with unit.service() as service:
        assert service.safe
        assert unit.told == ["Safe mode after 5 crashes in two minutes; the last: ZeroDivisionError: number 4"]
        assert safe_mode(unit.run / STARTS) == "ZeroDivisionError: number 4"
    with unit.service() as service:  # it ended in order, so all is forgotten
        assert not service.safe


def test_a_sentence_is_kept_as_it_is(unit: Unit) -> None:
    for _ in range(MOST):
        unit.crash(HardwareError("The strip is gone; plug it in."))
    with unit.service():
        assert unit.told[-1].endswith("the last: The strip is gone; plug it in.")


def test_being_stopped_is_no_crash(unit: Unit) -> None:
    for _ in range(3 * MOST):
        unit.crash(KeyboardInterrupt())
        unit.crash(BrokenPipeError())
    with unit.service() as service:
        assert not service.safe


def test_being_stopped_while_it_waits_is_none_either(unit: Unit) -> None:
    unit.crash(ValueError("x"))

    def stop(seconds: float) -> None:
        raise KeyboardInterrupt

    service = Service(True, unit.told.append, lambda: unit.now_s, stop, unit.environment)
    with pytest.raises(KeyboardInterrupt), service:
        pass
    assert not (unit.run / STARTS).exists()


def test_a_folder_that_can_not_be_written_is_one_sentence(unit: Unit) -> None:
    unit.run.rmdir()
    with pytest.raises(HardwareError, match="RUNTIME_DIRECTORY can't be written"), unit.service():
        pass


def test_broken_settings_leave_the_last_good_ones_in_use(unit: Unit, tmp_path: Path) -> None:
    path = tmp_path / "lamp.toml"
    path.write_text("good")
    with unit.service() as service:
        assert service.settings(str(path), load, "none") == "good"
    path.write_text("bad")
    with unit.service() as service:
        assert service.settings(str(path), load, "none") == "good"
    assert unit.told == [f"That is bad; make it good. Until then the last good settings count, {unit.state / KEPT}."]


def test_in_safe_mode_only_what_is_wired_counts_of_the_settings(unit: Unit, tmp_path: Path) -> None:
    path = tmp_path / "lamp.toml"
    path.write_text("PIN taste")
    for _ in range(MOST):
        unit.crash(OSError("x"))
    with unit.service() as service:
        assert service.settings(str(path), load, "none", safe=lambda text: text.split()[0]) == "PIN"
        assert service.settings(str(path), load, "none") == "PIN taste"
        path.write_text("bad")
        (unit.state / KEPT).unlink()
        assert service.settings(str(path), load, "none") == "none"
        assert unit.told[-1] == "That is bad; make it good. Safe mode goes on without settings."


def test_the_clock_of_the_machine_may_be_set(unit: Unit, monkeypatch: pytest.MonkeyPatch) -> None:
    for years in (0, 10, -10, 20):
        monkeypatch.setattr("time.time", lambda years=years: 1.8e9 + years * 3.156e7)
        with Service(True, unit.told.append, sleep=unit.slept.append, environment=unit.environment) as service:
            assert not service.safe
    assert set(unit.slept) == {0.0}
    assert os.listdir(unit.run) == []
