"""setup.sh flash, into files and onto a loop device that stands in for a card."""

import argparse
import io
import lzma
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.appliance import card, flash, image, writing
from hardware.appliance.__main__ import main
from hardware.appliance.fat import Fat, partitions
from hardware.appliance.first_boot import PAYLOAD, Owner
from hardware.appliance.image import inspect
from hardware.errors import HardwareError
from tests.hardware.appliance.images import BOOT_SECTOR, SIZE, make_image, make_wheelhouse, seed, tell_hash

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFireflyFireflyFireflyFireflyFireflyFire01 me@desk"
LOOP = os.geteuid() == 0 and shutil.which("losetup") and Path("/dev/loop-control").exists()
needs_loop = pytest.mark.skipif(not LOOP, reason="a loop device, which stands in for a card, needs root")


def options(*arguments: str | Path) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    flash.add(parser.add_subparsers())
    return parser.parse_args(["flash", *map(str, arguments)])


def into(folder: Path, picture: Path, *more: str | Path, system: str = "bookworm") -> Path:
    """Flash a picture into a file."""
    wheelhouse, out = folder / f"wheels-{system}", folder / "lamp.img"
    if not wheelhouse.exists():
        make_wheelhouse(wheelhouse, system)
    arguments = ("--image", picture, "--into", out, "--wheelhouse", wheelhouse, "--work", folder / "work", *more)
    assert flash.run(options(*arguments)) == 0
    return out


def bootfs(disk: Path) -> Fat:
    return Fat(disk, BOOT_SECTOR * 512)


@pytest.fixture(scope="module")
def bookworm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_image(tmp_path_factory.mktemp("image") / "bookworm.img")


@pytest.fixture(scope="module")
def trixie(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_image(tmp_path_factory.mktemp("image") / "trixie.img", "trixie")


def test_bookworm_gets_a_script_on_the_kernels_command_line(bookworm: Path, tmp_path: Path) -> None:
    password, key = tmp_path / "password", tmp_path / "id.pub"
    password.write_text("correct horse\n")
    key.write_text(KEY + "\n")
    before = bootfs(bookworm).read("cmdline.txt")
    more = ("--wifi", "Li'l $net", "--wifi-password-file", password, "--country", "DE", "--ssh-key", key)
    boot = bootfs(into(tmp_path, bookworm, "--name", "abend", *more, "--", "--strip-pixels", "30"))
    line = (boot.read("cmdline.txt") or b"").decode()
    assert before is not None
    assert line.startswith(before.decode().strip() + " systemd.run=/boot/firmware/lampyris/begin.sh ")
    assert line.count("\n") == 1
    begin = (boot.read("lampyris/begin.sh") or b"").decode()
    assert "imager_custom set_hostname abend" in begin
    assert "userconf lamp '!'" in begin
    assert f"enable_ssh -k '{KEY}'" in begin
    # The key of IEEE 802.11 for these two, by wpa_passphrase(8); the password itself is nowhere on the card.
    assert """set_wlan 'Li'"'"'l $net' """ in begin
    assert "correct horse" not in begin
    assert b"--strip-pixels 30" in (boot.read("lampyris/install.sh") or b"")
    assert "user-data" not in boot.names()


def test_trixie_gets_a_seed_for_cloud_init(trixie: Path, tmp_path: Path) -> None:
    password, key = tmp_path / "password", tmp_path / "id.pub"
    password.write_text("correct horse\n")
    key.write_text(KEY + "\n")
    more = ("--wifi", 'a "b": c', "--wifi-password-file", password, "--country", "DE", "--ssh-key", key)
    boot = bootfs(into(tmp_path, trixie, *more, system="trixie"))
    data = seed(boot.read("user-data") or b"")
    assert data["hostname"] == "lampyris"
    assert data["users"][0]["ssh_authorized_keys"] == [KEY]
    assert data["runcmd"] == [
        ["systemctl", "enable", "--now", "ssh"],
        ["/bin/sh", "/boot/firmware/lampyris/unpack.sh"],
    ]
    points = seed(boot.read("network-config") or b"")["network"]["wifis"]["wlan0"]["access-points"]
    assert list(points) == ['a "b": c']
    assert len(points['a "b": c']["password"]) == 64
    assert b"systemd.run" not in (boot.read("cmdline.txt") or b"")
    assert seed(boot.read("meta-data") or b"")["instance-id"].startswith("lampyris-")


def test_the_payload_is_the_project_and_the_wheelhouse_and_always_the_same(bookworm: Path, tmp_path: Path) -> None:
    first = bootfs(into(tmp_path, bookworm)).read(PAYLOAD)
    second = bootfs(into(tmp_path, bookworm)).read(PAYLOAD)
    assert first is not None
    assert first == second
    with tarfile.open(fileobj=io.BytesIO(first)) as tar:
        names = set(tar.getnames())
        assert {"project/setup.sh", "project/device/cli.py", "wheelhouse/manifest.json"} <= names
        assert not any("__pycache__" in name or name.startswith("project/tests") for name in names)
        assert {member.uid for member in tar.getmembers()} == {0}
        assert tar.getmember("project/setup.sh").mode & 0o100


def test_an_xz_is_unpacked_once_and_the_rest_of_the_image_stays_as_it_is(bookworm: Path, tmp_path: Path) -> None:
    packed = tmp_path / "os.img.xz"
    packed.write_bytes(lzma.compress(bookworm.read_bytes(), preset=0))
    tell_hash(packed)
    out = into(tmp_path, packed)
    root = partitions(bookworm)[1]
    with out.open("rb") as made, bookworm.open("rb") as given:
        made.seek(root.start)
        given.seek(root.start)
        assert made.read() == given.read()
    kept = sorted((tmp_path / "work").glob("*.img"))
    assert len(kept) == 1
    kept[0].write_bytes(b"half")  # as after a power loss: it isn't taken
    into(tmp_path, packed)
    assert kept[0].stat().st_size == SIZE


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ({"arch": "armhf"}, "is 32-bit"),
        ({"pi": False}, "isn't Raspberry Pi OS"),
        ({"first_boot": False}, "can't be prepared"),
        ({"system": "bullseye"}, "bullseye, which isn't known"),
    ],
)
def test_a_wrong_image_is_refused_before_anything_is_written(made: dict, said: str, tmp_path: Path) -> None:
    picture = make_image(tmp_path / "wrong.img", **made)
    with pytest.raises(HardwareError, match=said):
        into(tmp_path, picture)
    assert not (tmp_path / "lamp.img").exists()


def test_what_is_no_image_at_all_is_refused(tmp_path: Path) -> None:
    for name, content in (("zero.img", bytes(1 << 20)), ("song.img", b"fLaC" * 1000), ("empty.img", b"")):
        (tmp_path / name).write_bytes(content)
        tell_hash(tmp_path / name)
        with pytest.raises(HardwareError, match="isn't an image of Raspberry Pi OS"):
            into(tmp_path, tmp_path / name)


def test_a_cut_off_image_is_refused(bookworm: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.img"
    cut.write_bytes(bookworm.read_bytes()[:-4096])
    with pytest.raises(HardwareError, match="cut off"):
        inspect(cut)


@pytest.mark.parametrize("hash_file", [None, "", "0" * 64, "nonsense"])
def test_an_image_whose_hash_is_not_what_it_must_be_is_refused(hash_file: str | None, tmp_path: Path) -> None:
    picture = tmp_path / "os.img"
    picture.write_bytes(b"x")
    if hash_file is not None:
        picture.with_name("os.img.sha256").write_text(hash_file)
    with pytest.raises(HardwareError, match=r"--sha256|download it again"):
        into(tmp_path, picture)


def test_a_damaged_xz_leaves_nothing_behind(tmp_path: Path) -> None:
    packed = tmp_path / "os.img.xz"
    packed.write_bytes(lzma.compress(bytes(100_000))[:-20])
    tell_hash(packed)
    with pytest.raises(HardwareError, match="can't be unpacked"):
        into(tmp_path, packed)
    assert not list((tmp_path / "work").iterdir())


def test_a_wheelhouse_of_the_other_system_is_refused(bookworm: Path, tmp_path: Path) -> None:
    other = make_wheelhouse(tmp_path / "other", "trixie")
    with pytest.raises(HardwareError, match="wheelhouse --os bookworm"):
        into(tmp_path, bookworm, "--wheelhouse", other)


def test_a_wheelhouse_of_another_release_is_refused(bookworm: Path, tmp_path: Path) -> None:
    make_wheelhouse(tmp_path / "wheels-bookworm", wanted="0" * 64)
    with pytest.raises(HardwareError, match="another release"):
        into(tmp_path, bookworm)


def test_a_wheel_that_was_changed_is_refused(bookworm: Path, tmp_path: Path) -> None:
    wheels = make_wheelhouse(tmp_path / "wheels-bookworm")
    with next(wheels.glob("*.whl")).open("ab") as wheel:
        wheel.write(b"!")
    with pytest.raises(HardwareError, match="its hash differs"):
        into(tmp_path, bookworm)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--name", "Mein Lämpchen"), "--name takes"),
        (("--user", "root"), "--user takes"),
        (("--wifi", "net"), "--country DE"),
        (("--wifi", "n" * 33, "--country", "DE"), "1 to 32 bytes"),
        (("--wifi", "net", "--country", "DE"), "--wifi-password-file"),
        (("--wifi", "net", "--country", "DE", "--wifi-password-file", "short"), "8 to 63"),
        (("--ssh-key", "short"), "no public SSH key"),
        (("--ssh-key", "private"), "no public SSH key"),
        (("--ssh-key", "nowhere"), "can't be read"),
    ],
)
def test_bad_options_are_refused_in_a_sentence(
    arguments: tuple[str, ...], said: str, bookworm: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    (tmp_path / "short").write_text("short\n")
    (tmp_path / "private").write_text(f"-----BEGIN OPENSSH PRIVATE KEY-----\n{KEY}\n")
    with pytest.raises(HardwareError, match=said):
        into(tmp_path, bookworm, *arguments)
    assert not (tmp_path / "lamp.img").exists()


def test_no_space_left_is_told_and_leaves_nothing_half(bookworm: Path, tmp_path: Path) -> None:
    def full(source: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shutil, "copyfile", full)
        with pytest.raises(HardwareError, match="No space left on device"):
            into(tmp_path, bookworm)
    assert not (tmp_path / "lamp.img").exists()
    assert not (tmp_path / "lamp.img.part").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="a disk that is really full is a small one, which root mounts")
def test_a_disk_that_is_really_full_is_told_and_leaves_nothing_half(bookworm: Path, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(small)], check=False)
    if mounted.returncode != 0:
        pytest.skip("nothing can be mounted here")
    try:
        with pytest.raises(HardwareError, match="No space left on device"):
            into(tmp_path, bookworm, "--into", small / "lamp.img")
        assert not list(small.iterdir())
        packed = tmp_path / "os.img.xz"
        packed.write_bytes(lzma.compress(bookworm.read_bytes(), preset=0))
        tell_hash(packed)
        with pytest.raises(HardwareError, match="--work DIR"):
            into(tmp_path, packed, "--work", small / "work")
        assert not list((small / "work").iterdir())
    finally:
        subprocess.run(["umount", str(small)], check=True)


@pytest.mark.parametrize("system", ["bookworm", "trixie"])
def test_a_card_is_switched_on_last(
    system: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The power lost before each file: what is there boots as the image would, until all of it is there."""
    picture = request.getfixturevalue(system)
    disk, payload = tmp_path / "card.img", tmp_path / "payload.tar"
    payload.write_bytes(b"payload")
    switch = "user-data" if system == "trixie" else "cmdline.txt"
    stock, copy_in, left = bootfs(picture).read(switch), Fat.copy_in, 0

    def dying(self: Fat, source: Path, name: str) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise KeyboardInterrupt
        copy_in(self, source, name)

    monkeypatch.setattr(Fat, "copy_in", dying)
    files = 6 if system == "bookworm" else 7
    for count in range(files + 1):
        shutil.copyfile(picture, disk)
        left = count
        try:
            flash.prepare(disk, inspect(disk), payload, Owner("abend", "lamp"))
        except KeyboardInterrupt:
            assert bootfs(disk).read(switch) == stock
            assert count < files
    assert bootfs(disk).read(switch) != stock
    assert bootfs(disk).read(PAYLOAD) == b"payload"


def test_what_goes_wrong_is_one_sentence_and_exit_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nowhere = tmp_path / "nowhere.img"
    code = main(["flash", "--image", str(nowhere), "--sha256", "0" * 64, "--into", str(tmp_path / "lamp.img")])
    assert code == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_payload_that_does_not_fit_is_told_before_anything_is_written(bookworm: Path, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Fat, "free", lambda self: 1000)
        with pytest.raises(HardwareError, match="MB are needed"):
            into(tmp_path, bookworm)
    assert not (tmp_path / "lamp.img").exists()


def test_the_image_itself_is_not_overwritten(bookworm: Path, tmp_path: Path) -> None:
    with pytest.raises(HardwareError, match="the image itself"):
        into(tmp_path, bookworm, "--into", bookworm)


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[Path]:
    """A fake card: a loop device over a file of noise, a little larger than image and lamp."""
    backing = tmp_path / "card"
    with backing.open("wb") as file:
        file.write(os.urandom(1 << 20))
        file.truncate(SIZE + flash.ROOM + (8 << 20))
    made = subprocess.run(["losetup", "--find", "--show", str(backing)], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        pytest.skip(f"no loop device is to be had: {made.stderr.strip()}")
    device = Path(made.stdout.strip())
    yield device
    subprocess.run(["losetup", "--detach", str(device)], check=True)


def onto(folder: Path, picture: Path, device: Path, *more: str) -> int:
    wheelhouse = folder / "wheels"
    if not wheelhouse.exists():
        make_wheelhouse(wheelhouse)
    arguments = ("--image", picture, "--card", device, "--wheelhouse", wheelhouse, "--work", folder / "work", *more)
    return flash.run(options(*arguments))


@needs_loop
def test_a_card_is_written_compared_and_prepared(bookworm: Path, loop: Path, tmp_path: Path) -> None:
    assert onto(tmp_path, bookworm, loop, "--fixed", "--yes") == 0
    assert "lampyris/payload.tar" not in bootfs(bookworm).names("lampyris")
    assert b"systemd.run=" in (bootfs(loop).read("cmdline.txt") or b"")
    with loop.open("rb") as card_file, bookworm.open("rb") as given:
        assert card_file.read(BOOT_SECTOR * 512) == given.read(BOOT_SECTOR * 512)


@needs_loop
def test_a_card_that_lost_its_power_at_any_time_boots_nothing_and_recovers(
    bookworm: Path, loop: Path, tmp_path: Path
) -> None:
    """Killed (kill -9) at every write: until the last one of the image, there is no partition to boot from."""
    program = (
        "import os, sys; from pathlib import Path; from hardware.appliance import writing\n"
        "left = int(sys.argv[4]); put = writing._put\n"
        "def dying(out, block):\n"
        "    global left\n"
        "    left -= 1\n"
        "    if left < 0: out.write(block[:1000]); os.kill(os.getpid(), 9)\n"
        "    put(out, block)\n"
        "writing._put = dying\n"
        "writing.write_image(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), lambda line: None)\n"
    )
    writes = -(-SIZE // writing.BLOCK) + 1
    writing.write_image(bookworm, SIZE, loop, lambda line: None)
    for count in [0, 1, writes // 2, writes - 2, writes - 1]:
        command = [sys.executable, "-c", program, str(bookworm), str(SIZE), str(loop), str(count)]
        assert subprocess.run(command, check=False, cwd=Path(__file__).parents[3]).returncode == -9
        if 0 < count < writes - 1:
            with pytest.raises(HardwareError):
                partitions(loop)
    assert onto(tmp_path, bookworm, loop, "--fixed", "--yes") == 0
    assert b"systemd.run=" in (bootfs(loop).read("cmdline.txt") or b"")


@needs_loop
@pytest.mark.parametrize("place", [0, 5 << 20, SIZE - 1])
def test_a_card_that_does_not_hold_what_was_written_is_told(bookworm: Path, loop: Path, place: int) -> None:
    writing.write_image(bookworm, SIZE, loop, lambda line: None)
    writing.read_back(bookworm, SIZE, loop, lambda line: None)
    with loop.open("r+b") as card_file:
        card_file.seek(place)
        was = card_file.read(1)
        card_file.seek(place)
        card_file.write(bytes([was[0] ^ 1]))
    with pytest.raises(HardwareError, match=f"from {place // writing.BLOCK * 4} MiB on"):
        writing.read_back(bookworm, SIZE, loop, lambda line: None)


@needs_loop
def test_a_card_is_refused_that_is_fixed_too_small_or_in_use(bookworm: Path, loop: Path, tmp_path: Path) -> None:
    with pytest.raises(HardwareError, match="--fixed"):
        onto(tmp_path, bookworm, loop, "--yes")
    with pytest.raises(HardwareError, match="too small"):
        card.check_card(loop, 1 << 50, True)
    with pytest.raises(HardwareError, match="Nobody is there to agree"):
        onto(tmp_path, bookworm, loop, "--fixed")
    held = os.open(loop, os.O_RDONLY | os.O_EXCL)
    try:
        with pytest.raises(HardwareError, match="in use"):
            onto(tmp_path, bookworm, loop, "--fixed", "--yes")
    finally:
        os.close(held)


def test_the_disk_of_this_system_is_refused_whatever_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = subprocess.run(
        ["findmnt", "-no", "SOURCE", "/"], capture_output=True, text=True, check=False
    ).stdout.strip()
    if not found.startswith("/dev/") or not Path(found).is_block_device():
        pytest.skip(f"the root of this machine is {found or 'nothing'}, no device of its own")
    with pytest.raises(HardwareError, match=r"disk of this very system|part of a disk"):
        card.check_card(Path(found), 1, True)


@pytest.mark.parametrize(
    ("device", "said"),
    [
        ({"type": "part"}, "part of a disk"),
        ({"mountpoints": ["/media/me/card"]}, "sudo umount /media/me/card"),
        ({"children": [{"mountpoints": [None, "/media/me/bootfs"]}]}, "is mounted at /media/me/bootfs"),
        ({"children": [{"children": [{"mountpoints": ["/"]}]}]}, "disk of this very system"),
        ({"children": [{"mountpoints": ["[SWAP]"]}]}, "disk of this very system"),
        ({"ro": True}, "read-only"),
        ({"rm": False}, "--fixed"),
        ({"size": 1000}, "too small"),
    ],
)
def test_cards_are_refused_by_what_lsblk_says(device: dict, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"type": "disk", "size": 8 << 30, "ro": False, "rm": True, "hotplug": False, "tran": None, "model": "x"}
    told |= {"mountpoints": [None]} | device
    monkeypatch.setattr(card, "_lsblk", lambda path: told)
    monkeypatch.setattr(card, "_check_alone", lambda path: None)
    monkeypatch.setattr(card.stat, "S_ISBLK", lambda mode: True)
    with pytest.raises(HardwareError, match=said):
        card.check_card(Path("/dev/null"), 4 << 30, False)


@pytest.mark.parametrize(("typed", "goes_on"), [("sdx", True), ("/dev/sdx", True), ("y", False), ("", False)])
def test_the_devices_name_has_to_be_typed(typed: str, goes_on: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO(typed + "\n")
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr(sys, "stdin", terminal)
    chosen = card.Card(Path("/dev/sdx"), 8 << 30, "a card")
    if goes_on:
        card.confirm(chosen)
    else:
        with pytest.raises(HardwareError, match="left as it is"):
            card.confirm(chosen)


def test_tools_that_are_missing_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image.shutil, "which", lambda name: None)
    with pytest.raises(HardwareError, match="apt install e2fsprogs fdisk mtools util-linux"):
        image.check_tools()
