"""`setup.sh flash`: a card, or an image file, whose first boot ends in a lamp."""

import argparse
import re
import shutil
import tempfile
from pathlib import Path

from hardware.appliance.card import check_card, confirm
from hardware.appliance.checks import check_wheelhouse
from hardware.appliance.fat import Fat
from hardware.appliance.first_boot import PAYLOAD, Owner, bookworm_files, common_files, trixie_files
from hardware.appliance.image import Image, check_hash, check_tools, inspect, unpack
from hardware.appliance.manifest import read_manifest, sha256
from hardware.appliance.payload import write_payload
from hardware.appliance.wheelhouse import PROJECT, default_wheelhouse
from hardware.appliance.wifi import ask_password, wifi
from hardware.appliance.writing import read_back, write_image
from hardware.errors import HardwareError
from hardware.words import printable

WORK = PROJECT / "build" / "flash"
ROOM = 1 << 30
"""Bytes that the lamp needs beyond the image."""
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_USER = re.compile(r"[a-z][a-z0-9-]{0,30}")
_KEY = re.compile(r"(ssh-(ed25519|rsa)|ecdsa-sha2-nistp\d+|sk-\S+@openssh\.com) [A-Za-z0-9+/=]+( [^\n\r]*)?")


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The options of the command."""
    parser = commands.add_parser(
        "flash",
        help="make a card whose first boot ends in a lamp",
        description="Writes Raspberry Pi OS Lite (64-bit) to a card, reads it back, and puts on it what makes the "
        "first boot end in a lamp, without a network. Further options after -- go to 'setup.sh install' on the lamp.",
    )
    parser.add_argument(
        "--image", type=Path, required=True, metavar="IMG[.xz]", help="of Raspberry Pi OS Lite (64-bit)"
    )
    target = parser.add_mutually_exclusive_group(required=True)
    target.add_argument("--card", type=Path, metavar="/dev/sdX", help="the card; everything on it is lost")
    target.add_argument("--into", type=Path, metavar="FILE.img", help="prepare an image file instead")
    parser.add_argument("--sha256", metavar="HEX", help="what the image's hash must be (default: from IMG.sha256)")
    parser.add_argument("--name", default="lampyris", help="of the lamp on the network (%(default)s)")
    parser.add_argument("--user", default="lamp", help="who may log in with --ssh-key (%(default)s)")
    parser.add_argument("--ssh-key", type=Path, metavar="FILE", help="public key; without one nobody can log in")
    parser.add_argument("--wifi", metavar="SSID", help="network to join; its password is asked for")
    parser.add_argument("--wifi-password-file", type=Path, metavar="FILE", help="take the password from its first line")
    parser.add_argument("--country", metavar="CC", help="whose rules the Wi-Fi follows, as DE")
    parser.add_argument("--wheelhouse", type=Path, metavar="DIR", help="from 'setup.sh wheelhouse' (default: its own)")
    parser.add_argument("--fixed", action="store_true", help="the card is in a reader that calls itself a fixed disk")
    parser.add_argument("--yes", action="store_true", help="do not ask for the device's name")
    parser.add_argument("--work", type=Path, default=WORK, metavar="DIR", help="for what is unpacked (%(default)s)")
    parser.add_argument("install", nargs="*", metavar="-- OPTION", help="as: -- --strip-pixels 30 --button 3")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Check all, then write, compare and prepare. Raises HardwareError."""
    check_tools()
    owner = _owner(options)
    digest = check_hash(options.image, options.sha256)
    image = inspect(unpack(options.image, digest, options.work, print))
    wheelhouse = options.wheelhouse or default_wheelhouse(image.system.name)
    check_wheelhouse(wheelhouse, read_manifest(wheelhouse), image.system, PROJECT)
    with tempfile.TemporaryDirectory() as folder:
        payload = Path(folder, "payload.tar")
        write_payload(PROJECT, wheelhouse, payload)
        _check_room(image, payload)
        if options.card is None:
            _into(options.into, image, payload, owner)
        else:
            card = check_card(options.card, image.size + ROOM, options.fixed)
            if not options.yes:
                confirm(card)
            write_image(image.path, image.size, card.path, print)
            read_back(image.path, image.size, card.path, print)
            prepare(card.path, image, payload, owner)
    print(f"{options.card or options.into} is ready: {image.system.name}, {owner.name}. {_login(owner)}")
    return 0


def prepare(disk: Path, image: Image, payload: Path, owner: Owner) -> None:
    """Put on the boot partition what makes a lamp; what switches it on comes last. Raises HardwareError."""
    fat = Fat(disk, image.boot.start)
    cmdline = fat.read("cmdline.txt")
    if cmdline is None:
        raise HardwareError(f"{disk} has lost its cmdline.txt; flash it again.")
    fat.copy_in(payload, PAYLOAD)
    prepared = trixie_files if image.cloud else bookworm_files
    own = prepared(owner, cmdline.decode(errors="replace"))
    for name, content in (common_files(sha256(payload), owner) | own).items():
        fat.write(name, content)
        if fat.read(name) != content:
            raise HardwareError(f"{disk} does not hold {name} as it was written; take another card.")
    fat.sync()


def _into(out: Path, image: Image, payload: Path, owner: Owner) -> None:
    """The same for an image file, made beside and then renamed."""
    if out.exists() and not out.is_file():
        raise HardwareError(f"{out} is no file; name a card with --card {out}.")
    if out.exists() and out.samefile(image.path):
        raise HardwareError(f"{out} is the image itself; give the result another name with --into.")
    part = out.with_name(f"{out.name}.part")
    try:
        shutil.copyfile(image.path, part)
        prepare(part, image, payload, owner)
        part.rename(out)
    except OSError as error:
        raise HardwareError(f"{out} can't be written ({error.strerror}); make room or choose another place.") from error
    finally:
        part.unlink(missing_ok=True)


def _check_room(image: Image, payload: Path) -> None:
    free, needed = Fat(image.path, image.boot.start).free(), payload.stat().st_size
    if free < needed + (1 << 20):
        raise HardwareError(
            f"The image's boot partition has {free / 1e6:.0f} MB free, and {needed / 1e6:.0f} MB are needed; take a "
            "newer image of Raspberry Pi OS Lite (64-bit)."
        )


def _owner(options: argparse.Namespace) -> Owner:
    if not _NAME.fullmatch(options.name):
        raise HardwareError(
            f"{printable(options.name)!r} can't be the name of a machine; --name takes small letters, digits and -."
        )
    if not _USER.fullmatch(options.user) or options.user == "root":
        raise HardwareError(f"{printable(options.user)!r} can't be a user; --user takes small letters, digits and -.")
    network = None
    if options.wifi is not None:
        wifi(options.wifi, "", options.country)  # what is wrong with these is told before the password is asked for
        network = wifi(options.wifi, ask_password(options.wifi, options.wifi_password_file), options.country)
    return Owner(options.name, options.user, _keys(options.ssh_key), network, tuple(options.install))


def _keys(path: Path | None) -> tuple[str, ...]:
    if path is None:
        return ()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise HardwareError(f"The key {path} can't be read ({error}); see --ssh-key.") from error
    keys = tuple(line.strip() for line in text.splitlines() if line.strip())
    if "PRIVATE KEY" in text or not keys or not all(_KEY.fullmatch(key) for key in keys):
        raise HardwareError(f"{path} is no public SSH key; give the file that ends in .pub, see --ssh-key.")
    return keys


def _login(owner: Owner) -> str:
    if not owner.keys:
        return "Nobody can log in (no --ssh-key was given)."
    return f"After its first minutes: ssh {owner.user}@{owner.name}.local"
