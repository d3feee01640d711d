"""The computer: heat, supply, boot configuration, room, rights and clock, on machines in a folder."""

from pathlib import Path

import pytest

from device.doctor import pi, rights, room
from device.doctor.clock import Clock
from device.doctor.finding import Finding, State
from device.settings import PanelSettings
from hardware.light.settings import StripSettings
from tests.device.doctor.machines import PI_5, Machine, raspberry


def board(machine: Machine, **settings: object) -> dict[str, Finding]:
    return {each.name: each for each in pi.check(machine.host, StripSettings(**settings))}  # type: ignore[arg-type]


def test_a_pi_on_which_all_is_well(tmp_path: Path) -> None:
    told = board(raspberry(tmp_path))
    assert list(told) == ["board", "temperature", "supply", "config.txt"]
    assert {finding.state for finding in told.values()} == {State.OK}
    assert told["temperature"].values == {"temperature_c": 48.312}


def test_another_computer_is_not_asked(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.put("/sys/class/thermal/thermal_zone0/temp", "99000\n")
    assert [finding.state for finding in pi.check(machine.host, StripSettings())] == [State.SKIP]


@pytest.mark.parametrize(
    ("millis", "state"), [(75_000, State.OK), (75_001, State.WARN), (82_000, State.WARN), (82_001, State.FAIL)]
)
def test_heat(tmp_path: Path, millis: int, state: State) -> None:
    machine = raspberry(tmp_path)
    machine.put("/sys/class/thermal/thermal_zone0/temp", f"{millis}\n")
    told = board(machine)["temperature"]
    assert told.state is state
    assert ("heat sink" in told.next_step) is (state is not State.OK)


def test_heat_and_supply_that_nothing_tells(tmp_path: Path) -> None:
    machine = raspberry(tmp_path)
    machine.put("/sys/class/thermal/thermal_zone0/temp", "\n")
    machine.host.path(pi.THROTTLED).unlink()
    told = board(machine)
    assert told["temperature"].state is told["supply"].state is State.SKIP
    machine.commands["vcgencmd"] = "VCHI initialization failed\n"
    assert board(machine)["supply"].state is State.SKIP


@pytest.mark.parametrize(
    ("bits", "state", "found", "next_step"),
    [
        (0x0, State.OK, "never", ""),
        (0x1, State.FAIL, "now under-voltage", "supply of its own"),
        (0x50005, State.FAIL, "now under-voltage, throttled", "supply of its own"),
        (0x2, State.WARN, "now slowed down", "heat sink"),
        (0x8, State.WARN, "now at its heat limit", "heat sink"),
        (0x10000, State.WARN, "since the start under-voltage", "supply of its own"),
        (0xE0000, State.WARN, "since the start slowed down, throttled, at its heat limit", "heat sink"),
    ],
)
@pytest.mark.parametrize("by", ["kernel", "vcgencmd"])
def test_supply(tmp_path: Path, by: str, bits: int, state: State, found: str, next_step: str) -> None:
    machine = raspberry(tmp_path)
    if by == "kernel":
        machine.put(pi.THROTTLED, f"{bits:x}\n")
    else:
        machine.host.path(pi.THROTTLED).unlink()
        machine.commands["vcgencmd"] = f"throttled={bits:#x}\n"
    told = board(machine)["supply"]
    assert told.state is state
    assert found in told.found
    assert next_step in told.next_step
    assert told.values == {"throttled": hex(bits)}


@pytest.mark.parametrize(
    ("text", "state", "next_step"),
    [
        ("dtoverlay=googlevoicehat-soundcard\ndtparam=audio=off", State.OK, ""),
        ("dtparam=audio=on\n[all]\n dtoverlay = googlevoicehat-soundcard # mic\ndtparam=audio=off", State.OK, ""),
        ("[pi4]\ndtoverlay=googlevoicehat-soundcard\n[all]\ndtparam=audio=off", State.OK, ""),
        ("device_tree_overlay=googlevoicehat-soundcard,x=1\ndtparam=i2s=on,audio=off", State.OK, ""),
        ("dtoverlay=googlevoicehat-soundcard2\ndtparam=audio=off", State.FAIL, "dtoverlay="),
        ("[pi5]\ndtoverlay=googlevoicehat-soundcard\n[all]\ndtparam=audio=off", State.FAIL, "dtoverlay="),
        ("[none]\ndtoverlay=googlevoicehat-soundcard\n[all]\ndtparam=audio=off", State.FAIL, "dtoverlay="),
        ("#dtoverlay=googlevoicehat-soundcard\ndtparam=audio=off", State.FAIL, "dtoverlay="),
        ("dtoverlay=googlevoicehat-soundcard", State.WARN, "dtparam=audio=off"),
        ("dtoverlay=googlevoicehat-soundcard\ndtparam=audio=off\ndtparam=audio=on", State.WARN, "dtparam=audio=off"),
    ],
)
@pytest.mark.parametrize("place", pi.CONFIGS)
def test_config(tmp_path: Path, place: str, text: str, state: State, next_step: str) -> None:
    machine = raspberry(tmp_path)
    machine.host.path(pi.CONFIGS[0]).unlink()
    machine.put(place, text)
    told = board(machine)["config.txt"]
    assert told.state is state
    assert next_step in told.next_step
    assert place in told.found


def test_config_of_others(tmp_path: Path) -> None:
    machine = raspberry(tmp_path, PI_5)
    machine.put(pi.CONFIGS[0], "[pi5]\ndtoverlay=googlevoicehat-soundcard\n")
    assert board(machine)["config.txt"].state is State.OK  # its pins have no part in analog audio
    machine.put(pi.CONFIGS[0], "dtparam=audio=off\n")
    assert board(machine, i2s_microphone=False)["config.txt"].state is State.OK
    machine.host.path(pi.CONFIGS[0]).unlink()
    assert board(machine)["config.txt"].state is State.SKIP


@pytest.mark.parametrize(
    ("section", "model", "holds"),
    [
        ("pi02", "Raspberry Pi Zero 2 W Rev 1.0", True),
        ("pi0", "Raspberry Pi Zero 2 W Rev 1.0", True),
        ("pi02", "Raspberry Pi Zero W Rev 1.1", False),
        ("pi3", "Raspberry Pi 3 Model B Plus Rev 1.3", True),
        ("pi3+", "Raspberry Pi 3 Model B Plus Rev 1.3", True),
        ("pi3+", "Raspberry Pi 3 Model B Rev 1.2", False),
        ("pi4", "Raspberry Pi 400 Rev 1.0", True),
        ("pi400", "Raspberry Pi 400 Rev 1.0", True),
        ("pi400", "Raspberry Pi 4 Model B Rev 1.5", False),
        ("cm4", "Raspberry Pi Compute Module 4 Rev 1.0", True),
        ("pi4", "Raspberry Pi Compute Module 4 Rev 1.0", True),
        ("edid=x", "Raspberry Pi 4 Model B Rev 1.5", False),
    ],
)
def test_sections_of_the_configuration(tmp_path: Path, section: str, model: str, holds: bool) -> None:
    machine = raspberry(tmp_path, (model, 0xB03115))
    machine.put(pi.CONFIGS[0], f"dtparam=audio=off\n[{section}]\ndtoverlay=googlevoicehat-soundcard\n")
    assert (board(machine)["config.txt"].state is State.OK) is holds


def rooms(machine: Machine, store: Path | None, free_mb: float = 5_000) -> dict[str, Finding]:
    return {each.name: each for each in room.check(machine.host, store, lambda path: free_mb)}


def test_room(tmp_path: Path) -> None:
    told = rooms(raspberry(tmp_path), tmp_path)
    assert [finding.state for finding in told.values()] == [State.OK, State.OK]
    assert told["memory"].values == {"free_mb": 524}
    assert told["disk"].values == {"free_mb": 5_000}


@pytest.mark.parametrize(("kilobytes", "state"), [(120_000, State.OK), (100_000, State.WARN), (50_000, State.FAIL)])
def test_memory(tmp_path: Path, kilobytes: int, state: State) -> None:
    machine = Machine(tmp_path)
    machine.put("/proc/meminfo", f"MemAvailable: {kilobytes} kB\n")
    told = rooms(machine, None)["memory"]
    assert told.state is state
    assert ("other programs" in told.next_step) is (state is not State.OK)


@pytest.mark.parametrize(("megabytes", "state"), [(100, State.OK), (99, State.WARN), (4, State.FAIL)])
def test_disk(tmp_path: Path, megabytes: float, state: State) -> None:
    told = rooms(Machine(tmp_path), tmp_path, megabytes)["disk"]
    assert told.state is state
    assert ("make room" in told.next_step) is (state is not State.OK)


def test_room_that_nothing_tells(tmp_path: Path) -> None:
    assert {finding.state for finding in rooms(Machine(tmp_path), None).values()} == {State.SKIP}

    def refuse(path: Path) -> float:
        raise PermissionError(13, "Permission denied")

    told = list(room.check(Machine(tmp_path).host, tmp_path, refuse))[1]
    assert told.state is State.FAIL
    assert "LAMPYRIS_STORE" in told.next_step


def test_the_disk_of_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    assert room.free_mb(tmp_path / "a/b") == pytest.approx(room.free_mb(tmp_path), rel=0.1)


def may(machine: Machine, **panel: int) -> dict[str, Finding]:
    return {each.name: each for each in rights.check(machine.host, PanelSettings(**panel))}


def test_rights_of_a_plain_user(tmp_path: Path) -> None:
    told = may(raspberry(tmp_path), button_pin=3, led_pin=27)
    assert [finding.state for finding in told.values()] == [State.OK] * 3
    assert "GPIO3 and GPIO27" in told["pin rights"].found


def test_rights_that_nobody_needs(tmp_path: Path) -> None:
    told = may(Machine(tmp_path))
    assert told["sound rights"].state is told["pin rights"].state is State.SKIP


def test_rights_that_lack(tmp_path: Path) -> None:
    machine = raspberry(tmp_path)
    machine.closed = {"/dev/snd/pcmC1D0c", "/dev/gpiochip0"}
    told = may(machine, button_pin=3)
    assert told["sound rights"].state is told["pin rights"].state is State.FAIL
    assert "adduser $USER audio" in told["sound rights"].next_step
    assert "adduser $USER gpio" in told["pin rights"].next_step


def test_a_button_where_there_are_no_pins(tmp_path: Path) -> None:
    told = may(Machine(tmp_path), button_pin=3)["pin rights"]
    assert told.state is State.FAIL
    assert "button_pin" in told.next_step


def test_root_for_nothing(tmp_path: Path) -> None:
    machine = raspberry(tmp_path)
    machine.uid = 0
    told = may(machine)["user"]
    assert told.state is State.WARN
    assert "plain user" in told.next_step


class Times:
    """Clocks that a test sets. 2026-11-21 12:00 UTC."""

    wall_s, steady_s = 1_795_262_400.0, 50.0


def clock(machine: Machine, times: Times) -> Clock:
    return Clock(machine.host, lambda: times.wall_s, lambda: times.steady_s)


def test_a_clock_that_is_kept(tmp_path: Path) -> None:
    told = clock(raspberry(tmp_path), Times()).check()
    assert (told.state, told.found) == (State.OK, "2026-11-21 12:00 UTC, kept by a time server")


@pytest.mark.parametrize(
    ("said", "state", "found"),
    [("yes\n", State.OK, ", kept"), ("no\n", State.WARN, "not kept"), (None, State.OK, "nothing here tells")],
)
def test_who_keeps_it(tmp_path: Path, said: str | None, state: State, found: str) -> None:
    machine = Machine(tmp_path)
    if said is not None:
        machine.commands["timedatectl"] = said
    told = clock(machine, Times()).check()
    assert told.state is state
    assert found in told.found
    assert ("set-ntp" in told.next_step) is (state is State.WARN)


def test_a_clock_that_was_never_set(tmp_path: Path) -> None:
    times = Times()
    times.wall_s = 0.0
    told = clock(raspberry(tmp_path), times).check()
    assert told.state is State.WARN
    assert "1970" in told.found
    assert "only dates in logs" in told.found
    assert "set-ntp" in told.next_step


def test_a_clock_that_is_set_meanwhile(tmp_path: Path) -> None:
    times = Times()
    made = clock(raspberry(tmp_path), times)
    times.wall_s += 10
    times.steady_s += 10
    assert made.check().state is State.OK
    times.wall_s -= 3_600
    told = made.check()
    assert told.state is State.WARN
    assert "-3600 s" in told.found
    assert told.next_step
