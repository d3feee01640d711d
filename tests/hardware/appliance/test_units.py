"""The units: what they start is there, systemd understands them, and they may do little."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from device.cli import parser
from hardware.appliance.choices import Choices
from hardware.appliance.fittings import DROP_IN, WLED, fittings
from hardware.appliance.place import CURRENT, LIGHT, LISTENER, SETTINGS, STATE, STORE, UNITS, USER
from hardware.appliance.root import Root
from hardware.light.address import SYSTEM_SOCKET

FOLDER = Path(__file__).parents[3] / "hardware" / "appliance" / "units"
MOST = {LIGHT: 2.5, LISTENER: 1.5}
"""The exposure levels of `systemd-analyze security` that the two have to stay below."""

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None,
    reason="The units are NOT checked by systemd-analyze, which is not here; install systemd.",
)


def values(unit: str, key: str) -> list[str]:
    """All values of a key."""
    return re.findall(rf"(?m)^{key}=(.*)$", (FOLDER / unit).read_text())


@pytest.mark.parametrize("unit", [LIGHT, LISTENER])
def test_what_a_unit_starts_is_a_command_of_the_lamp(unit: str) -> None:
    (start,) = values(unit, "ExecStart")
    python, *words = shlex.split(start)
    assert python == f"{CURRENT}/venv/bin/python"
    assert words[:3] == ["-P", "-m", "device"]
    options = parser().parse_args(words[3:])
    assert options.service is True
    assert options.settings == SETTINGS
    if unit == LIGHT:
        assert options.user == USER == values(LISTENER, "User")[0]
        assert options.socket == str(SYSTEM_SOCKET)  # where the lamp looks, whoever the writer is
    else:
        assert options.strip == "socket"
        assert f"{options.mic}" == "${LAMPYRIS_MIC}"


def test_places_are_those_that_the_programs_use() -> None:
    assert Path("/run", *values(LIGHT, "RuntimeDirectory")) == SYSTEM_SOCKET.parent
    state = Path("/var/lib", *values(LISTENER, "StateDirectory"))
    assert state.is_relative_to(STATE)
    assert Path(STORE).is_relative_to(state)
    assert f"LAMPYRIS_STORE={STORE}" in " ".join(values(LISTENER, "Environment"))


@pytest.mark.parametrize("unit", [LIGHT, LISTENER])
def test_both_are_kept_alive_by_what_they_do(unit: str) -> None:
    assert values(unit, "Type") == ["notify"]
    assert values(unit, "Restart") == ["always"]
    # Else systemd would give up before safe mode begins.
    assert values(unit, "StartLimitIntervalSec") == ["0"]
    watchdog_s, rest_s = (float(values(unit, key)[0]) for key in ("WatchdogSec", "RestartSec"))
    slow_start_s = 10.0
    assert 5 * (watchdog_s + rest_s + slow_start_s) + sum((0.5, 1, 2, 4)) < 120


def put(folder: Path, choices: Choices) -> list[str]:
    """The units and their drop-ins into a folder, with a Python that is there; the files' names."""
    root = Root(folder)
    for step in fittings(root, choices, FOLDER):
        if step.needed():
            step.apply()
    names = []
    for unit in (LIGHT, LISTENER):
        path = folder / UNITS.lstrip("/") / unit
        path.write_text(path.read_text().replace(f"{CURRENT}/venv/bin/python", sys.executable))
        names.append(str(path))
    return names


@needs_systemd
@pytest.mark.parametrize("choices", [Choices(), Choices(mic="usb", button=3, network=True, wled=True)])
def test_systemd_finds_nothing_to_complain_of(tmp_path: Path, choices: Choices) -> None:
    names = put(tmp_path, choices)
    for drop_in in (DROP_IN, WLED):
        assert (tmp_path / drop_in.lstrip("/")).exists() == (choices.mic == "usb")
    run = subprocess.run(["systemd-analyze", "verify", "--man=no", *names], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")


@needs_systemd
def test_systemd_complains_of_a_mistake(tmp_path: Path) -> None:
    names = put(tmp_path, Choices())
    path = Path(names[0])
    path.write_text(path.read_text().replace("WatchdogSec=10", "WatchdogSec=soon"))
    run = subprocess.run(["systemd-analyze", "verify", "--man=no", *names], capture_output=True, text=True, check=False)
    assert "Failed to parse sec value" in run.stderr


@needs_systemd
@pytest.mark.parametrize("unit", [LIGHT, LISTENER])
def test_they_may_do_little(tmp_path: Path, unit: str) -> None:
    names = dict(zip((LIGHT, LISTENER), put(tmp_path, Choices(button=3)), strict=True))
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", names[unit]]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    level = re.search(rf"Overall exposure level for {re.escape(unit)}: ([\d.]+)", run.stdout)
    assert level is not None
    assert float(level[1]) < MOST[unit]
