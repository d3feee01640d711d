"""What a card does at its first boots: its scripts, run in a pretended system, with the power lost at each step."""

import hashlib
import io
import shutil
import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from hardware.appliance.first_boot import (
    FOLDER,
    PLACE,
    SERVICE,
    TRIES,
    Owner,
    bookworm_files,
    common_files,
    trixie_files,
)
from hardware.appliance.wifi import wifi
from tests.hardware.appliance.images import CMDLINE, seed
from tests.hardware.appliance.pretend_pi import PretendPi

OWNER = Owner(
    "abend", "lamp", ("ssh-ed25519 AAAA me@desk",), wifi("Li'l $net", "password", "DE"), ("--strip-pixels", "30")
)
SETUP = '#!/bin/sh\nprintf "%s|" setup "$@" >>/calls\necho >>/calls\necho installed\n'
BEGIN, UNPACK, INSTALL = (f"/boot/firmware/{FOLDER}/{name}.sh" for name in ("begin", "unpack", "install"))
WANTS = f"/etc/systemd/system/multi-user.target.wants/{SERVICE}"


def payload(setup: str = SETUP) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, text in (("project/setup.sh", setup), ("wheelhouse/manifest.json", "{}")):
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(text), 0o755
            tar.addfile(info, io.BytesIO(text.encode()))
    return out.getvalue()


def bookworm(folder: Path, setup: str = SETUP) -> PretendPi:
    """A card of Bookworm in its first boot."""
    folder.mkdir(exist_ok=True)
    pi, data = PretendPi(folder), payload(setup)
    files = common_files(hashlib.sha256(data).hexdigest(), OWNER) | bookworm_files(OWNER, CMDLINE["bookworm"])
    for name, content in {**files, f"{FOLDER}/payload.tar": data}.items():
        pi.path(f"/boot/firmware/{name}").write_bytes(content)
    return pi


def cmdline(pi: PretendPi) -> str:
    return pi.path("/boot/firmware/cmdline.txt").read_text()


def test_bookworms_first_boot_says_who_the_lamp_is_and_leaves_the_rest_to_a_service(tmp_path: Path) -> None:
    pi = bookworm(tmp_path)
    assert pi.run(BEGIN)[0] == 0
    assert pi.calls() == [
        ["imager_custom", "set_hostname", "abend"],
        ["userconf", "lamp", "!"],
        ["imager_custom", "enable_ssh", "-k", "ssh-ed25519 AAAA me@desk"],
        ["imager_custom", "set_wlan_country", "DE"],
        ["imager_custom", "set_wlan", "Li'l $net", OWNER.wifi.key if OWNER.wifi else ""],
    ]
    assert cmdline(pi) == CMDLINE["bookworm"]
    assert not pi.path(BEGIN).exists()  # with the key of the network
    assert pi.path(WANTS).is_symlink()
    pi.path("/calls").unlink()
    assert pi.run(f"{PLACE}/install.sh")[0] == 0
    where = ["--wheelhouse", f"{PLACE}/wheelhouse"]
    assert pi.calls()[0] == ["setup", "install", *where, "--yes", "--strip-pixels", "30"]
    assert pi.calls()[1][-1] == "reboot"
    assert not pi.path(PLACE).exists()
    assert not pi.path(WANTS).exists()
    assert not pi.path(f"/boot/firmware/{FOLDER}/payload.tar").exists()
    assert pi.path(f"/boot/firmware/{FOLDER}/install.log").read_text() == "installed\n"


def finish(pi: PretendPi) -> None:
    """Boot as the card says until nothing is to be done any more."""
    for _ in range(TRIES + 2):
        if "systemd.run=" in cmdline(pi):
            pi.run(BEGIN)
        elif pi.path(f"{PLACE}/install.sh").exists() and pi.path(WANTS).is_symlink():
            pi.run(f"{PLACE}/install.sh")
        else:
            break
    assert cmdline(pi) == CMDLINE["bookworm"]
    assert ["setup", "install"] in [call[:2] for call in pi.calls()]
    assert pi.calls()[-1][-1] == "reboot" or not pi.path(f"{PLACE}/install.sh").exists()
    assert not pi.path(f"{PLACE}/install.sh").exists()
    assert not pi.path(f"{PLACE}.part").exists()
    assert not pi.path(BEGIN).exists()


def test_the_power_may_be_lost_at_every_step_of_the_first_boot(tmp_path: Path) -> None:
    steps = bookworm(tmp_path / "whole").run(BEGIN)[1]
    assert steps > 15
    for step in range(1, steps + 1):
        pi = bookworm(tmp_path / "one")
        pi.run(BEGIN, power=step)
        finish(pi)
        shutil.rmtree(tmp_path / "one")


def test_the_power_may_be_lost_at_every_step_of_the_installation(tmp_path: Path) -> None:
    whole = bookworm(tmp_path / "whole")
    whole.run(BEGIN)
    steps = whole.run(f"{PLACE}/install.sh")[1]
    assert steps > 5
    for step in range(1, steps + 1):
        pi = bookworm(tmp_path / "one")
        pi.run(BEGIN)
        pi.run(f"{PLACE}/install.sh", power=step)
        finish(pi)
        shutil.rmtree(tmp_path / "one")


def test_an_installation_that_fails_is_tried_at_the_next_boot_and_says_why(tmp_path: Path) -> None:
    pi = bookworm(tmp_path, "#!/bin/sh\n[ -e /better ] || { echo 'no space left'; exit 2; }\n" + SETUP)
    pi.run(BEGIN)
    assert pi.run(f"{PLACE}/install.sh")[0] == 2
    assert pi.path(f"/boot/firmware/{FOLDER}/install.log").read_text() == "no space left\n"
    assert pi.path(WANTS).is_symlink()
    pi.path("/better").touch()
    finish(pi)


def test_a_damaged_payload_ends_in_a_system_that_boots_and_says_why(tmp_path: Path) -> None:
    pi = bookworm(tmp_path)
    pi.path(f"/boot/firmware/{FOLDER}/payload.tar").write_bytes(payload() + b"!")
    assert [pi.run(BEGIN)[0] for _ in range(TRIES + 1)] == [1] * TRIES + [0]
    assert cmdline(pi) == CMDLINE["bookworm"]
    log = pi.path(f"/boot/firmware/{FOLDER}/first-boot.log").read_text()
    assert "payload.tar is damaged; flash the card again" in log
    assert f"given up after {TRIES} tries" in log
    assert not pi.path(PLACE).exists()


def test_a_name_that_the_system_refuses_does_not_stop_the_lamp(tmp_path: Path) -> None:
    pi = bookworm(tmp_path)
    pi.program("/usr/lib/raspberrypi-sys-mods/imager_custom", "#!/bin/sh\nexit 1\n")
    assert pi.run(BEGIN)[0] == 0
    assert "failed (1)" in pi.path(f"/boot/firmware/{FOLDER}/first-boot.log").read_text()
    finish(pi)


def test_trixies_cloud_init_runs_the_same(tmp_path: Path) -> None:
    pi = bookworm(tmp_path)
    pi.path("/boot/firmware/cmdline.txt").write_text(CMDLINE["bookworm"])
    run = seed(trixie_files(OWNER, CMDLINE["trixie"])["user-data"])["runcmd"][-1]
    assert pi.run(" ".join(run[1:]))[0] == 0
    assert pi.run(" ".join(run[1:]))[0] == 0  # a second time does nothing
    pi.path(BEGIN).unlink()
    finish(pi)


@pytest.mark.parametrize("name", ["begin", "unpack", "install"])
def test_shellcheck_finds_nothing_in_the_scripts(name: str, tmp_path: Path) -> None:
    owner = replace(OWNER, wifi=wifi("net", "password", "DE"))  # a $ in single quotes would be pointed at
    files = common_files("0" * 64, owner) | bookworm_files(owner, CMDLINE["bookworm"])
    script = tmp_path / f"{name}.sh"
    script.write_bytes(files[f"{FOLDER}/{name}.sh"])
    checker = shutil.which("shellcheck") or str(Path(sys.executable).with_name("shellcheck"))
    done = subprocess.run([checker, str(script)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_another_owner_is_another_instance_so_that_cloud_init_begins_anew() -> None:
    first, again, other = (
        trixie_files(owner, CMDLINE["trixie"])["meta-data"] for owner in (OWNER, OWNER, Owner("b", "lamp"))
    )
    assert first == again != other


def test_trixies_radio_is_told_its_country_once() -> None:
    once = trixie_files(OWNER, CMDLINE["trixie"])["cmdline.txt"]
    assert once == CMDLINE["trixie"].encode().rstrip() + b" cfg80211.ieee80211_regdom=DE\n"
    assert trixie_files(OWNER, once.decode())["cmdline.txt"] == once
    assert "cmdline.txt" not in trixie_files(Owner("a", "b"), CMDLINE["trixie"])


@pytest.mark.parametrize("owner", [OWNER, Owner("a", "b")])
def test_preparing_a_card_twice_switches_it_once(owner: Owner) -> None:
    once = bookworm_files(owner, CMDLINE["bookworm"])["cmdline.txt"]
    assert bookworm_files(owner, once.decode())["cmdline.txt"] == once
    assert once.count(b"systemd.run=") == 1
