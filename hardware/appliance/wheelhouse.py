"""`setup.sh wheelhouse`: all that a Raspberry Pi has to install, in a folder, so that it needs no network."""

import argparse
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from hardware.appliance.debs import deb_copyright, gather_debs
from hardware.appliance.emulate import Chroot, check_machine, copy_root, make_root, remove_root
from hardware.appliance.licenses import UNKNOWN, wheel_license, wheel_texts
from hardware.appliance.manifest import NAME, Entry, Manifest, check_files, read_manifest, sha256, write_manifest
from hardware.appliance.requirements import fingerprint
from hardware.appliance.systems import SYSTEMS, System
from hardware.appliance.trial import prove
from hardware.appliance.wheels import built_here, gather, prepare
from hardware.errors import HardwareError

PROJECT = Path(__file__).parents[2]
WORK = PROJECT / "build" / "appliance"
"""Where roots and downloads are kept, for the next time."""
ROOM = 3 << 30
"""Bytes that two roots, their packages and the wheels take, rounded up."""


def default_wheelhouse(system: str) -> Path:
    """Where the wheelhouse for a system is, unless told otherwise."""
    return PROJECT / "build" / "wheelhouse" / system


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The options of the command."""
    parser = commands.add_parser(
        "wheelhouse",
        help="gather all that a Raspberry Pi has to install",
        description="Gathers the wheels for a 64-bit Raspberry Pi OS: downloads what is offered, compiles the rest in "
        "an emulated root, installs all of it in a fresh root without network, and lists it with hashes and licenses.",
    )
    parser.add_argument("--os", choices=sorted(SYSTEMS), default="bookworm", help="for which system (%(default)s)")
    parser.add_argument("--out", metavar="DIR", type=Path, help="where it goes (build/wheelhouse/NAME)")
    parser.add_argument("--work", metavar="DIR", type=Path, default=WORK, help="for roots and downloads (%(default)s)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Build the wheelhouse, or say that it is up to date. Raises HardwareError."""
    system = SYSTEMS[options.os]
    out = options.out or default_wheelhouse(system.name)
    wanted = fingerprint(PROJECT)
    if (out / NAME).exists() and read_manifest(out).wanted == wanted:
        check_files(out, read_manifest(out))
        print(f"{out} is up to date.")
        return 0
    check_machine(system)
    _check_room(options.work)
    build_wheelhouse(system, out, options.work, print)
    return 0


def build_wheelhouse(system: System, out: Path, work: Path, say: Callable[[str], None]) -> None:
    """Build, prove and only then put it in its place; what was there goes. Raises HardwareError."""
    clean, build = work / f"root-{system.name}", work / f"build-{system.name}"
    cache, packages = work / "cache", work / f"debs-{system.name}"
    part = out.with_name(f"{out.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    for kept in (cache, packages):
        kept.mkdir(parents=True, exist_ok=True)
    say(f"1/5 a root of {system.name} for 64-bit Arm …")
    make_root(system, clean, packages)
    copy_root(clean, build)
    say("2/5 compilers in a copy of it …")
    binds = {"/cache": cache, "/debs": packages}
    builder = Chroot(build, binds, network=True)
    prepare(builder, system)
    say("3/5 wheels …")
    wheels = gather(builder, PROJECT, part)
    with _fresh(work, clean, "debs") as root:
        fresh = Chroot(root, network=True)
        debs = gather_debs(fresh, system, part / "debs")
        say(f"4/5 {len(wheels)} wheels and {len(debs)} packages; their licenses …")
        files = tuple(_entries(part, wheels, debs, fresh))
    with _fresh(work, clean, "proof") as root:
        say("5/5 the proof: all of it installed without network in a fresh root, and the model run …")
        installed = prove(Chroot(root, {"/wheelhouse": part, "/project": PROJECT}), part, PROJECT)
    (part / "installed.txt").write_text(installed, encoding="utf-8")
    write_manifest(part, Manifest(system.name, system.python, fingerprint(PROJECT), files))
    check_files(part, read_manifest(part))
    _exchange(part, out)
    size = sum(entry.size for entry in files)
    say(f"{out}: {len(wheels)} wheels, {len(debs)} packages, {size / 1e6:.1f} MB.")


def _entries(part: Path, wheels: list[Path], debs: list[Path], fresh: Chroot) -> Iterator[Entry]:
    licenses = part / "licenses"
    licenses.mkdir()
    for wheel in wheels:
        for name, text in wheel_texts(wheel):
            (licenses / f"{wheel.name.split('-')[0]}-{name}").write_bytes(text)
        origin = "built" if built_here(wheel) else "downloaded"
        yield Entry(wheel.name, sha256(wheel), wheel.stat().st_size, wheel_license(wheel), origin)
    for deb in debs:
        text = deb_copyright(fresh, deb)
        name = f"{deb.name.split('_')[0]}-copyright"
        (licenses / name).write_bytes(text)
        license_name = f"see licenses/{name}" if text else UNKNOWN
        yield Entry(f"debs/{deb.name}", sha256(deb), deb.stat().st_size, license_name, "debian")


@contextmanager
def _fresh(work: Path, clean: Path, name: str) -> Iterator[Path]:
    """A copy of the clean root, for once."""
    root = work / f"{clean.name}-{name}"
    remove_root(root)
    copy_root(clean, root)
    try:
        yield root
    finally:
        remove_root(root)


def _exchange(part: Path, out: Path) -> None:
    old = out.with_name(f"{out.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if out.exists():
        out.rename(old)
    part.rename(out)
    shutil.rmtree(old, ignore_errors=True)


def _check_room(work: Path) -> None:
    place = next(path for path in (work, *work.parents) if path.exists())
    free = shutil.disk_usage(place).free
    if free < ROOM and not work.exists():
        raise HardwareError(
            f"{place} has {free / 1e9:.1f} GB free, and {ROOM / 1e9:.1f} GB are needed; choose another with --work DIR."
        )
