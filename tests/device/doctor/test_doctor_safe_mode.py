"""Whether a service is in safe mode."""

from pathlib import Path

import pytest

from device.doctor import safe_mode
from device.doctor.finding import State
from hardware.crashes import MOST, Crashes
from tests.device.doctor.machines import Machine


def crash(machine: Machine, folder: str, times: int) -> None:
    path = machine.put(f"{folder}/starts.json")
    for _ in range(times):
        crashes = Crashes(path)
        crashes.begin()
        crashes.end("The strip is on fire.")


def test_a_machine_without_the_services_is_passed_over(tmp_path: Path) -> None:
    (finding,) = safe_mode.check(Machine(tmp_path).host)
    assert finding.state is State.SKIP


@pytest.mark.parametrize(("unit", "folder"), safe_mode.SERVICES.items())
def test_safe_mode_of_either_is_told_with_the_last_crash(tmp_path: Path, unit: str, folder: str) -> None:
    machine = Machine(tmp_path)
    crash(machine, folder, MOST)
    (finding,) = safe_mode.check(machine.host)
    assert finding.state is State.OK
    crash(machine, folder, MOST + 1)
    (finding,) = safe_mode.check(machine.host)
    assert finding.state is State.FAIL
    assert finding.found == f"{unit} crashed five times in two minutes, the last: The strip is on fire"
    assert f"systemctl restart {unit}" in finding.next_step
