"""The appliance under a real systemd: sudo PYTHONPATH=. python -m tests.appliance.under_systemd WHEELHOUSE

Installs it in a container over this machine's own Debian 12 (tests/appliance/box.py), with its sandbox and watchdogs in
force, and breaks it in all the ways that docs/install.md promises it to survive. Without a strip and a microphone.
WHEELHOUSE: a folder of wheels for this machine; it is filled by pip, with a network, if it is not there.
"""

import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from hardware.appliance.manifest import Entry, Manifest, sha256, write_manifest
from hardware.appliance.place import COMMAND, CURRENT, LIGHT, LISTENER, SETTINGS, STORE
from hardware.appliance.requirements import fingerprint, requirements
from tests.appliance.box import CMDLINE, CONFIG, Box

PROJECT = Path(__file__).parents[2]
TINY = PROJECT / "tests" / "golden" / "tiny_bundle"


def make_wheelhouse(folder: Path) -> None:
    """As `setup.sh wheelhouse` does, but for this machine."""
    if not folder.exists():
        wheel = ("-m", "pip", "wheel", "--quiet", "--wheel-dir", str(folder), "-c", str(PROJECT / "constraints.txt"))
        subprocess.run(
            [sys.executable, *wheel, *requirements(PROJECT)], check=True, env={"PYPI": "1", "PATH": "/usr/bin:/bin"}
        )
    wheels = sorted(folder.glob("*.whl"))
    entries = tuple(Entry(path.name, sha256(path), path.stat().st_size, "", "downloaded") for path in wheels)
    write_manifest(folder, Manifest("bookworm", "3.11", fingerprint(PROJECT), entries))


def check(box: Box, wheelhouse: Path) -> Iterator[str]:
    """Go through all of it; says what was shown. Raises AssertionError."""
    setup = (f"{PROJECT}/setup.sh", "install", "--any-board", "--yes", "--wheelhouse", str(wheelhouse))
    before = {name: state(box, name) for name in ("etc", "usr/local/bin", "boot")}
    box.boot()
    said = box.ask(*setup, "--strip-pixels", "30")
    assert "sudo reboot" in said, said
    assert "Everything is as it should be." in box.ask(*setup)
    yield "installed; a second time changes nothing"

    box.switch_off()
    box.boot()
    # Here is no pin for a strip, so the writer can't but fail.
    box.wait(lambda: "Safe mode after" in box.journal(LIGHT), "the writer fails again and again")
    assert box.ask("systemctl", "is-active", LISTENER).strip() == "active"
    assert "No light: the writer can't be reached" in box.journal(LISTENER)
    yield "the writer crashes in a loop: the lamp goes on, both say so"

    settings = box.root / SETTINGS.lstrip("/")
    settings.write_text(settings.read_text().replace('# driver = "auto"', 'driver = "null"'))
    box.ask("systemctl", "restart", LIGHT)
    active = ("systemctl", "is-active", LIGHT, LISTENER)
    box.wait(lambda: box.ask(*active).split() == ["active", "active"], "both run")
    box.wait(lambda: "sends light" in box.journal(LIGHT), "light comes to the writer")
    assert "Until it is there the lamp glows faintly." in box.journal(LISTENER)
    for unit, uid, capabilities in ((LIGHT, "0", 1 << 17), (LISTENER, None, 0)):
        status = box.ask("cat", f"/proc/{box.main_pid(unit)}/status")
        assert f"CapEff:\t{capabilities:016x}" in status
        assert "Seccomp:\t2" in status
        assert (f"Uid:\t{uid}\t" in status) == (uid == "0")
    secret = box.root / "srv" / "of-audio"
    secret.write_text("heard")
    box.ask("chown", "root:audio", "/srv/of-audio")
    box.ask("chmod", "640", "/srv/of-audio")
    like = ("--property=User=lampyris", "--property=PrivateUsers=yes", "--property=SupplementaryGroups=audio")
    other = ("--property=User=nobody", "--property=PrivateUsers=yes")
    assert box.ask("systemd-run", "--quiet", "--pipe", "--wait", *like, "cat", "/srv/of-audio") == "heard"
    assert "heard" not in box.ask("systemd-run", "--quiet", "--pipe", "--wait", *other, "cat", "/srv/of-audio")
    yield "both start with the machine, in their sandboxes, without a microphone"

    good = settings.read_text()
    settings.write_text(good + "[strip\n")
    box.ask("systemctl", "restart", LIGHT, LISTENER)
    for unit in (LIGHT, LISTENER):
        box.wait(lambda unit=unit: "Until then the last good settings count" in box.journal(unit), f"{unit} says so")
    box.wait(lambda: box.ask(*active).split() == ["active", "active"], "both run")
    settings.write_text(good)
    yield "settings broken by hand: both go on with the last good ones, and say so"

    for unit in (LIGHT, LISTENER):
        old = box.main_pid(unit)
        box.ask("kill", "-STOP", old)
        box.wait(lambda unit=unit, old=old: box.main_pid(unit) not in (old, "0"), f"{unit} is started again", 60)
        box.wait(lambda unit=unit: box.ask("systemctl", "is-active", unit).strip() == "active", f"{unit} runs")
    yield "one that hangs is started again by the watchdog"

    box.ask("systemctl", "restart", LISTENER)
    for _ in range(5):
        box.wait(lambda: box.ask("systemctl", "is-active", LISTENER).strip() == "active", "it is started again")
        old = box.main_pid(LISTENER)
        box.ask("kill", "-KILL", old)
        box.wait(lambda old=old: box.main_pid(LISTENER) != old, "it is gone")
    box.wait(lambda: "Safe mode after" in box.ask("systemctl", "status", "--no-pager", LISTENER), "safe mode")
    box.wait(lambda: box.ask("systemctl", "is-active", LISTENER).strip() == "active", "it glows")
    box.ask("systemctl", "restart", LISTENER)
    assert "Safe mode" not in box.ask("systemctl", "status", "--no-pager", "--lines=0", LISTENER)
    yield "five crashes in two minutes: safe mode, which says why; an orderly restart ends it"

    mine = box.root / "srv" / "mine"
    subprocess.run(["cp", "-r", str(TINY), str(mine)], check=True)
    said = box.ask(COMMAND, "bundle", "install", "/srv/mine")
    box.ask("systemctl", "restart", LISTENER)
    current = box.root / STORE.lstrip("/") / "current"
    box.wait(lambda: box.ask("systemctl", "is-active", LISTENER).strip() == "active", "it runs with it")
    box.wait(lambda: not list(current.parent.glob("*.trial")), f"its trial is passed ({said})")
    assert current.is_symlink(), said
    yield "a network installed by root is the lamp's own, and passes its trial"

    one = (box.root / CURRENT.lstrip("/")).readlink()
    newer = box.root / "srv" / "newer"
    subprocess.run(["cp", "-r", f"{box.root}{CURRENT}/source", str(newer)], check=True)
    (newer / "docs" / "news.md").write_text("new\n")
    said = box.ask("/srv/newer/setup.sh", *setup[1:])
    two = (box.root / CURRENT.lstrip("/")).readlink()
    assert one != two, said
    box.ask(*setup, "--rollback")
    assert (box.root / CURRENT.lstrip("/")).readlink() == one
    box.wait(lambda: box.ask(*active).split() == ["active", "active"], "both run")
    yield "an update, and back"

    said = box.ask(*setup, "--uninstall")
    assert box.ask(*active).split() == ["inactive", "inactive"], said
    box.switch_off()
    for name, was in before.items():
        now = state(box, name)
        changed = {path for path in {*was, *now} if was.get(path) != now.get(path)}
        # Of the system itself: what useradd keeps a copy of, and a first start writes.
        changed -= {f"etc/{kept}" for kept in ("passwd-", "group-", "shadow-", "gshadow-", "machine-id", ".pwd.lock")}
        changed -= {"etc/systemd/system/multi-user.target.wants"}  # systemctl removes it once nothing else is in it
        changed = {path for path in changed if not path.startswith(("var/lib/systemd", "etc/subuid", "etc/subgid"))}
        assert not changed, sorted(changed)[:20]
    assert (box.root / "boot/firmware/config.txt").read_bytes() == CONFIG
    assert (box.root / "boot/firmware/cmdline.txt").read_bytes() == CMDLINE
    for name in ("opt/lampyris", "var/lib/lampyris"):
        assert not (box.root / name).exists()
    yield "taken back: every file of /etc, /usr/local/bin and /boot as it was, nothing left in /opt and /var/lib"


def state(box: Box, name: str) -> dict[str, str]:
    """Every file and link below a folder."""
    found = {}
    for path in (box.root / name).rglob("*"):
        key = path.relative_to(box.root).as_posix()
        if path.is_symlink():
            found[key] = str(path.readlink())
        elif path.is_file():
            found[key] = hashlib.sha256(path.read_bytes()).hexdigest()
        else:
            found[key] = "folder"
    return found


def main() -> int:
    wheelhouse = Path(sys.argv[1]).resolve()
    make_wheelhouse(wheelhouse)
    with tempfile.TemporaryDirectory(prefix="lampyris-box-") as folder, Box(Path(folder), PROJECT, wheelhouse) as box:
        for shown in check(box, wheelhouse):
            print(f"ok: {shown}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
