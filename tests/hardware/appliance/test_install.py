"""setup.sh install, against a Raspberry Pi that is a folder."""

import json
import os
from functools import partial
from pathlib import Path

import pytest

from hardware.appliance import install
from hardware.appliance.place import CURRENT, PREVIOUS, RELEASES, SETTINGS
from hardware.errors import HardwareError
from tests.hardware.appliance.lamps import Make, be_quick, make_lamp
from tests.hardware.appliance.pi import CMDLINE, CONFIG, tree


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    be_quick(monkeypatch)
    return partial(make_lamp, tmp_path)


@pytest.mark.parametrize("system", ["bookworm", "trixie"])
def test_a_pi_becomes_a_lamp_and_a_second_time_changes_nothing(
    make: Make, system: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lamp = make(system=system)
    assert lamp.install("--strip-pixels", 144, "--button", 3, "--name", "glowworm") == 0
    after = tree(lamp.root.folder)
    release = lamp.root.target(CURRENT)
    assert release is not None
    assert lamp.root.names(f"/opt/lampyris/{release}") == [".whole", "source", "venv"]
    assert "pixels = 144 " in lamp.text(SETTINGS)
    assert "\nbutton_pin = 3 " in lamp.text(SETTINGS)
    assert "lampyris:x:" in lamp.text("/etc/passwd")
    assert "audio:x:29:pi,lampyris" in lamp.text("/etc/group")
    assert "gpio:x:986:pi,lampyris" in lamp.text("/etc/group")
    assert "libportaudio2" in lamp.text("/packages")
    assert lamp.text("/etc/hostname") == "glowworm\n"
    assert lamp.text("/etc/hosts").splitlines()[1] == "127.0.1.1\tglowworm"
    assert "lampyris" in lamp.text("/etc/polkit-1/rules.d/50-lampyris.rules")
    assert "char-gpiochip" in lamp.text("/etc/systemd/system/lampyris.service.d/button.conf")
    assert lamp.root.target("/etc/systemd/system/multi-user.target.wants/lampyris.service") is not None
    block = lamp.text("/boot/firmware/config.txt").removeprefix(CONFIG.decode())
    assert block.splitlines()[2:] == [
        *("[all]", "dtparam=audio=off", "dtoverlay=googlevoicehat-soundcard"),
        *("[pi5]", "dtoverlay=ws2812-pio,gpio=12,num_leds=144", "[all]", "# <<< lampyris"),
    ]
    capsys.readouterr()
    assert lamp.install() == 0
    assert "Everything is as it should be." in capsys.readouterr().out
    assert lamp.shell.ran == []
    assert tree(lamp.root.folder) == after


def test_a_dry_run_says_every_change_and_makes_none(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    lamp = make()
    before = tree(lamp.root.folder)
    assert lamp.install("--dry-run", "--button", 3, "--read-only") == 0
    dry = capsys.readouterr().out.splitlines()
    assert tree(lamp.root.folder) == before
    assert lamp.shell.ran == []
    assert lamp.install("--button", 3, "--read-only") == 0
    wet = capsys.readouterr().out.splitlines()
    assert dry[0] == "This would be changed:"
    assert dry[1:] == [line for line in wet if line.startswith("  ")]
    told = "\n".join(dry)
    changed = {name for name, content in tree(lamp.root.folder).items() if before.get(name) != content}
    for name in changed:
        if name.startswith(("etc/passwd", "etc/group", "packages", "var/lib/lampyris")):
            continue  # told as user, packages; the journal of setup.sh itself
        if tree(lamp.root.folder)[name] != "folder" and not name.startswith("opt/"):
            shown = name.replace("multi-user.target.wants/", "")
            assert os.path.basename(shown) in told, name


def test_all_of_it_is_taken_back(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    lamp = make()
    before = tree(lamp.root.folder)
    lamp.install("--button", 17, "--name", "glowworm", "--read-only", "--network", "--mic", "usb")
    assert "LAMPYRIS_MIC=usb" in lamp.text("/etc/systemd/system/lampyris.service.d/microphone.conf")
    assert "googlevoicehat" not in lamp.text("/boot/firmware/config.txt")
    assert lamp.text("/boot/firmware/cmdline.txt") == f"{CMDLINE.decode()} overlayroot=tmpfs:recurse=0\n"
    installed = tree(lamp.root.folder)
    assert lamp.install("--uninstall", "--dry-run") == 0
    assert tree(lamp.root.folder) == installed
    assert lamp.install("--uninstall") == 0
    after = tree(lamp.root.folder)
    for folder in ("journald.conf.d", "system.conf.d", "system/lampyris.service.d"):
        assert f"etc/systemd/{folder}" not in after
    assert after == before
    assert lamp.install("--uninstall") == 0
    assert "Nothing of the lamp is installed." in capsys.readouterr().out


def test_what_others_changed_meanwhile_stays(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    lamp = make()
    lamp.install("--name", "glowworm", "--read-only")
    root = lamp.root
    root.write("/boot/firmware/config.txt", lamp.text("/boot/firmware/config.txt").encode() + b"dtparam=i2c_arm=on\n")
    root.write("/boot/firmware/cmdline.txt", lamp.text("/boot/firmware/cmdline.txt").strip().encode() + b" quiet\n")
    root.write("/etc/hosts", b"127.0.0.1 localhost mine\n")
    root.write("/packages", lamp.text("/packages").encode() + b"libportaudio2-player\n")
    lamp.install("--uninstall")
    out = capsys.readouterr().out
    # The line without an end has one now, else the two would have become one.
    assert lamp.text("/boot/firmware/config.txt") == CONFIG.decode() + "\ndtparam=i2c_arm=on\n"
    assert lamp.text("/boot/firmware/cmdline.txt").split() == [*CMDLINE.decode().split(), "quiet"]
    assert lamp.text("/etc/hosts") == "127.0.0.1 localhost mine\n"
    assert "/etc/hosts was changed since" in out
    assert "libportaudio2" in lamp.text("/packages")
    assert "libportaudio2-player needs them" in out
    assert not root.exists("/var/lib/lampyris")


def test_an_update_is_beside_and_a_rollback_leads_back(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    first = make()
    first.install()
    one = first.root.target(CURRENT)
    with pytest.raises(HardwareError, match="no release to go back to"):
        first.install("--rollback")
    first.root.write(SETTINGS, first.text(SETTINGS).replace("# brightness = 1.0 ", "brightness = 0.5 ").encode())
    second = make("newer", first.root)
    second.install()
    two = first.root.target(CURRENT)
    assert one != two
    assert first.root.target(PREVIOUS) == one
    assert "brightness = 0.5 " in first.text(SETTINGS)
    third = make("newest", first.root)
    third.install()
    three = first.root.target(CURRENT)
    assert first.root.names(RELEASES) == sorted(os.path.basename(str(name)) for name in (two, three))
    third.install("--rollback")
    assert (first.root.target(CURRENT), first.root.target(PREVIOUS)) == (two, three)
    third.install("--rollback")
    assert (first.root.target(CURRENT), first.root.target(PREVIOUS)) == (three, two)


def test_nothing_goes_back_to_a_release_that_does_not_work_any_more(make: Make) -> None:
    lamp = make()
    lamp.install()
    newer = make("newer", lamp.root)
    newer.install()
    in_use, before = lamp.root.target(CURRENT), lamp.root.target(PREVIOUS)
    newer.shell.broken = f"{before}/venv/bin/python"
    with pytest.raises(HardwareError, match="nothing was changed"):
        newer.install("--rollback")
    assert (lamp.root.target(CURRENT), lamp.root.target(PREVIOUS)) == (in_use, before)
    newer.shell.broken = ""
    newer.install("--rollback")
    assert lamp.root.target(CURRENT) == before


def test_a_release_that_fails_its_self_test_leaves_the_lamp_as_it_is(make: Make) -> None:
    lamp = make()
    lamp.install()
    before = tree(lamp.root.folder)
    newer = make("newer", lamp.root)
    newer.shell.broken = "bundle verify"
    with pytest.raises(HardwareError, match="it was told to fail"):
        newer.install()
    after = tree(lamp.root.folder)
    assert after.pop("var/lib/lampyris/journal.json")
    assert after == {name: content for name, content in before.items() if not name.endswith("journal.json")}


def findings(**states: str) -> str:
    """What a doctor prints."""
    checks = [{"name": name, "state": state, "found": f"{name} is {state}"} for name, state in states.items()]
    return json.dumps({"version": "1", "ok": "fail" not in states.values(), "checks": checks})


def test_the_doctor_of_a_release_is_heard_where_it_has_one(make: Make) -> None:
    lamp = make()
    lamp.install()
    in_use = lamp.root.target(CURRENT)
    newer = make("newer", lamp.root)
    (newer.checkout / "device/doctor").mkdir()
    (newer.checkout / "device/doctor/part.txt").write_text("doctor\n")
    for told, why in (
        ("", "no findings that can be read"),
        ("{}", "no findings that can be read"),
        (findings(microphone="fail", ear="fail"), "not content .ear: ear is fail.;"),
        (findings(runtime="fail"), "runtime is fail"),
    ):
        newer.shell.doctor = told
        with pytest.raises(HardwareError, match=why):
            newer.install()
        assert lamp.root.target(CURRENT) == in_use
    newer.shell.doctor = findings(microphone="fail", writer="fail", runtime="ok", bundle="warn")  # not the release's
    newer.install()
    assert lamp.root.target(CURRENT) != in_use


def test_new_settings_are_explained_and_the_owners_stay(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    lamp = make()
    lamp.install()
    mine = '[light]\nscene = "pulse" # I like this\n[strip]\npixels = 7\n'
    lamp.root.write(SETTINGS, mine.encode())
    newer = make("newer", lamp.root)
    capsys.readouterr()
    newer.install("--strip-pixels", 9)
    text = lamp.text(SETTINGS)
    assert text.startswith('[light]\nscene = "pulse" # I like this\n[strip]\npixels = 9\n')
    assert "# brightness = 1.0 " in text
    assert "# rest_s = 12.0" in text
    assert "new: # budget_ma = 850" in capsys.readouterr().out
    newer.install()
    assert lamp.text(SETTINGS) == text


REFUSED = {
    "a 32-bit system": ({}, {"architecture": "armhf"}, (), "64-bit"),
    "no Raspberry Pi": ({"model": "Some PC"}, {}, (), "no Raspberry Pi"),
    "an older system": ({"system": "bullseye"}, {}, (), "bullseye"),
    "another Python": ({}, {"python": "3.12"}, (), "Python 3.11"),
    "no pixels": ({}, {}, ("--strip-pixels", 0), "--strip-pixels"),
    "a pin of the microphone": ({}, {}, ("--pin", 18), "GPIO18 is taken by the I2S microphone"),
    "one pin twice": ({}, {}, ("--button", 12), "GPIO12 is taken by the strip"),
    "a pin without PWM": ({}, {}, ("--pin", 17), "--pin"),
    "a bad name": ({}, {}, ("--name", "My Lamp"), "--name"),
    "a microphone that would break the unit": ({}, {}, ("--mic", 'x"y'), "--mic"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_work_is_told_before_the_first_change(make: Make, case: str) -> None:
    what, machine, words, said = REFUSED[case]
    lamp = make(**what)
    for key, value in machine.items():
        setattr(lamp.shell, key, value)
    before = tree(lamp.root.folder)
    with pytest.raises(HardwareError, match=said):
        lamp.install(*words)
    assert tree(lamp.root.folder) == before


def test_files_that_are_broken_are_told_before_the_first_change(make: Make) -> None:
    cases = {
        "/boot/firmware/config.txt": (b"# >>> lampyris\n[all]\n", "don't belong together"),
        "/proc/mounts": (b"overlayroot / overlay rw 0 0\n", "--writable"),
        SETTINGS: (b"[strip\npixels = 3\n", "not TOML"),
        "/var/lib/lampyris/journal.json": (b"{", "journal"),
    }
    for name, (data, said) in cases.items():
        lamp = make()
        lamp.root.write(name, data)
        before = tree(lamp.root.folder)
        with pytest.raises(HardwareError, match=said):
            lamp.install()
        assert tree(lamp.root.folder) == before
    lamp = make()
    lamp.root.remove("/boot/firmware/config.txt")
    with pytest.raises(HardwareError, match="boot partition"):
        lamp.install()


def test_a_wheelhouse_must_be_whole_and_the_right_one(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    lamp = make()
    before = tree(lamp.root.folder)
    wheel = sorted(lamp.wheelhouse.glob("*.whl"))[0]
    good = wheel.read_bytes()
    wheel.write_bytes(good[:-1] + b"!")
    with pytest.raises(HardwareError, match="hash"):
        lamp.install()
    wheel.write_bytes(good)
    with (lamp.checkout / "constraints.txt").open("a") as file:
        file.write("other==2\n")
    with pytest.raises(HardwareError, match="another release"):
        lamp.install()
    other = make(system="trixie")
    with pytest.raises(HardwareError, match="--os bookworm"):
        lamp._replace(wheelhouse=other.wheelhouse).install()
    usage = type("Usage", (), {"free": 10_000_000})
    monkeypatch.setattr("hardware.appliance.machine.shutil.disk_usage", lambda folder: usage)
    with pytest.raises(HardwareError, match="10 MB left"):
        make("other").install()
    assert tree(lamp.root.folder) == before


def test_only_root_may_and_only_one_at_a_time(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    lamp = make()
    with install._alone(lamp.root), pytest.raises(HardwareError, match="Another"):
        lamp.install()
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(HardwareError, match="sudo"):
        lamp.install()
    assert lamp.install("--dry-run") == 0


def test_a_lamp_that_was_read_only_becomes_writable(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    lamp = make()
    lamp.install("--read-only")
    lamp.root.write("/proc/mounts", b"overlayroot / overlay rw 0 0\n")
    lamp.install("--writable")
    assert "overlayroot" not in lamp.text("/boot/firmware/cmdline.txt")
    lamp.root.write("/proc/mounts", b"/dev/mmcblk0p2 / ext4 rw 0 0\n")
    lamp.install("--writable")
    capsys.readouterr()
    lamp.install()
    assert "Everything is as it should be." in capsys.readouterr().out
    assert "overlayroot" not in lamp.text("/boot/firmware/cmdline.txt")


def test_a_long_strip_by_spi_gets_its_clock_and_its_buffer(make: Make) -> None:
    lamp = make()
    lamp.install("--pin", 10, "--strip-pixels", 400)
    config = lamp.text("/boot/firmware/config.txt")
    assert "dtparam=spi=on\n[pi3]\ncore_freq=250\n[pi4]\ncore_freq_min=500\n[all]\n" in config
    assert "ws2812-pio" not in config
    assert lamp.text("/boot/firmware/cmdline.txt").split()[-1] == "spidev.bufsiz=32768"


def test_only_for_a_strip_on_the_network_the_writer_gets_there_and_then_it_is_not_root(make: Make) -> None:
    lamp = make()
    drop_in = "/etc/systemd/system/lampyris-light.service.d/wled.conf"
    lamp.install("--network")
    assert not lamp.root.exists(drop_in)
    lamp.root.write(SETTINGS, lamp.text(SETTINGS).replace('# driver = "auto" ', 'driver = "wled"').encode())
    lamp.install()
    assert "User=lampyris" in lamp.text(drop_in)
    lamp.install("--no-network")
    assert not lamp.root.exists(drop_in)
